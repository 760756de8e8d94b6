// + - * / % of values.
#include <algorithm>
#include <cmath>
#include <limits>

#include "jq/budget.h"
#include "jq/interpreter.h"
#include "jq/strings.h"

namespace eider::jq {
namespace {

constexpr std::size_t kMaxText = std::size_t{64} << 20;

Value AddNumbers(const Value& a, const Value& b) {
  std::int64_t sum = 0;
  if (a.IsInt() && b.IsInt() && !__builtin_add_overflow(a.integer(), b.integer(), &sum)) return Value::Int(sum);
  return Value::Double(a.number() + b.number());
}

Value SubtractNumbers(const Value& a, const Value& b) {
  std::int64_t difference = 0;
  if (a.IsInt() && b.IsInt() && !__builtin_sub_overflow(a.integer(), b.integer(), &difference))
    return Value::Int(difference);
  return Value::Double(a.number() - b.number());
}

Value MultiplyNumbers(const Value& a, const Value& b) {
  std::int64_t product = 0;
  if (a.IsInt() && b.IsInt() && !__builtin_mul_overflow(a.integer(), b.integer(), &product)) {
    if (product != 0 || (a.integer() >= 0 && b.integer() >= 0)) return Value::Int(product);
  }
  return Value::Double(a.number() * b.number());
}

Value DivideNumbers(const Value& a, const Value& b) {
  if (a.IsInt() && b.IsInt() && b.integer() != -1 && a.integer() % b.integer() == 0) {
    return Value::Int(a.integer() / b.integer());
  }
  return Value::Double(a.number() / b.number());
}

std::int64_t ToInteger(double value) {
  constexpr double kLimit = 9223372036854775807.0;
  if (value >= kLimit) return INT64_MAX;
  return value <= -kLimit ? INT64_MIN : static_cast<std::int64_t>(value);
}

std::int64_t ToInteger(const Value& value) { return value.IsInt() ? value.integer() : ToInteger(value.number()); }

Value MergeObjects(const Value& a, const Value& b, bool deep) {
  Object merged = a.object();
  for (const auto& [key, value] : b.object().members()) {
    if (!Budget::Spend()) break;
    const Value* old = deep ? merged.Find(key) : nullptr;
    if (old != nullptr && old->IsObject() && value.IsObject()) {
      merged.Set(key, MergeObjects(*old, value, true));
    } else {
      merged.Set(key, value);
    }
  }
  return Value::Of(std::move(merged));
}

Value Without(const Array& items, const Array& others) {
  Array left;
  for (const Value& item : items) {
    const bool listed =
        std::ranges::any_of(others, [&](const Value& other) { return Budget::Spend() && Compare(item, other) == 0; });
    if (!listed) left.push_back(item);
  }
  return Value::Of(std::move(left));
}

bool Add(const Value& a, const Value& b, Value* out) {
  if (a.IsNull() || b.IsNull()) {
    *out = a.IsNull() ? b : a;
  } else if (a.IsNumber() && b.IsNumber()) {
    *out = AddNumbers(a, b);
  } else if (a.IsString() && b.IsString()) {
    *out = Value::Text(a.text() + b.text());
  } else if (a.IsArray() && b.IsArray()) {
    Array items = a.array();
    items.insert(items.end(), b.array().begin(), b.array().end());
    *out = Value::Of(std::move(items));
  } else if (a.IsObject() && b.IsObject()) {
    *out = MergeObjects(a, b, false);
  } else {
    return false;
  }
  return true;
}

bool Repeat(const std::string& text, double times, Value* out) {
  if (std::isnan(times) || times < 0) {
    *out = Value();
    return true;
  }
  const double count = times < 1 ? std::ceil(times) : std::floor(times);
  if (count * static_cast<double>(text.size()) > static_cast<double>(kMaxText)) {
    Budget::Exhaust(ErrorCode::kMemoryLimit, "the jq program uses too much memory");
    return true;
  }
  std::string repeated;
  if (!text.empty()) {
    for (double i = 0; i < count; ++i) repeated.append(text);
  }
  *out = Value::Text(std::move(repeated));
  return true;
}

bool Multiply(const Value& a, const Value& b, Value* out) {
  if (a.IsNumber() && b.IsNumber()) {
    *out = MultiplyNumbers(a, b);
  } else if (a.IsString() && b.IsNumber()) {
    // Nothing of a text is null, in version 1.7.
    return b.number() <= 0 ? (*out = Value(), true) : Repeat(a.text(), b.number(), out);
  } else if (a.IsNumber() && b.IsString()) {
    return a.number() <= 0 ? (*out = Value(), true) : Repeat(b.text(), a.number(), out);
  } else if (a.IsObject() && b.IsObject()) {
    *out = MergeObjects(a, b, true);
  } else {
    return false;
  }
  return true;
}

std::string Shown(const Value& value) { return std::string(TypeName(value)) + " (" + Excerpt(value) + ")"; }

std::string Both(const Value& a, const Value& b) { return Shown(a) + " and " + Shown(b) + " cannot be "; }

}  // namespace

bool Interpreter::Arithmetic(char op, const Value& a, const Value& b, Value* out) {
  const bool numbers = a.IsNumber() && b.IsNumber();
  switch (op) {
    case '+': return Add(a, b, out) || Fail(Both(a, b) + "added");
    case '-':
      if (numbers) return *out = SubtractNumbers(a, b), true;
      if (a.IsArray() && b.IsArray()) return *out = Without(a.array(), b.array()), true;
      return Fail(Both(a, b) + "subtracted");
    case '*': return Multiply(a, b, out) || Fail(Both(a, b) + "multiplied");
    case '/':
      if (numbers && b.number() == 0) return Fail(Both(a, b) + "divided because the divisor is zero");
      if (numbers) return *out = DivideNumbers(a, b), true;
      if (a.IsString() && b.IsString()) return *out = SplitString(a.text(), b.text()), true;
      return Fail(Both(a, b) + "divided");
    default: break;
  }
  if (!numbers) return Fail(Both(a, b) + "divided (remainder)");
  if (std::isnan(a.number()) || std::isnan(b.number())) {
    *out = Value::Double(std::numeric_limits<double>::quiet_NaN());
    return true;
  }
  const std::int64_t divisor = ToInteger(b);
  if (divisor == 0) return Fail(Both(a, b) + "divided (remainder) because the divisor is zero");
  *out = Value::Int(
      divisor == -1 || divisor == 1 ? 0 : ToInteger(a) % (divisor == INT64_MIN ? INT64_MAX : std::abs(divisor)));
  return true;
}

}  // namespace eider::jq
