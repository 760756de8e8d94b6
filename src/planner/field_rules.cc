#include <utility>

#include "planner/access.h"

// Which rows of a role decide about a field of the schema.
namespace eider::planner {

using catalog::FieldKind;

namespace {

constexpr std::string_view kAggregation = "_aggregation";
constexpr std::string_view kFilter = "_filter";

// The object or structural type that `type` was generated from, for aggregations and filters; null for other types.
const graphql::Type* BaseType(const graphql::Schema& schema, const graphql::Type& type) {
  if (type.kind == graphql::TypeKind::kInputObject) {
    if (!type.name.ends_with(kFilter)) return nullptr;
    return schema.FindType(type.name.substr(0, type.name.size() - kFilter.size()));
  }
  if (!type.name.starts_with('_')) return nullptr;
  std::size_t at = type.name.rfind(kAggregation);
  while (at != std::string_view::npos && at > 1) {
    if (const graphql::Type* base = schema.FindType(type.name.substr(1, at - 1))) return base;
    at = type.name.rfind(kAggregation, at - 1);
  }
  return nullptr;
}

// The name of the column or relation that a field stands for.
std::string_view BaseField(const graphql::Field& field) {
  const catalog::FieldBinding* binding = catalog::BindingOf(field);
  if (binding == nullptr) return field.name;
  switch (binding->kind) {
    case FieldKind::kTimePart:
    case FieldKind::kMeasurement:
    case FieldKind::kAggregateTimePart:
    case FieldKind::kAggregateMeasurement: return binding->column == nullptr ? field.name : binding->column->name;
    case FieldKind::kRelationAggregate:
    case FieldKind::kRelationBucketAggregate:
    case FieldKind::kAggregateRelation:
    case FieldKind::kSubAggregate: return binding->relation == nullptr ? field.name : binding->relation->field;
    default: return field.name;
  }
}

bool HasRows(FieldKind kind) {
  switch (kind) {
    case FieldKind::kSelect:
    case FieldKind::kSelectByPk:
    case FieldKind::kSelectUnique:
    case FieldKind::kAggregate:
    case FieldKind::kBucketAggregate:
    case FieldKind::kUpdate:
    case FieldKind::kDelete:
    case FieldKind::kSourceFunction:
    case FieldKind::kSourceFunctionAggregate:
    case FieldKind::kSourceFunctionBucketAggregate:
    case FieldKind::kSourceMutationFunction:
    case FieldKind::kRelation:
    case FieldKind::kRelationAggregate:
    case FieldKind::kRelationBucketAggregate:
    case FieldKind::kAggregateRelation:
    case FieldKind::kSubAggregate: return true;
    default: return false;
  }
}

}  // namespace

Access::Deciding Access::Find(const graphql::Type& parent, const graphql::Field& field) const {
  const auth::Match own = rules_->Field(parent.name, field.name);
  if (own.names_type) return {own.rule, nullptr};
  const graphql::Type* base = BaseType(*schema_, parent);
  const std::string_view name = BaseField(field);
  if (base == nullptr && name == field.name) return {own.rule, nullptr};
  const graphql::Type& type = base == nullptr ? parent : *base;
  return {own.rule, type.FindField(name) == nullptr ? nullptr : rules_->Field(type.name, name).rule};
}

Access::Deciding Access::Find(const graphql::Type& parent, const graphql::InputValue& field) const {
  const auth::Match own = rules_->Field(parent.name, field.name);
  const graphql::Type* base = own.names_type ? nullptr : BaseType(*schema_, parent);
  if (base == nullptr || base->FindField(field.name) == nullptr) return {own.rule, nullptr};
  return {own.rule, rules_->Field(base->name, field.name).rule};
}

bool Access::IsDenied(const graphql::Type& parent, const graphql::Field& field) const {
  const auto [own, base] = Find(parent, field);
  return (own != nullptr && own->disabled) || (base != nullptr && base->disabled);
}

bool Access::IsDenied(const graphql::Type& parent, const graphql::InputValue& field) const {
  const auto [own, base] = Find(parent, field);
  return (own != nullptr && own->disabled) || (base != nullptr && base->disabled);
}

bool Access::IsHidden(const graphql::Type& parent, const graphql::Field& field) const {
  const auto [own, base] = Find(parent, field);
  return (own != nullptr && own->hidden) || (base != nullptr && base->hidden);
}

bool Access::IsHidden(const graphql::Type& parent, const graphql::InputValue& field) const {
  const auto [own, base] = Find(parent, field);
  return (own != nullptr && own->hidden) || (base != nullptr && base->hidden);
}

const std::string* Access::FilterOf(const graphql::Type& parent, const graphql::Field& field) const {
  const catalog::FieldBinding* binding = catalog::BindingOf(field);
  if (!rules_->has_field_rules() || binding == nullptr || !HasRows(binding->kind)) return nullptr;
  const auto [own, base] = Find(parent, field);
  if (own != nullptr && !own->filter.empty()) return &own->filter;
  return base == nullptr || base->filter.empty() ? nullptr : &base->filter;
}

const std::string* Access::FilterOf(const catalog::Relation& relation) const {
  if (!rules_->has_field_rules() || relation.from == nullptr) return nullptr;
  const auth::Rule* rule = rules_->Field(relation.from->name, relation.field).rule;
  return rule == nullptr || rule->filter.empty() ? nullptr : &rule->filter;
}

}  // namespace eider::planner
