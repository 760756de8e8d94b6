#pragma once

#include <duckdb.h>

#include <memory>
#include <string>

#include "engine/duckdb_handles.h"
#include "engine/value.h"

namespace eider::engine {

// The type a parameter must be bound with. Immutable.
struct TargetType {
  duckdb_type id = DUCKDB_TYPE_INVALID;  // DUCKDB_TYPE_INVALID: the statement does not say.
  TypeHandle handle;
  bool is_json = false;
  idx_t array_size = 0;
  std::unique_ptr<TargetType> child;  // Of lists and arrays.

  // The type's name for messages, such as "DECIMAL(10,2)" or "BIGINT[]".
  std::string Name() const;

  // Describes `handle`; an empty handle is an unknown type.
  static TargetType Of(TypeHandle handle);
};

// The type a value has by itself: BOOLEAN, BIGINT, DOUBLE, VARCHAR or a list of these. Unknown for NULL.
TargetType NaturalType(const Value& value);

}  // namespace eider::engine
