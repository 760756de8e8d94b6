#pragma once

#include <cstddef>
#include <string>

#include "catalog/model.h"
#include "graphql/collect.h"
#include "graphql/graphql_error.h"
#include "query/role_visibility.h"

namespace eider::query {

struct LogicalOptions {
  std::size_t max_depth = 7;  // Of the parts that are standard introspection.
  std::size_t max_output_bytes = std::size_t{256} << 20;
  const RoleVisibility* visibility = nullptr;  // Null shows everything.
};

// Appends the JSON value of a field of the logical schema (`_catalog`, `_dataObject` …) to `out`, from the snapshot
// alone. Fails when an argument does not fit or the answer is too large; `out` then holds a part of it.
// REQUIRES: the field's binding is of kind kLogical, in a valid document.
graphql::GraphqlResult<void> WriteLogical(const graphql::CollectContext& context, const catalog::Snapshot& snapshot,
                                          const graphql::CollectedField& field, const LogicalOptions& options,
                                          std::string* out);

}  // namespace eider::query
