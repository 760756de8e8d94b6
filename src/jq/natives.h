#pragma once

#include <span>
#include <string_view>

#include "jq/value.h"

namespace eider::jq {

class Interpreter;

// A built-in function of values: `arguments` are evaluated before, every combination is one call. Returns false after
// Interpreter::Fail().
using NativeFunction = bool (*)(Interpreter& run, const Value& input, std::span<const Value> arguments, Value* out);

struct Native {
  std::string_view name;
  int arity = 0;
  NativeFunction call = nullptr;
};

// One table a topic.
std::span<const Native> ValueNatives();   // Types, comparing, sorting, JSON text.
std::span<const Native> TextNatives();    // Strings.
std::span<const Native> NumberNatives();  // Mathematics.
std::span<const Native> PathNatives();    // Arrays, objects and paths.
std::span<const Native> RegexNatives();
std::span<const Native> ClockNatives();  // Dates of jq.
std::span<const Native> TimeNatives();   // Dates of this server, authInfo and queryHugr.

// The function of that name and number of arguments, or nullptr.
const Native* FindNative(std::string_view name, int arity);

}  // namespace eider::jq
