#include "query/field_check.h"

#include <algorithm>
#include <array>

namespace eider::query {

using catalog::FieldKind;

namespace {

// What every role may ask about itself.
constexpr std::array<std::string_view, 4> kAboutOneself = {"core.auth.me", "core.auth.my_permissions",
                                                           "core.auth.check_access", "core.auth.check_access_info"};

bool IsAlwaysAllowed(const catalog::FieldBinding& binding) {
  if (binding.kind == FieldKind::kLogical) return true;
  return binding.kind == FieldKind::kFunction &&
         std::ranges::find(kAboutOneself, std::string_view(binding.function_name)) != kAboutOneself.end();
}

}  // namespace

bool FieldCheck::AllowsDocument() {
  return std::ranges::all_of(document_.operations(), [&](const graphql::OperationDefinition* operation) {
    const graphql::Type* root = access_.schema().root(operation->kind);
    return root == nullptr || Allows(*root, operation->selections, false);
  });
}

bool FieldCheck::Allows(const graphql::Type& type, graphql::SelectionSet selections, bool denied) {
  const graphql::Schema& schema = access_.schema();
  for (const graphql::Selection& selection : selections) {
    switch (selection.kind) {
      case graphql::SelectionKind::kField:
        if (!AllowsField(type, *selection.field, denied)) return false;
        break;
      case graphql::SelectionKind::kInlineFragment: {
        const graphql::InlineFragment& fragment = *selection.inline_fragment;
        const graphql::Type* inner = fragment.type_condition.empty() ? &type : schema.FindType(fragment.type_condition);
        if (inner == nullptr || !Allows(*inner, fragment.selections, denied)) return false;
        break;
      }
      case graphql::SelectionKind::kFragmentSpread: {
        const graphql::FragmentDefinition* fragment = document_.FindFragment(selection.spread->name);
        if (fragment == nullptr) return false;
        if (!seen_.emplace(fragment->name, denied).second) break;
        const graphql::Type* inner = schema.FindType(fragment->type_condition);
        if (inner == nullptr || !Allows(*inner, fragment->selections, denied)) return false;
        break;
      }
    }
  }
  return true;
}

bool FieldCheck::AllowsField(const graphql::Type& type, const graphql::FieldNode& node, bool denied) {
  const graphql::Schema& schema = access_.schema();
  const graphql::Field* field = schema.FindSelectable(type, node.name);
  if (field == nullptr) return false;
  if (field == schema.typename_field()) return true;
  if (field == schema.schema_field() || field == schema.type_field()) return true;
  const catalog::FieldBinding* binding = catalog::BindingOf(*field);
  if (binding != nullptr && IsAlwaysAllowed(*binding)) return true;
  denied = denied || access_.IsDenied(type, *field);
  const bool is_module = binding != nullptr && binding->kind == FieldKind::kModule;
  if (denied && !is_module) return Deny(type.name, node.name);
  for (const graphql::Argument& argument : node.arguments) {
    const graphql::InputValue* definition = field->FindArgument(argument.name);
    if (definition == nullptr || !AllowsValue(argument.value, definition->type)) return false;
  }
  return Allows(*field->type.named(), node.selections, denied);
}

bool FieldCheck::Deny(std::string_view type, std::string_view field) {
  if (denied_.empty()) denied_.append(type).append(".").append(field);
  return false;
}

bool FieldCheck::AllowsValue(const graphql::Value& value, graphql::TypeRef type) {
  const graphql::Type& named = *type.named();
  if (named.kind != graphql::TypeKind::kInputObject) return true;
  for (const graphql::NamedValue& member : value.fields()) {
    const graphql::InputValue* field = named.FindInputField(member.name);
    if (field == nullptr || access_.IsDenied(named, *field)) return Deny(named.name, member.name);
    if (!AllowsValue(member.value, field->type)) return false;
  }
  return std::ranges::all_of(value.items(), [&](const graphql::Value& item) { return AllowsValue(item, type); });
}

bool FieldCheck::AllowsVariables(const graphql::OperationDefinition& operation, const graphql::Variables& variables) {
  for (const graphql::VariableDefinition& definition : operation.variables) {
    const graphql::Value* value = variables.Find(definition.name);
    const graphql::TypeRef type = access_.schema().Resolve(*definition.type);
    if (value != nullptr && type.named() != nullptr && !AllowsValue(*value, type)) return false;
  }
  return true;
}

}  // namespace eider::query
