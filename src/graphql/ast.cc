#include "graphql/ast.h"

#include <algorithm>

namespace eider::graphql {

const Value* Value::Find(std::string_view name) const {
  for (const NamedValue& field : fields()) {
    if (field.name == name) return &field.value;
  }
  return nullptr;
}

const Value* Directive::FindArgument(std::string_view argument) const {
  for (const Argument& candidate : arguments) {
    if (candidate.name == argument) return &candidate.value;
  }
  return nullptr;
}

const Directive* FindDirective(std::span<const Directive> directives, std::string_view name) {
  for (const Directive& directive : directives) {
    if (directive.name == name) return &directive;
  }
  return nullptr;
}

const Argument* FieldNode::FindArgument(std::string_view argument) const {
  for (const Argument& candidate : arguments) {
    if (candidate.name == argument) return &candidate;
  }
  return nullptr;
}

std::string TypeNode::ToString() const {
  switch (kind) {
    case TypeNodeKind::kNamed: return std::string(name);
    case TypeNodeKind::kList: return "[" + inner->ToString() + "]";
    case TypeNodeKind::kNonNull: return inner->ToString() + "!";
  }
  return {};
}

std::string_view OperationKindName(OperationKind kind) {
  switch (kind) {
    case OperationKind::kQuery: return "query";
    case OperationKind::kMutation: return "mutation";
    case OperationKind::kSubscription: return "subscription";
  }
  return {};
}

const OperationDefinition* Document::FindOperation(std::string_view name) const {
  for (const OperationDefinition* operation : operations_) {
    if (name.empty() || operation->name == name) return operation;
  }
  return nullptr;
}

const FragmentDefinition* Document::FindFragment(std::string_view name) const {
  const auto found = std::lower_bound(fragments_by_name_.begin(), fragments_by_name_.end(), name,
                                      [](const FragmentDefinition* a, std::string_view b) { return a->name < b; });
  return found != fragments_by_name_.end() && (*found)->name == name ? *found : nullptr;
}

}  // namespace eider::graphql
