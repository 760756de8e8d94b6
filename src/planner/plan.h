#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "columnar/shape.h"
#include "engine/value.h"
#include "planner/bound.h"
#include "planner/session_value.h"

namespace eider::planner {

enum class ResultForm {
  kRows,       // A JSON list of rows; no row gives [].
  kOneOrNull,  // The first row, or null.
  kOne,        // Exactly one row.
};

// What stands for the first fetch of a plan in a parameter map; the next are below it.
constexpr int kFirstFetch = -(1 << 20);
constexpr std::size_t FetchOf(int parameter) { return static_cast<std::size_t>(kFirstFetch - parameter); }

// A query for one text that a statement takes as a parameter.
struct Fetch {
  std::string sql;
  std::vector<int> parameter_map;  // As of a plan.
  std::string source = {};         // Whose server answers it; empty = the engine.
  std::string engine_sql = {};     // The same through the engine, with the same parameters.
};

// A statement and how its rows become JSON. Immutable; cached and shared between requests.
struct Plan {
  std::string sql;
  std::string source;   // Whose own sessions run it; empty = the engine.
  std::string changes;  // A mutation function's source, in whose transaction it runs; empty = only reads.
  // Statement parameter k (0-based) takes request parameter parameter_map[k]; -1 - i is session[i], and kFirstFetch - i
  // the text of fetches[i].
  std::vector<int> parameter_map;
  std::vector<SessionValue> session;
  std::vector<Fetch> fetches;
  columnar::Shape shape;
  ResultForm form = ResultForm::kRows;
  // Default limit: at most this many rows are shown, and one more is fetched to know that rows were cut. 0 = none.
  std::int64_t show_limit = 0;
  bool is_scan = true;  // Work class: false for look-ups and small lists.

  // A second statement that answers many requests of this plan at once: its parameters are one list per key column of
  // the values of all requests; column 0 of its rows is the position of the request. Empty = not possible.
  std::string batch_sql;
  std::vector<int> batch_map;  // Its parameter k is the list of key batch_map[k], or one of `batch_session`.
  std::vector<SessionValue> batch_session;  // Equal for all requests that are answered together.
  columnar::Shape batch_shape;
};

// A failure with the place in the document that caused it, when one is known.
struct PlanError {
  Error error;
  graphql::Position position = 0;
  bool has_position = false;
};

template <class T>
using PlanResult = tl::expected<T, PlanError>;

struct PlanOptions {
  std::int64_t default_limit = 2000;
};

// Compiles one bound root query field (select, by key, unique, aggregation, bucket aggregation) into a statement.
// A pure function: the same input gives the same text.
PlanResult<std::shared_ptr<const Plan>> CompileQuery(const BoundField& root, const PlanOptions& options);

}  // namespace eider::planner
