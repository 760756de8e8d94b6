// Types, errors, sorting, and JSON text.
#include <algorithm>
#include <cmath>

#include "jq/budget.h"
#include "jq/interpreter.h"
#include "jq/library.h"
#include "jq/natives.h"
#include "jq/utf8.h"

namespace eider::jq {
namespace {

using Arguments = std::span<const Value>;

std::string Shown(const Value& value) { return std::string(TypeName(value)) + " (" + Excerpt(value) + ")"; }

bool Length(Interpreter& run, const Value& input, Arguments, Value* out) {
  switch (input.kind()) {
    case Kind::kNull: *out = Value::Int(0); return true;
    case Kind::kFalse:
    case Kind::kTrue: return run.Fail(Shown(input) + " has no length");
    case Kind::kNumber:
      *out = input.IsInt() && input.integer() != INT64_MIN ? Value::Int(std::abs(input.integer()))
                                                           : Value::Double(std::abs(input.number()));
      return true;
    case Kind::kString: *out = Value::Int(CountCodepoints(input.text())); return true;
    case Kind::kArray: *out = Value::Int(static_cast<std::int64_t>(input.array().size())); return true;
    case Kind::kObject: *out = Value::Int(static_cast<std::int64_t>(input.object().size())); return true;
  }
  return true;
}

bool Type(Interpreter&, const Value& input, Arguments, Value* out) {
  *out = Value::Text(std::string(TypeName(input)));
  return true;
}

bool ToStringCall(Interpreter&, const Value& input, Arguments, Value* out) {
  *out = input.IsString() ? input : Value::Text(ToJson(input));
  return true;
}

bool ToNumber(Interpreter& run, const Value& input, Arguments, Value* out) {
  *out = input;
  if (input.IsNumber()) return true;
  std::string problem;
  const bool plain = input.IsString() && !input.text().empty() &&
                     input.text().find_first_not_of("0123456789+-.eE") == std::string::npos;
  std::string text = plain ? input.text() : "";
  // A number may begin or end with its point here.
  if (text.starts_with('.')) text.insert(0, "0");
  if (text.ends_with('.')) text.pop_back();
  if (plain && ParseJson(text, out, &problem) && out->IsNumber()) return true;
  return run.Fail(Shown(input) + " cannot be parsed as a number");
}

bool ToJsonCall(Interpreter&, const Value& input, Arguments, Value* out) {
  *out = Value::Text(ToJson(input));
  return true;
}

bool FromJson(Interpreter& run, const Value& input, Arguments, Value* out) {
  if (!input.IsString()) return run.Fail(Shown(input) + " cannot be parsed as JSON");
  std::string problem;
  if (input.text() == "nan") {
    *out = Value::Double(std::nan(""));
    return true;
  }
  return ParseJson(input.text(), out, &problem) || run.Fail(problem + " (while parsing '" + input.text() + "')");
}

bool ErrorCall(Interpreter& run, const Value& input, Arguments, Value*) { return run.Fail(input); }
bool ErrorWith(Interpreter& run, const Value&, Arguments arguments, Value*) { return run.Fail(arguments[0]); }
bool Same(Interpreter&, const Value& input, Arguments, Value* out) { return *out = input, true; }
bool NoInput(Interpreter& run, const Value&, Arguments, Value*) { return run.Fail("No more inputs"); }
bool Halt(Interpreter& run, const Value&, Arguments, Value*) { return run.Halt(); }
bool Modules(Interpreter& run, const Value&, Arguments, Value*) { return run.Fail("there are no modules"); }

bool Yes(Interpreter&, const Value&, Arguments, Value* out) { return *out = Value::Bool(true), true; }
bool No(Interpreter&, const Value&, Arguments, Value* out) { return *out = Value::Bool(false), true; }

bool Less(const Value& a, const Value& b) { return Budget::Spend() && Compare(a, b) < 0; }

bool Sort(Interpreter& run, const Value& input, Arguments, Value* out) {
  if (!input.IsArray()) return run.Fail(Shown(input) + " cannot be sorted, as it is not an array");
  Array items = input.array();
  std::vector<const Value*> order;
  for (const Value& item : items) order.push_back(&item);
  std::stable_sort(order.begin(), order.end(), [](const Value* a, const Value* b) { return Compare(*a, *b) < 0; });
  Array sorted;
  for (const Value* item : order) sorted.push_back(*item);
  *out = Value::Of(std::move(sorted));
  return true;
}

// Positions of `keys` in their order; equal ones stay as they are.
std::vector<std::size_t> OrderOf(const Array& keys) {
  std::vector<std::size_t> order(keys.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return Compare(keys[a], keys[b]) < 0; });
  return order;
}

bool CheckKeyed(Interpreter& run, const Value& input, const Value& keys, const char* what) {
  if (!input.IsArray()) return run.Fail(Shown(input) + " cannot be " + what + ", as it is not an array");
  return (keys.IsArray() && keys.array().size() == input.array().size()) || run.Fail("the keys do not fit");
}

bool SortBy(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  if (!CheckKeyed(run, input, arguments[0], "sorted")) return false;
  Array sorted;
  for (const std::size_t at : OrderOf(arguments[0].array())) sorted.push_back(input.array()[at]);
  *out = Value::Of(std::move(sorted));
  return true;
}

bool GroupBy(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  if (!CheckKeyed(run, input, arguments[0], "grouped")) return false;
  const Array& keys = arguments[0].array();
  Array groups;
  Array group;
  const Value* last = nullptr;
  for (const std::size_t at : OrderOf(keys)) {
    if (last != nullptr && Compare(*last, keys[at]) != 0) {
      groups.push_back(Value::Of(std::move(group)));
      group = Array();
    }
    group.push_back(input.array()[at]);
    last = &keys[at];
  }
  if (!group.empty()) groups.push_back(Value::Of(std::move(group)));
  *out = Value::Of(std::move(groups));
  return true;
}

// The first smallest, or the last largest.
bool Extreme(Interpreter& run, const Value& input, const Value& keys, bool largest, Value* out) {
  if (!CheckKeyed(run, input, keys, "searched")) return false;
  const Array& by = keys.array();
  std::size_t best = 0;
  for (std::size_t i = 1; i < by.size(); ++i) {
    if (largest ? !Less(by[i], by[best]) : Less(by[i], by[best])) best = i;
  }
  if (!by.empty()) *out = input.array()[best];
  return true;
}

bool MinBy(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  return Extreme(run, input, arguments[0], false, out);
}
bool MaxBy(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  return Extreme(run, input, arguments[0], true, out);
}

bool Builtins(Interpreter&, const Value&, Arguments, Value* out) {
  Array names;
  const auto add = [&](std::string_view name, int arity) {
    if (!name.starts_with('_')) names.push_back(Value::Text(std::string(name) + "/" + std::to_string(arity)));
  };
  for (const auto& [key, function] : Library()) add(key.first, key.second);
  for (const auto table :
       {ValueNatives(), TextNatives(), NumberNatives(), PathNatives(), RegexNatives(), ClockNatives(), TimeNatives()}) {
    for (const Native& native : table) add(native.name, native.arity);
  }
  *out = Value::Of(std::move(names));
  return true;
}

bool ToArray(Interpreter&, const Value& input, Arguments, Value* out) {
  *out = input.IsArray() ? input : Value::Of(Array{input});
  return true;
}

constexpr Native kTable[] = {
    {"length", 0, Length},        {"type", 0, Type},          {"tostring", 0, ToStringCall},
    {"tonumber", 0, ToNumber},    {"tojson", 0, ToJsonCall},  {"fromjson", 0, FromJson},
    {"error", 0, ErrorCall},      {"error", 1, ErrorWith},    {"debug", 0, Same},
    {"stderr", 0, Same},          {"input", 0, NoInput},      {"halt", 0, Halt},
    {"halt_error", 1, ErrorCall}, {"modulemeta", 0, Modules}, {"have_literal_numbers", 0, Yes},
    {"have_decnum", 0, No},       {"sort", 0, Sort},          {"_sort_by", 1, SortBy},
    {"_group_by", 1, GroupBy},    {"_min_by", 1, MinBy},      {"_max_by", 1, MaxBy},
    {"builtins", 0, Builtins},    {"toarray", 0, ToArray},
};

}  // namespace

std::span<const Native> ValueNatives() { return kTable; }

}  // namespace eider::jq
