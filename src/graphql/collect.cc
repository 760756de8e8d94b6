#include "graphql/collect.h"

#include <unordered_map>

namespace eider::graphql {
namespace {

const Value* DirectiveCondition(const Directive& directive, const Variables& variables) {
  const Value* value = directive.FindArgument("if");
  return value != nullptr && value->kind == ValueKind::kVariable ? variables.Find(value->text) : value;
}

class Collector {
 public:
  Collector(const CollectContext& context, const Type& type) : context_(context), type_(type) {}

  void Collect(SelectionSet selections) {
    for (const Selection& selection : selections) {
      switch (selection.kind) {
        case SelectionKind::kField: AddField(*selection.field); break;
        case SelectionKind::kInlineFragment: AddInlineFragment(*selection.inline_fragment); break;
        case SelectionKind::kFragmentSpread: AddSpread(*selection.spread); break;
      }
    }
  }

  std::vector<CollectedField> Take() { return std::move(fields_); }

 private:
  static constexpr size_t kScanned = 16;

  void AddField(const FieldNode& node) {
    if (!IsIncluded(node.directives, context_.variables)) return;
    if (CollectedField* known = Find(node.response_name())) {
      known->nodes.push_back(&node);
      return;
    }
    const Field* definition = context_.schema.FindSelectable(type_, node.name);
    if (definition == nullptr) return;
    if (fields_.size() >= kScanned) Index();
    CollectedField& field = fields_.emplace_back();
    field.response_name = node.response_name();
    field.definition = definition;
    field.parent = &type_;
    field.nodes.push_back(&node);
    if (!positions_.empty()) positions_.emplace(field.response_name, fields_.size() - 1);
  }

  CollectedField* Find(std::string_view response_name) {
    if (!positions_.empty()) {
      const auto found = positions_.find(response_name);
      return found == positions_.end() ? nullptr : &fields_[found->second];
    }
    for (CollectedField& field : fields_) {
      if (field.response_name == response_name) return &field;
    }
    return nullptr;
  }

  void Index() {
    if (!positions_.empty()) return;
    for (size_t i = 0; i < fields_.size(); ++i) positions_.emplace(fields_[i].response_name, i);
  }

  bool Applies(std::string_view condition) const {
    if (condition.empty() || condition == type_.name) return true;
    const Type* type = context_.schema.FindType(condition);
    return type != nullptr && context_.schema.IsSubtype(type_, *type);
  }

  void AddInlineFragment(const InlineFragment& fragment) {
    if (!IsIncluded(fragment.directives, context_.variables) || !Applies(fragment.type_condition)) return;
    Collect(fragment.selections);
  }

  void AddSpread(const FragmentSpread& spread) {
    if (!IsIncluded(spread.directives, context_.variables)) return;
    const FragmentDefinition* fragment = context_.document.FindFragment(spread.name);
    if (fragment == nullptr) return;
    if (visited_.empty()) visited_.resize(context_.document.fragments().size());
    if (visited_[fragment->index]) return;
    visited_[fragment->index] = true;
    if (Applies(fragment->type_condition)) Collect(fragment->selections);
  }

  const CollectContext& context_;
  const Type& type_;
  std::vector<CollectedField> fields_;
  std::unordered_map<std::string_view, size_t> positions_;  // Used once there are many fields.
  std::vector<bool> visited_;
};

}  // namespace

const Directive* CollectedField::FindDirective(std::string_view directive) const {
  for (const FieldNode* node : nodes) {
    if (const Directive* found = graphql::FindDirective(node->directives, directive)) return found;
  }
  return nullptr;
}

bool IsIncluded(std::span<const Directive> directives, const Variables& variables) {
  for (const Directive& directive : directives) {
    const bool is_skip = directive.name == "skip";
    if (!is_skip && directive.name != "include") continue;
    const Value* condition = DirectiveCondition(directive, variables);
    if (condition != nullptr && condition->AsBool() == is_skip) return false;
  }
  return true;
}

std::vector<CollectedField> CollectFields(const CollectContext& context, const Type& type, SelectionSet selections) {
  Collector collector(context, type);
  collector.Collect(selections);
  return collector.Take();
}

std::vector<CollectedField> CollectSubfields(const CollectContext& context, const Type& type,
                                             const CollectedField& field) {
  Collector collector(context, type);
  for (const FieldNode* node : field.nodes) collector.Collect(node->selections);
  return collector.Take();
}

}  // namespace eider::graphql
