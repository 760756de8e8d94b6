#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eider::sources {

struct StructMember;

// A column type as the engine prints it, such as `STRUCT(a INTEGER, "b c" VARCHAR[])[]`.
struct EngineType {
  enum class Kind { kScalar, kStruct, kList, kArray, kOther };

  Kind kind = Kind::kScalar;
  std::string name;                   // kScalar, kOther: upper-case name without its arguments: "DECIMAL".
  std::vector<StructMember> members;  // kStruct.
  std::vector<EngineType> element;    // kList, kArray: exactly one.
  int length = 0;                     // kArray.
  std::string arguments;              // kScalar, kOther: what stands in its parentheses: "'EPSG:4326'".
};

struct StructMember {
  std::string name;
  EngineType type;
};

// Reads a printed type; nothing when the text is not understood. MAP and UNION are kOther.
std::optional<EngineType> ParseEngineType(std::string_view text);

}  // namespace eider::sources
