#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catalog/model.h"
#include "graphql/ast.h"
#include "graphql/graphql_error.h"

namespace eider::query {

// A document parsed and validated against one schema snapshot, which it keeps alive. Immutable, cached by text.
struct Operation {
  std::shared_ptr<const catalog::Snapshot> snapshot;
  graphql::DocumentPtr document;              // Null when parsing failed.
  std::vector<graphql::GraphqlError> errors;  // Of parsing or validation; empty = valid.
  bool has_stats = false;                     // The text has the word @stats.
  bool has_jq = false;                        // The text has the word jq.
};

// Parses and validates; never fails, as errors are part of the result.
std::shared_ptr<const Operation> CompileOperation(std::string text, std::shared_ptr<const catalog::Snapshot> snapshot,
                                                  std::size_t max_depth);

}  // namespace eider::query
