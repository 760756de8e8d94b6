#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/duckdb_handles.h"
#include "engine/target_type.h"
#include "engine/value.h"

namespace eider::engine {

// Answers about texts that need a session: its time zone and its loaded extensions. Not thread-safe.
class SessionCasts {
 public:
  virtual ~SessionCasts() = default;
  virtual bool zone_is_utc() const = 0;
  // Microseconds since 1970 of a timestamp text read in the session zone; nothing when it is no timestamp.
  virtual Result<std::optional<std::int64_t>> InstantInZone(const std::string& text) = 0;
  virtual Result<bool> IsJson(const std::string& text) = 0;
};

// Converts `value` to an engine value of type `target`; an integer that an integer type cannot hold is
// given as BIGINT, so that a comparison widens and a cast fails in the engine. Texts take the engine's own cast,
// except: a BLOB is base64; a number is Unix seconds where a date or time is wanted and seconds where an interval is
// wanted; an interval may be ISO-8601; a timestamp with zone but no offset is read in the session zone. Fails with
// kBadInput.
Result<ValueHandle> ConvertValue(const Value& value, const TargetType& target, SessionCasts& casts);

}  // namespace eider::engine
