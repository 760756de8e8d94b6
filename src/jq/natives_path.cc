// Arrays, objects and paths.
#include <algorithm>
#include <cmath>

#include "jq/budget.h"
#include "jq/interpreter.h"
#include "jq/natives.h"
#include "jq/utf8.h"

namespace eider::jq {
namespace {

using Arguments = std::span<const Value>;

std::string Shown(const Value& value) { return std::string(TypeName(value)) + " (" + Excerpt(value) + ")"; }

bool KeysOf(Interpreter& run, const Value& input, bool sorted, Value* out) {
  Array keys;
  if (input.IsArray()) {
    for (std::size_t i = 0; i < input.array().size(); ++i) keys.push_back(Value::Int(static_cast<std::int64_t>(i)));
  } else if (!input.IsObject()) {
    return run.Fail(Shown(input) + " has no keys");
  } else if (sorted) {
    for (const Object::Member* member : input.object().Sorted()) keys.push_back(Value::Text(member->first));
  } else {
    for (const auto& member : input.object().members()) keys.push_back(Value::Text(member.first));
  }
  *out = Value::Of(std::move(keys));
  return true;
}

bool Keys(Interpreter& run, const Value& input, Arguments, Value* out) { return KeysOf(run, input, true, out); }
bool KeysUnsorted(Interpreter& run, const Value& input, Arguments, Value* out) {
  return KeysOf(run, input, false, out);
}

bool Has(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  const Value& key = arguments[0];
  if (input.IsObject() && key.IsString()) {
    *out = Value::Bool(input.object().Find(key.text()) != nullptr);
  } else if (input.IsArray() && key.IsNumber()) {
    *out = Value::Bool(key.number() >= 0 && key.number() < static_cast<double>(input.array().size()));
  } else {
    const std::string shown = key.IsString() ? "a string" : "a " + std::string(TypeName(key));
    return run.Fail("Cannot check whether " + std::string(TypeName(input)) + " has " + shown + " key");
  }
  return true;
}

bool Holds(const Value& a, const Value& b) {
  if (!Budget::Spend()) return false;
  if (a.IsObject() && b.IsObject()) {
    return std::ranges::all_of(b.object().members(), [&](const Object::Member& member) {
      const Value* found = a.object().Find(member.first);
      return found != nullptr && Holds(*found, member.second);
    });
  }
  if (a.IsArray() && b.IsArray()) {
    return std::ranges::all_of(b.array(), [&](const Value& wanted) {
      return std::ranges::any_of(a.array(), [&](const Value& item) { return Holds(item, wanted); });
    });
  }
  if (a.IsString() && b.IsString()) return a.text().find(b.text()) != std::string::npos;
  return Compare(a, b) == 0;
}

bool Contains(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  const Value& other = arguments[0];
  const bool booleans = TypeName(input) == TypeName(other);
  if (input.kind() != other.kind() && !booleans) {
    return run.Fail(Shown(input) + " and " + Shown(other) + " cannot have their containment checked");
  }
  *out = Value::Bool(Holds(input, other));
  return true;
}

bool Add(Interpreter& run, const Value& input, Arguments, Value* out) {
  if (!input.IsArray() && !input.IsObject()) {
    return run.Fail("Cannot iterate over " + std::string(TypeName(input)) +
                    (input.IsNull() ? "" : " (" + Excerpt(input) + ")"));
  }
  Array items;
  if (input.IsObject()) {
    for (const auto& member : input.object().members()) items.push_back(member.second);
  }
  const Array& all = input.IsArray() ? input.array() : items;
  // Texts and lists are joined at once, as one by one costs the square.
  if (all.size() > 2 && std::ranges::all_of(all, [](const Value& item) { return item.IsString(); })) {
    std::string joined;
    for (const Value& item : all) joined.append(item.text());
    *out = Value::Text(std::move(joined));
    return true;
  }
  if (all.size() > 2 && std::ranges::all_of(all, [](const Value& item) { return item.IsArray(); })) {
    Array joined;
    for (const Value& item : all) joined.insert(joined.end(), item.array().begin(), item.array().end());
    *out = Value::Of(std::move(joined));
    return true;
  }
  Value sum;
  for (const Value& item : all) {
    Value next;
    if (!Budget::Spend() || !run.Arithmetic('+', sum, item, &next)) return false;
    sum = std::move(next);
  }
  *out = std::move(sum);
  return true;
}

void FlattenInto(const Array& items, double depth, Array& out) {
  for (const Value& item : items) {
    if (!Budget::Spend() || !Budget::HasRoom(static_cast<std::int64_t>(out.size() * sizeof(Value)))) return;
    if (item.IsArray() && depth > 0) {
      FlattenInto(item.array(), depth - 1, out);
    } else {
      out.push_back(item);
    }
  }
}

bool Flatten(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  if (!arguments[0].IsNumber() || arguments[0].number() < 0) return run.Fail("flatten depth must not be negative");
  if (!input.IsArray()) {
    return run.Fail("Cannot iterate over " + std::string(TypeName(input)) +
                    (input.IsNull() ? "" : " (" + Excerpt(input) + ")"));
  }
  Array flat;
  FlattenInto(input.array(), arguments[0].number(), flat);
  *out = Value::Of(std::move(flat));
  return true;
}

bool Reverse(Interpreter& run, const Value& input, Arguments, Value* out) {
  if (input.IsString()) {
    std::string reversed;
    std::string_view rest = input.text();
    std::vector<std::uint32_t> points;
    while (!rest.empty()) points.push_back(TakeCodepoint(rest));
    for (auto point = points.rbegin(); point != points.rend(); ++point) AppendCodepoint(reversed, *point);
    *out = Value::Text(std::move(reversed));
    return true;
  }
  if (input.IsNull()) return *out = Value::Of(Array()), true;
  if (!input.IsArray()) return run.Fail("Cannot reverse " + std::string(TypeName(input)));
  Array items = input.array();
  std::ranges::reverse(items);
  *out = Value::Of(std::move(items));
  return true;
}

bool FromEntries(Interpreter& run, const Value& input, Arguments, Value* out) {
  if (!input.IsArray()) return run.Fail("Cannot iterate over " + std::string(TypeName(input)));
  Object object;
  for (const Value& entry : input.array()) {
    Value key;
    if (!entry.IsObject()) return run.Fail("Cannot index " + std::string(TypeName(entry)) + " with \"key\"");
    for (const std::string_view name : {"key", "k", "name", "Name", "Key", "K"}) {
      const Value* found = entry.object().Find(name);
      if (found == nullptr || (!found->IsTruthy() && found->kind() != Kind::kFalse)) continue;
      key = *found;
      break;
    }
    std::string text;
    if (key.IsString()) {
      text = key.text();
    } else if (key.IsArray() || key.IsObject()) {
      return run.Fail("Cannot use " + Shown(key) + " as object key");
    } else {
      text = ToJson(key);
    }
    const Value* value = nullptr;
    for (const std::string_view name : {"value", "v", "Value", "V"}) {
      value = entry.object().Find(name);
      if (value != nullptr) break;
    }
    object.Set(text, value == nullptr ? Value() : *value);
  }
  *out = Value::Of(std::move(object));
  return true;
}

bool SetPathCall(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  if (!arguments[0].IsArray()) return run.Fail("Path must be specified as an array");
  *out = input;
  return run.SetPath(*out, arguments[0].array(), [&](Value& place) {
    place = arguments[1];
    return true;
  });
}

bool DeletePathsCall(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  if (!arguments[0].IsArray()) return run.Fail("Paths must be specified as an array");
  *out = input;
  return run.DeletePaths(*out, arguments[0].array());
}

bool Search(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  if (!input.IsArray()) return run.Fail(Shown(input) + " cannot be searched from");
  const Array& items = input.array();
  const auto found =
      std::ranges::lower_bound(items, arguments[0], [](const Value& a, const Value& b) { return Compare(a, b) < 0; });
  const auto at = static_cast<std::int64_t>(found - items.begin());
  *out = Value::Int(found != items.end() && Compare(*found, arguments[0]) == 0 ? at : -1 - at);
  return true;
}

Array TextIndices(const std::string& text, const std::string& wanted) {
  Array found;
  if (wanted.empty()) return found;
  std::size_t counted = 0;
  std::int64_t points = 0;
  for (std::size_t at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) {
    if (!Budget::Spend()) break;
    points += CountCodepoints(std::string_view(text).substr(counted, at - counted));
    counted = at;
    found.push_back(Value::Int(points));
  }
  return found;
}

bool Indices(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  const Value& wanted = arguments[0];
  if (input.IsNull()) return true;
  if (input.IsString() && wanted.IsString()) {
    *out = Value::Of(TextIndices(input.text(), wanted.text()));
    return true;
  }
  if (input.IsArray()) return run.Index(input, wanted.IsArray() ? wanted : Value::Of(Array{wanted}), out);
  return run.Index(input, wanted, out);
}

bool FirstIndex(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  Value all;
  if (!Indices(run, input, arguments, &all)) return false;
  *out = all.IsArray() && !all.array().empty() ? all.array().front() : Value();
  return true;
}

bool LastIndex(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  Value all;
  if (!Indices(run, input, arguments, &all)) return false;
  *out = all.IsArray() && !all.array().empty() ? all.array().back() : Value();
  return true;
}

constexpr Native kTable[] = {
    {"keys", 0, Keys},
    {"keys_unsorted", 0, KeysUnsorted},
    {"has", 1, Has},
    {"contains", 1, Contains},
    {"add", 0, Add},
    {"flatten", 1, Flatten},
    {"reverse", 0, Reverse},
    {"from_entries", 0, FromEntries},
    {"setpath", 2, SetPathCall},
    {"delpaths", 1, DeletePathsCall},
    {"bsearch", 1, Search},
    {"indices", 1, Indices},
    {"_indices", 1, Indices},
    {"index", 1, FirstIndex},
    {"rindex", 1, LastIndex},
};

}  // namespace

std::span<const Native> PathNatives() { return kTable; }

}  // namespace eider::jq
