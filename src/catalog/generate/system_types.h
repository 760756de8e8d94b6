#pragma once

#include <array>
#include <span>
#include <string>

#include "catalog/generate/bindings.h"
#include "catalog/model.h"
#include "graphql/schema_builder.h"

namespace eider::catalog {

// The types that belong to one scalar; references without a type where there is none (7.1).
struct ScalarTypes {
  graphql::TypeRef scalar;
  graphql::TypeRef filter;
  graphql::TypeRef list_filter;
  graphql::TypeRef aggregation;
  graphql::TypeRef sub_aggregation;
  graphql::TypeRef sub_sub_aggregation;
};

// The types and argument lists that every schema has, whatever its sources.
struct SystemTypes {
  std::array<ScalarTypes, static_cast<size_t>(ScalarKind::kStruct) + 1> scalars;
  graphql::TypeRef string, integer, big_integer, boolean, operation_result, order_by;
  graphql::TypeRef rows_count_aggregation;              // BigIntAggregation.
  graphql::TypeRef rows_count_sub_aggregation;          // BigIntSubAggregation.
  std::span<const graphql::InputValue> time_arguments;  // bucket, bucket_interval
  std::span<const graphql::InputValue> date_arguments;  // bucket
  std::span<const graphql::InputValue> json_arguments;  // struct
  std::span<const graphql::InputValue> part_arguments;  // extract, extract_divide

  std::span<const graphql::InputValue> geometry_arguments;     // transforms, from, to, buffer, simplify_factor
  std::span<const graphql::InputValue> measurement_arguments;  // type, transform, from, to
  std::span<const graphql::InputValue> distance_arguments;     // vector, distance
  graphql::TypeRef similarity;                                 // VectorSearchInput

  // By the kind of a @measurement or @timescale_key: what such fields take.
  std::array<std::span<const graphql::InputValue>, static_cast<size_t>(ScalarKind::kStruct) + 1> measured_arguments;
  std::array<std::span<const graphql::InputValue>, static_cast<size_t>(ScalarKind::kStruct) + 1> gapfill_arguments;

  const ScalarTypes& Of(ScalarKind kind) const { return scalars[static_cast<size_t>(kind)]; }
};

// Adds the system types and the query-time directives to `builder`.
SystemTypes AddSystemTypes(graphql::SchemaBuilder& builder, BindingStore& bindings);

// The system types as SDL.
std::string SystemSdl();

}  // namespace eider::catalog
