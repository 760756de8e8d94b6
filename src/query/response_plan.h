#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cache/result_cache.h"
#include "graphql/collect.h"
#include "jq/program.h"
#include "query/field_times.h"
#include "query/function_registry.h"
#include "query/leaf.h"
#include "query/mutation_plan.h"
#include "query/recording_session.h"
#include "query/service.h"

namespace eider::query {

// A value known without running anything: __typename, introspection.
struct ConstantField {
  std::string json;
};

// A result that was kept, or that another request computed as well.
struct CachedField {
  cache::EntryPtr entry;
};

// A built-in function with its arguments as a JSON object.
struct FunctionField {
  const FunctionHandler* handler = nullptr;
  std::string arguments;
  graphql::CollectedField field;
  bool waits = false;                      // For other servers.
  std::optional<std::string> result = {};  // Of a call that was made before its turn to be written.
};

// An insert, upsert, update or delete with its values.
struct MutationField {
  MutationPlan plan;
  graphql::CollectedField field;
  std::deque<RanStatement> ran = {};  // Once it ran, when the answer tells what ran where.
};

struct ResponsePlan;

// A selection of the query root that passes through a jq program.
struct JqField {
  std::shared_ptr<ResponsePlan> selection;
  std::shared_ptr<const jq::Program> program;
  std::vector<std::string> variables;  // JSON texts in the order of the program's names.
  bool include_origin = false;
  std::string value;   // What stands in the data, once it ran.
  std::string result;  // What stands in the extensions, once it ran.
};

// One root field of a response, below all module wrappers.
struct ResponseField {
  std::string before;  // Text between the previous field's value and this one's: wrappers, commas and the key.
  std::string path;    // Dotted response names.
  std::variant<ConstantField, Leaf, FunctionField, MutationField, JqField, CachedField> what;
  FieldTimes times = {};
  std::shared_ptr<const cache::Wanted> wanted = nullptr;  // Of a leaf whose result is to be kept.
  std::shared_ptr<const CacheReads> reads = nullptr;      // Of a query's field that reads data.
  CacheState cache = CacheState::kBypass;
  std::optional<std::int64_t> changed = {};  // Rows that a mutation has changed, as far as it is known.
  bool refused = false;                      // A function's own answer says that it did nothing.
  std::string nodes = {};                    // What each node did of a function, as JSON; empty = it was no such one.
};

// A response as text around root fields: every field's `before` and value in order, then `after`.
struct ResponsePlan {
  std::vector<ResponseField> fields;
  std::string after;
  bool wants_times = false;  // Of the operation as a whole.
};

}  // namespace eider::query
