// Reading and changing values at paths.
#include <algorithm>
#include <cmath>

#include "jq/budget.h"
#include "jq/interpreter.h"
#include "jq/utf8.h"

namespace eider::jq {
namespace {

constexpr std::int64_t kMaxIndex = 10'000'000;

struct Range {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

// The part of `size` elements that a slice names; false when a bound is no number.
bool RangeOf(const Value& from, const Value& to, std::int64_t size, Range* range) {
  if ((!from.IsNull() && !from.IsNumber()) || (!to.IsNull() && !to.IsNumber())) return false;
  const auto whole = static_cast<double>(size);
  const auto clamp = [&](double bound) {
    return std::isnan(bound) ? 0 : std::clamp(bound < 0 ? bound + whole : bound, 0.0, whole);
  };
  const double start = from.IsNull() ? 0 : clamp(std::floor(from.number()));
  const double end = to.IsNull() ? whole : clamp(std::ceil(to.number()));
  range->from = static_cast<std::int64_t>(start);
  range->to = std::max(range->from, static_cast<std::int64_t>(end));
  return true;
}

// The bounds of a slice in a path; false when `key` is none.
bool BoundsOf(const Value& key, Value* from, Value* to) {
  if (!key.IsObject()) return false;
  const Value* start = key.object().Find("start");
  const Value* end = key.object().Find("end");
  if (start != nullptr) *from = *start;
  if (end != nullptr) *to = *end;
  return start != nullptr || end != nullptr;
}

// The position that a number names, counting from the end when it is negative.
std::int64_t PositionOf(const Value& key, std::size_t size) {
  const double at = std::floor(key.number());
  return static_cast<std::int64_t>(at < 0 ? at + static_cast<double>(size) : at);
}

std::string With(const Value& key) { return key.IsString() ? "\"" + key.text() + "\"" : std::string(TypeName(key)); }

Array IndicesOf(const Array& items, const Array& wanted) {
  Array found;
  if (wanted.empty()) return found;
  for (std::size_t i = 0; i + wanted.size() <= items.size(); ++i) {
    std::size_t same = 0;
    while (same < wanted.size() && Budget::Spend() && Compare(items[i + same], wanted[same]) == 0) ++same;
    if (same == wanted.size()) found.push_back(Value::Int(static_cast<std::int64_t>(i)));
  }
  return found;
}

}  // namespace

bool Interpreter::Index(const Value& target, const Value& key, Value* out) {
  *out = Value();
  if (key.IsString() && target.IsObject()) {
    if (const Value* found = target.object().Find(key.text())) *out = *found;
    return true;
  }
  if (key.IsNumber() && target.IsArray()) {
    if (std::isnan(key.number()) || std::abs(key.number()) > 1e15) return true;
    const std::int64_t at = PositionOf(key, target.array().size());
    if (at >= 0 && at < static_cast<std::int64_t>(target.array().size()))
      *out = target.array()[static_cast<std::size_t>(at)];
    return true;
  }
  Value from;
  Value to;
  if ((target.IsArray() || target.IsNull() || target.IsString()) && BoundsOf(key, &from, &to))
    return Slice(target, from, to, out);
  if (target.IsArray() && key.IsArray()) {
    *out = Value::Of(IndicesOf(target.array(), key.array()));
    return true;
  }
  if (target.IsNull() && (key.IsString() || key.IsNumber() || key.IsNull())) return true;
  return Fail("Cannot index " + std::string(TypeName(target)) + " with " + With(key));
}

bool Interpreter::Slice(const Value& target, const Value& from, const Value& to, Value* out) {
  *out = Value();
  if (target.IsNull()) return true;
  if (!target.IsArray() && !target.IsString()) {
    return Fail("Cannot index " + std::string(TypeName(target)) + " with object");
  }
  const std::int64_t size =
      target.IsArray() ? static_cast<std::int64_t>(target.array().size()) : CountCodepoints(target.text());
  Range range;
  if (!RangeOf(from, to, size, &range)) {
    return Fail("Start and end indices of an array slice must be numbers");
  }
  if (target.IsString()) {
    const std::size_t start = ByteOffset(target.text(), range.from);
    const std::size_t bytes = ByteOffset(std::string_view(target.text()).substr(start), range.to - range.from);
    *out = Value::Text(target.text().substr(start, bytes));
  } else {
    const auto begin = target.array().begin();
    *out = Value::Of(Array(begin + range.from, begin + range.to));
  }
  return true;
}

bool Interpreter::GetPath(const Value& target, const Array& path, Value* out) {
  Value at = target;
  for (const Value& key : path) {
    if (at.IsNull()) break;
    Value next;
    if (!Index(at, key, &next)) return false;
    at = std::move(next);
  }
  *out = std::move(at);
  return true;
}

bool Interpreter::SetPath(Value& target, std::span<const Value> path, const std::function<bool(Value&)>& change) {
  if (!MayGoOn()) return false;
  if (path.empty()) return change(target);
  const Value& key = path[0];
  const auto rest = path.subspan(1);
  if (key.IsString() && (target.IsObject() || target.IsNull())) {
    Object members = target.IsNull() ? Object() : target.TakeObject();
    const bool done = SetPath(members.At(key.text()), rest, change);
    target = Value::Of(std::move(members));
    return done;
  }
  if (key.IsNumber() && (target.IsArray() || target.IsNull())) {
    Array items = target.IsNull() ? Array() : target.TakeArray();
    if (std::isnan(key.number())) return Fail("Cannot set array element at NaN index");
    const double wanted = std::floor(key.number());
    if (wanted > static_cast<double>(kMaxIndex)) return Fail("Array index too large");
    const std::int64_t at = wanted < -1e15 ? -1 : PositionOf(key, items.size());
    if (at < 0) return Fail("Out of bounds negative array index");
    if (static_cast<std::size_t>(at) >= items.size()) items.resize(static_cast<std::size_t>(at) + 1);
    const bool done = SetPath(items[static_cast<std::size_t>(at)], rest, change);
    target = Value::Of(std::move(items));
    return done;
  }
  Value from;
  Value to;
  if ((target.IsArray() || target.IsNull()) && BoundsOf(key, &from, &to)) {
    Value part;
    const Array items = target.IsNull() ? Array() : target.array();
    Range range;
    if (!RangeOf(from, to, static_cast<std::int64_t>(items.size()), &range)) {
      return Fail("Start and end indices of an array slice must be numbers");
    }
    if (!target.IsNull()) part = Value::Of(Array(items.begin() + range.from, items.begin() + range.to));
    if (!SetPath(part, rest, change)) return false;
    if (!part.IsArray()) return Fail("A slice of an array can only be assigned another array");
    Array joined(items.begin(), items.begin() + range.from);
    joined.insert(joined.end(), part.array().begin(), part.array().end());
    joined.insert(joined.end(), items.begin() + range.to, items.end());
    target = Value::Of(std::move(joined));
    return true;
  }
  if (target.IsArray() && key.IsArray()) return Fail("Cannot update field at array index of array");
  return Fail("Cannot index " + std::string(TypeName(target)) + " with " + With(key));
}

namespace {

// Deletes one key; true when nothing is wrong with it.
bool DeleteKey(Value& target, const Value& key, std::string* problem) {
  if (target.IsNull()) return true;
  if (key.IsString() && target.IsObject()) {
    Object members = target.TakeObject();
    members.Erase(key.text());
    target = Value::Of(std::move(members));
    return true;
  }
  Value from;
  Value to;
  if (target.IsArray() && (key.IsNumber() || BoundsOf(key, &from, &to))) {
    const auto size = static_cast<std::int64_t>(target.array().size());
    Range range;
    if (key.IsNumber()) {
      const std::int64_t at = std::abs(key.number()) > 1e15 ? -1 : PositionOf(key, target.array().size());
      if (at < 0 || at >= size) return true;
      range = {at, at + 1};
    } else if (!RangeOf(from, to, size, &range)) {
      *problem = "Start and end indices of an array slice must be numbers";
      return false;
    }
    Array items = target.TakeArray();
    items.erase(items.begin() + range.from, items.begin() + range.to);
    target = Value::Of(std::move(items));
    return true;
  }
  *problem = "Cannot delete field at " + std::string(target.IsObject() ? "object" : "array") + " index of " +
             std::string(TypeName(target));
  return false;
}

}  // namespace

bool Interpreter::DeletePaths(Value& target, Array paths) {
  std::ranges::sort(paths, [](const Value& a, const Value& b) { return Compare(a, b) > 0; });
  for (const Value& path : paths) {
    if (!MayGoOn()) return false;
    if (!path.IsArray()) return Fail("Path must be specified as an array");
    const Array& keys = path.array();
    if (keys.empty()) {
      target = Value();
      return true;
    }
    Value holder;
    const std::span<const Value> above(keys.data(), keys.size() - 1);
    if (!GetPath(target, Array(above.begin(), above.end()), &holder)) return false;
    if (holder.IsNull()) continue;
    std::string problem;
    const auto remove = [&](Value& place) { return DeleteKey(place, keys.back(), &problem) || Fail(problem); };
    if (!SetPath(target, above, remove)) return false;
  }
  return true;
}

bool Interpreter::EvalGetPath(const SyntaxNode& node, const Scope* scope, const Item& in, const Sink& out) {
  return EvalValues(*node.kids[0], scope, in, [&](Item&& wanted) {
    if (!wanted.value.IsArray()) return Fail("Path must be specified as an array");
    Item found{Value(), in.tracked, in.has_path, in.path};
    if (!CheckPath(in) || !GetPath(in.value, wanted.value.array(), &found.value)) return false;
    if (in.tracked) {
      for (const Value& key : wanted.value.array()) {
        found.path = std::make_shared<const PathStep>(PathStep{found.path, key});
      }
    }
    return out(std::move(found));
  });
}

}  // namespace eider::jq
