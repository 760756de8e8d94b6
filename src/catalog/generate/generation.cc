#include "catalog/generate/generation.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/generate/field_kind.h"
#include "catalog/scalars.h"

namespace eider::catalog {

using graphql::TypeBuilder;
using graphql::TypeKind;
using graphql::TypeRef;

void Generation::Fail(std::string message) {
  if (!error) error = Error(ErrorCode::kBadInput, std::move(message));
}

TypeBuilder* Generation::Define(TypeKind kind, std::string_view name) {
  if (TypeBuilder* type = builder.Define(kind, name)) return type;
  Fail(fmt::format("[PREPARE/Names] two types have the name \"{}\"", name));
  return builder.Define(kind, fmt::format("__clash_{}", clashes_++));
}

void Generation::Add(TypeBuilder* type, const graphql::FieldSpec& field) {
  graphql::FieldSpec spec = field;
  spec.field_kind = FieldKindName(field.annotation);
  if (type->AddField(spec)) return;
  Fail(fmt::format("[PREPARE/Names] type \"{}\" has two fields with the name \"{}\"", type->name(), field.name));
}

void Generation::Add(TypeBuilder* type, const graphql::InputValueSpec& field) {
  if (type->AddInputField(field)) return;
  Fail(fmt::format("[PREPARE/Names] type \"{}\" has two fields with the name \"{}\"", type->name(), field.name));
}

namespace {

TypeRef Wrap(TypeRef named, const Column& column) {
  if (column.is_list) named = column.item_non_null ? named.NonNull().List() : named.List();
  return named;
}

TypeRef NamedOutput(Generation& generation, const Column& column) {
  if (column.kind == ScalarKind::kStruct) return generation.structs.at(column.structure).self->ref();
  if (column.kind == ScalarKind::kEnum) return generation.builder.Ref(column.enumeration->name);
  return generation.system.Of(column.kind).scalar;
}

constexpr std::string_view kOperators[] = {"eq",
                                           "ne",
                                           "gt",
                                           "gte",
                                           "lt",
                                           "lte",
                                           "in",
                                           "like",
                                           "ilike",
                                           "regex",
                                           "has",
                                           "has_all",
                                           "contains",
                                           "intersects",
                                           "includes",
                                           "excludes",
                                           "is_null",
                                           "upper",
                                           "lower",
                                           "upper_inclusive",
                                           "lower_inclusive",
                                           "upper_inf",
                                           "lower_inf"};

// A copy of the scalar's filter without the operators that @exclude_filter names; nothing when none is left.
TypeRef ReducedFilter(Generation& generation, const Column& column, const DataObject& object, TypeRef full) {
  TypeBuilder* source = generation.builder.Find(full.named()->name);
  std::vector<graphql::InputValueSpec> kept;
  for (const std::string_view name : kOperators) {
    const graphql::InputValue* member = source->FindInputField(name);
    const auto& excluded = column.excluded_operators;
    if (member == nullptr || std::ranges::find(excluded, name) != excluded.end()) continue;
    kept.push_back({.name = name, .type = member->type});
  }
  if (kept.empty() || column.excluded_operators.front() == "*") return {};
  TypeBuilder* reduced =
      generation.Define(TypeKind::kInputObject, fmt::format("{}_{}_filter", object.name, column.name));
  reduced->Catalog(object.source->name).HugrType("filter");
  for (const graphql::InputValueSpec& member : kept) generation.Add(reduced, member);
  return reduced->ref();
}

}  // namespace

TypeRef OutputType(Generation& generation, const Column& column) {
  const TypeRef type = Wrap(NamedOutput(generation, column), column);
  return column.non_null ? type.NonNull() : type;
}

TypeRef MutationType(Generation& generation, const Column& column, TypeBuilder* StructTypes::* member) {
  if (column.kind != ScalarKind::kStruct) return Wrap(NamedOutput(generation, column), column);
  return Wrap((generation.structs.at(column.structure).*member)->ref(), column);
}

TypeRef FilterType(Generation& generation, const Column& column, const DataObject* object) {
  if (column.kind == ScalarKind::kStruct) {
    const StructTypes& types = generation.structs.at(column.structure);
    TypeBuilder* filter = column.is_list ? types.list_filter : types.filter;
    return filter == nullptr || !column.excluded_operators.empty() ? TypeRef() : filter->ref();
  }
  const ScalarTypes& types = generation.system.Of(column.kind);
  const TypeRef type = column.is_list ? types.list_filter : types.filter;
  if (type.named() == nullptr || column.excluded_operators.empty() || object == nullptr) return type;
  return ReducedFilter(generation, column, *object, type);
}

Arguments ColumnArguments(const Generation& generation, const Column& column) {
  if (column.is_list) return {};
  if (column.is_measurement) return generation.system.measured_arguments[static_cast<size_t>(column.kind)];
  if (column.is_timescale_key) return generation.system.gapfill_arguments[static_cast<size_t>(column.kind)];
  switch (column.kind) {
    case ScalarKind::kTimestamp:
    case ScalarKind::kDateTime: return generation.system.time_arguments;
    case ScalarKind::kDate: return generation.system.date_arguments;
    case ScalarKind::kJson: return generation.system.json_arguments;
    case ScalarKind::kGeometry: return generation.system.geometry_arguments;
    default: return {};
  }
}

bool HasMeasurement(const Column& column) { return !column.is_list && column.kind == ScalarKind::kGeometry; }

bool HasDistance(const Column& column) { return !column.is_list && column.kind == ScalarKind::kVector; }

void AddSimilarity(const Generation& generation, const DataObject& object,
                   std::vector<graphql::InputValueSpec>& specs) {
  if (std::ranges::none_of(object.columns, HasDistance)) return;
  specs.push_back({"similarity", generation.system.similarity, "Keeps the rows that are nearest to a vector."});
}

bool HasPart(const Column& column) { return !column.is_list && IsCalendar(column.kind); }

}  // namespace eider::catalog
