#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "columnar/arrow_c.h"
#include "postgres/type_catalog.h"

namespace eider::postgres {

// What the builders of one result share: the types of its database, and whether one of them has learned a nested type
// since the schema was made. Outlives its builders.
struct BuilderContext {
  const TypeCatalog& types;
  bool schema_changed = true;
};

// Collects the values of one column, given in PostgreSQL's binary format, as an Arrow array. What a record is made of
// is told by its values only: until the first one its column has Arrow's null type, and from then on it keeps what it
// has learned. Not thread-safe.
class ColumnBuilder {
 public:
  virtual ~ColumnBuilder() = default;

  // Appends one value. Fails with kInternal when the bytes are not of this type; the builder is then useless until
  // Reset().
  virtual Status Append(std::string_view value) = 0;
  virtual void AppendNull() = 0;

  // Moves what was appended into `array`, which is released by its owner, and starts anew.
  virtual void Finish(ArrowArray& array) = 0;
  // Drops what was appended.
  virtual void Reset() = 0;

  // Fills `schema`, which is released by its owner.
  virtual void Describe(std::string_view name, ArrowSchema& schema) const = 0;
};

// Makes the builder for values of a type. Fails with kBadInput when they cannot be read.
Result<std::unique_ptr<ColumnBuilder>> MakeColumnBuilder(TypeId type, BuilderContext& context);

// Whether values of a type can be read, down to what its arrays and records hold as far as that is known.
bool CanRead(TypeId type, const TypeCatalog& types);

}  // namespace eider::postgres
