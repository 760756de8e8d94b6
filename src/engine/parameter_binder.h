#pragma once

#include <string>
#include <vector>

#include "engine/session.h"
#include "engine/target_type.h"
#include "engine/value_conversion.h"

namespace eider::engine {

// Binds parameters to one prepared statement, each with exactly the type the statement expects: DuckDB plans a
// statement anew whenever a bound type differs, which costs three times the execution of a look-up. Not thread-safe.
class ParameterBinder {
 public:
  explicit ParameterBinder(duckdb_prepared_statement statement);

  int parameter_count() const { return static_cast<int>(slots_.size()); }

  // Binds all of `parameters`; $1 is the first. Fails with kBadInput when the number or a value does not fit.
  Status Bind(const Parameters& parameters, SessionCasts& casts) const;

 private:
  struct Slot {
    std::size_t position;  // In Parameters; differs from the engine's index when $2 is written before $1.
    TargetType type;
  };
  const duckdb_prepared_statement statement_;
  std::vector<Slot> slots_;
};

}  // namespace eider::engine
