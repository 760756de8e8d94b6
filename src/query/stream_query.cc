#include "query/stream_query.h"

#include <fmt/format.h>

#include <deque>
#include <set>

#include "base/check.h"
#include "graphql/parser.h"
#include "graphql/print.h"
#include "query/inner_query.h"

namespace eider::query {
namespace {

using graphql::CollectedField;
using graphql::Selection;

Selection Of(const graphql::FieldNode* field) {
  Selection selection{graphql::SelectionKind::kField, {}};
  selection.field = field;
  return selection;
}

// `name`, with an underscore for each time that it is taken.
template <class IsTaken>
std::string FreeName(std::string name, const IsTaken& is_taken) {
  while (is_taken(name)) name.push_back('_');
  return name;
}

// A field that answers under the name of the subscriber's field.
std::string Under(const CollectedField& field, std::string_view name) {
  if (field.response_name == name) return std::string(name);
  return fmt::format("{}: {}", field.response_name, name);
}

// `inner` inside of the modules on the way to the table.
std::string InModules(const std::vector<CollectedField>& path, std::string inner) {
  for (std::size_t i = path.size() - 1; i-- > 0;) inner = Under(path[i], path[i].name()) + " { " + inner + " }";
  return "{ " + inner + " }";
}

// The fields of a parsed operation from the root to the table, each the only one of its selection, with `rows` behind
// the selection of the last one.
class Extended {
 public:
  Extended(const graphql::OperationDefinition& operation, std::size_t depth, graphql::SelectionSet rows) {
    const graphql::FieldNode* node = operation.selections.front().field;
    for (std::size_t i = 0; i < depth; ++i) {
      fields_.push_back(*node);
      node = node->selections.front().field;
    }
    std::vector<Selection>& last = selections_.emplace_back(1, Of(node));
    last.insert(last.end(), rows.begin(), rows.end());
    for (std::size_t i = depth; i-- > 0;) {
      fields_[i].selections = selections_.back();
      selections_.emplace_back(1, Of(&fields_[i]));
    }
  }

  graphql::SelectionSet root() const { return selections_.back(); }

 private:
  std::deque<graphql::FieldNode> fields_;
  std::deque<std::vector<Selection>> selections_;
};

graphql::DocumentPtr ParseOwn(std::string text) {
  auto document = graphql::Parse(std::move(text));
  EIDER_CHECK(document.has_value());
  return *std::move(document);
}

AnswerShape ShapeAlong(const std::vector<CollectedField>& path) {
  AnswerShape shape{ShapeKind::kRows};
  for (std::size_t i = path.size(); i-- > 0;) {
    AnswerShape around;
    around.members.emplace_back(path[i].response_name, std::move(shape));
    shape = std::move(around);
  }
  return shape;
}

}  // namespace

StreamQueries MakeStreamQueries(const graphql::CollectContext& context, const graphql::OperationDefinition& operation,
                                const std::vector<CollectedField>& path, const rapidjson::Value& sent,
                                bool all_variables) {
  const CollectedField& stream = path.back();
  const catalog::DataObject& table = *catalog::BindingOf(*stream.definition)->object;
  const std::string& key = table.primary_key.front()->name;
  std::set<std::string_view> names;
  for (const CollectedField& field : graphql::CollectSubfields(context, *stream.definition->type.named(), stream)) {
    names.insert(field.response_name);
  }
  std::set<std::string_view> variables;
  for (const graphql::VariableDefinition& variable : operation.variables) variables.insert(variable.name);

  StreamQueries queries;
  queries.key_alias = FreeName("_stream_key", [&](const std::string& name) { return names.contains(name); });
  queries.after_variable = FreeName("_stream_after", [&](const std::string& name) { return variables.contains(name); });
  queries.shape = ShapeAlong(path);
  queries.before_row = "{\"data\":";
  for (const CollectedField& field : path) queries.before_row.append(fmt::format("{{\"{}\":", field.response_name));

  const std::string from = Under(stream, table.field);
  const std::string key_field = fmt::format("{}: {}", queries.key_alias, key);
  const std::string head = operation.name.empty() ? "query" : fmt::format("query {}", operation.name);
  queries.present =
      head + " " +
      InModules(path, fmt::format("{}(order_by: [{{field: \"{}\", direction: DESC}}], limit: {}) {{ {} }}", from,
                                  queries.key_alias, StreamQueries::kLate, key_field));
  const graphql::DocumentPtr own = ParseOwn(
      fmt::format("query(${}: {}!) ", queries.after_variable,
                  stream.definition->FindArgument("after")->type.named()->name) +
      InModules(path,
                fmt::format("{}(filter: {{{}: {{gt: ${}}}}}, order_by: [{{field: \"{}\"}}], limit: {}) {{ {} }}", from,
                            key, queries.after_variable, queries.key_alias, StreamQueries::kPage, key_field)));
  std::vector<Selection> rows;
  for (const graphql::FieldNode* node : stream.nodes) {
    rows.insert(rows.end(), node->selections.begin(), node->selections.end());
  }
  const graphql::OperationDefinition& wrapper = *own->operations().front();
  const Extended extended(wrapper, path.size(), rows);
  InnerQuery inner = MakeInnerQuery(context.document, operation, extended.root(), sent,
                                    {.all_variables = all_variables, .added = wrapper.variables});
  queries.rows = std::move(inner.text);
  queries.variables = std::move(inner.variables);
  return queries;
}

}  // namespace eider::query
