#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace eider::engine {

struct Value;
using ValueList = std::vector<Value>;

// A parameter of a statement. Text stands for every type with a text form (dates, decimals, JSON, UUID …): it is
// converted to the parameter's own type when bound. A list becomes a LIST of the parameter's element type.
struct Value {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, ValueList> data;

  Value() = default;
  Value(bool v) : data(v) {}                    // NOLINT(google-explicit-constructor)
  Value(std::int64_t v) : data(v) {}            // NOLINT(google-explicit-constructor)
  Value(double v) : data(v) {}                  // NOLINT(google-explicit-constructor)
  Value(std::string v) : data(std::move(v)) {}  // NOLINT(google-explicit-constructor)
  Value(ValueList v) : data(std::move(v)) {}    // NOLINT(google-explicit-constructor)
  bool is_null() const { return std::holds_alternative<std::monostate>(data); }
};

using Parameters = std::vector<Value>;

}  // namespace eider::engine
