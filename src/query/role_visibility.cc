#include "query/role_visibility.h"

#include <array>

namespace eider::query {

namespace {

struct Pattern {
  std::string_view before;
  std::string_view after;
};

// The types that are made from an object (6.1).
constexpr std::array<Pattern, 9> kMade = {{{"", ""},
                                           {"", "_filter"},
                                           {"", "_list_filter"},
                                           {"", "_mut_input_data"},
                                           {"", "_mut_data"},
                                           {"_", "_aggregation"},
                                           {"_", "_aggregation_bucket"},
                                           {"_", "_aggregation_sub_aggregation"},
                                           {"_", "_aggregation_sub_aggregation_sub_aggregation"}}};

}  // namespace

RoleVisibility::RoleVisibility(const planner::Access& access, const catalog::Snapshot& snapshot) : access_(access) {
  for (const catalog::DataObject* object : snapshot.objects) {
    const auth::Rule* rule = access.rules().Object(auth::Operation::kQuery, object->name);
    if (rule == nullptr || !rule->hidden) continue;
    for (const Pattern& pattern : kMade) {
      hidden_.insert(std::string(pattern.before).append(object->name).append(pattern.after));
    }
    if (!object->args_type.empty()) hidden_.insert(object->args_type);
  }
}

bool RoleVisibility::IsVisible(const graphql::Type& type) const {
  return hidden_.empty() || !hidden_.contains(std::string(type.name));
}

bool RoleVisibility::IsVisible(const graphql::Type& parent, const graphql::Field& field) const {
  if (access_.IsHidden(parent, field)) return false;
  const catalog::FieldBinding* binding = catalog::BindingOf(field);
  if (binding == nullptr || hidden_.empty()) return true;
  switch (binding->kind) {
    case catalog::FieldKind::kInsert:
    case catalog::FieldKind::kInsertMany:
    case catalog::FieldKind::kUpsert:
    case catalog::FieldKind::kUpsertMany:
    case catalog::FieldKind::kUpdate:
    case catalog::FieldKind::kDelete: return binding->object == nullptr || IsVisible(*binding->object);
    default: return binding->relation == nullptr || IsVisible(*binding->relation->to);
  }
}

bool RoleVisibility::IsVisible(const graphql::Type& parent, const graphql::InputValue& input_field) const {
  return !access_.IsHidden(parent, input_field);
}

bool RoleVisibility::IsVisible(const graphql::Type&, const graphql::Field&, const graphql::InputValue&) const {
  return true;
}

}  // namespace eider::query
