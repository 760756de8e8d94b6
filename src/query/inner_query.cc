#include "query/inner_query.h"

#include <set>
#include <string_view>
#include <vector>

#include "graphql/print.h"

namespace eider::query {
namespace {

// The variables and fragments that selections use, also through fragments.
class References {
 public:
  explicit References(const graphql::Document& document) : document_(document) {}

  void Collect(graphql::SelectionSet selections) {
    for (const graphql::Selection& selection : selections) {
      switch (selection.kind) {
        case graphql::SelectionKind::kField:
          Collect(selection.field->arguments);
          Collect(selection.field->directives);
          Collect(selection.field->selections);
          break;
        case graphql::SelectionKind::kInlineFragment:
          Collect(selection.inline_fragment->directives);
          Collect(selection.inline_fragment->selections);
          break;
        case graphql::SelectionKind::kFragmentSpread:
          Collect(selection.spread->directives);
          CollectFragment(selection.spread->name);
          break;
      }
    }
  }

  bool HasVariable(std::string_view name) const { return variables_.contains(name); }
  const std::vector<const graphql::FragmentDefinition*>& fragments() const { return fragments_; }

 private:
  void CollectFragment(std::string_view name) {
    const graphql::FragmentDefinition* fragment = document_.FindFragment(name);
    if (fragment == nullptr || !seen_.insert(name).second) return;
    fragments_.push_back(fragment);
    Collect(fragment->directives);
    Collect(fragment->selections);
  }
  void Collect(std::span<const graphql::Directive> directives) {
    for (const graphql::Directive& directive : directives) Collect(directive.arguments);
  }
  void Collect(std::span<const graphql::NamedValue> values) {
    for (const graphql::NamedValue& value : values) Collect(value.value);
  }
  void Collect(const graphql::Value& value) {
    if (value.kind == graphql::ValueKind::kVariable) variables_.insert(value.text);
    for (const graphql::Value& item : value.items()) Collect(item);
    Collect(value.fields());
  }

  const graphql::Document& document_;
  std::set<std::string_view> variables_;
  std::set<std::string_view> seen_;
  std::vector<const graphql::FragmentDefinition*> fragments_;
};

rapidjson::Document Sent(std::span<const graphql::VariableDefinition> variables, const rapidjson::Value& sent,
                         bool all) {
  rapidjson::Document out(rapidjson::kObjectType);
  if (!sent.IsObject()) return out;
  if (all) {
    out.CopyFrom(sent, out.GetAllocator());
    return out;
  }
  for (const graphql::VariableDefinition& variable : variables) {
    const rapidjson::Value name(rapidjson::StringRef(variable.name.data(), variable.name.size()));
    const auto member = sent.FindMember(name);
    if (member == sent.MemberEnd()) continue;
    out.AddMember(rapidjson::Value(name, out.GetAllocator()), rapidjson::Value(member->value, out.GetAllocator()),
                  out.GetAllocator());
  }
  return out;
}

}  // namespace

InnerQuery MakeInnerQuery(const graphql::Document& document, const graphql::OperationDefinition& operation,
                          graphql::SelectionSet selections, const rapidjson::Value& sent,
                          const InnerQueryOptions& options) {
  References references(document);
  references.Collect(selections);
  std::vector<graphql::VariableDefinition> variables;
  for (const graphql::VariableDefinition& variable : operation.variables) {
    if (options.all_variables || references.HasVariable(variable.name)) variables.push_back(variable);
  }
  InnerQuery query;
  query.variables = Sent(variables, sent, options.all_variables);
  variables.insert(variables.end(), options.added.begin(), options.added.end());
  graphql::OperationDefinition inner;
  inner.name = operation.name;
  inner.variables = variables;
  inner.selections = selections;
  query.text = graphql::PrintOperation(inner);
  for (const graphql::FragmentDefinition* fragment : references.fragments()) {
    query.text.append("\n\n").append(graphql::PrintFragment(*fragment));
  }
  return query;
}

}  // namespace eider::query
