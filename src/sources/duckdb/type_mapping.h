#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/duckdb/engine_type.h"
#include "sources/graphql_name.h"

namespace eider::sources {

// A column's type in SDL: `[Int]`, `Vector` with ` @dim(len: 3)`.
struct MappedType {
  std::string type;
  std::string directives;  // With a leading space, or empty.
};

// The SDL scalar for an engine's scalar type; empty when there is none.
std::string_view ScalarFor(std::string_view engine_type);

// Maps column types of one source to SDL. STRUCTs become object types, whose definitions it collects.
class TypeMapper {
 public:
  // New type names are claimed from `type_names`.
  explicit TypeMapper(NameScope& type_names) : type_names_(type_names) {}

  // Maps a type; `name` is what a generated object type would be called. Nothing when the type has no counterpart.
  std::optional<MappedType> Map(const EngineType& type, const std::string& name);

  // The object types generated so far, as SDL, inner ones first.
  const std::vector<std::string>& definitions() const { return definitions_; }

 private:
  std::optional<MappedType> MapStruct(const EngineType& type, const std::string& name);

  NameScope& type_names_;
  std::vector<std::string> definitions_;
};

}  // namespace eider::sources
