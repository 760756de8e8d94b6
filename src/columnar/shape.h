#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace eider::columnar {

// How one value is written as JSON. The physical form is read from the Arrow type; the JSON form says what it means.
enum class JsonForm : std::uint8_t {
  kValue,      // By Arrow type: booleans, numbers (decimals exact, integral floats without ".0", NaN and infinities
               // as null), text as string, binary as base64, date/time/timestamp/interval in the forms below,
               // nested lists and structs by recursion with their Arrow names.
  kDate,       // "YYYY-MM-DD"; also from a timestamp (its day).
  kTime,       // "HH:MM:SS.nnnnnnnnn", always nine fractional digits.
  kTimestamp,  // RFC 3339 in the session zone, fraction trimmed, offset zero prints Z.
  kDateTime,   // The same shape, always Z, never shifted.
  kInterval,   // ISO-8601 duration: months, days, then hours/minutes/seconds normalised; zero is PT0S.
  kJson,       // Text that is JSON already, inlined as is.
  kGeometry,   // WKB, as bytes or as text in hex: a GeoJSON geometry. Curves and broken bytes are null.
  kString,     // Any scalar, as a JSON string.
  kConstant,   // `constant`, written verbatim for every row (such as "\"lib_books\"" for __typename).
  kObject,     // An object of `members`; see Shape::column and Shape::presence.
  kList,       // A list; `members[0]` is the element, read from the list's child array.
};

// A tree that says how rows become JSON objects. Made by the planner together with the SQL statement; immutable.
//
// Members of an object name columns of their container: the row itself, or the struct that `column` points at.
struct Shape {
  std::string key;  // Response name in the parent object; empty for the root and list elements.
  JsonForm form = JsonForm::kValue;
  // Index of the column (or struct member) in the container that holds this value. For kObject: -1 means the members
  // live in the same container as the object itself (a flattened object); else the column is a struct that holds them.
  int column = -1;
  // For kObject with column = -1: index of a container column whose NULL makes the object null; -1 = always present.
  int presence = -1;
  std::string constant;            // kConstant: JSON text.
  std::string null_text = "null";  // What a NULL value is written as (such as "[]" or "0").
  std::vector<Shape> members;      // kObject: members in selection order. kList: exactly one element.
};

}  // namespace eider::columnar
