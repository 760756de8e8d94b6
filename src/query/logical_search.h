#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "graphql/ast.h"
#include "query/logical_schema.h"

namespace eider::query {

// Something that a search found; what it points at belongs to the snapshot and to the caller of the search.
struct LogicalMatch {
  std::string_view kind;
  std::string_view name;
  std::string_view description;
  std::string_view parent;
  const catalog::DataObject* object = nullptr;
  const ModuleEntry* module = nullptr;
  const FunctionEntry* function = nullptr;
  const catalog::Source* source = nullptr;
};

// What holds all words of `query` in its name or description, in the order of the schema, `limit` at most. `kinds`: a
// list of enum values; null = all. `functions`: all of the schema, which must outlive the matches.
std::vector<LogicalMatch> FindMatches(const LogicalSchema& schema, const std::vector<FunctionEntry>& functions,
                                      std::string_view query, const graphql::Value* kinds, std::size_t limit);

}  // namespace eider::query
