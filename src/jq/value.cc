#include "jq/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

#include "columnar/number_text.h"
#include "jq/budget.h"

namespace eider::jq {

// Deeper values are refused, so that walking them needs a bounded stack.
constexpr std::uint32_t kMaxDepth = 10'000;

struct Node {
  virtual ~Node() { Budget::Use(-bytes); }
  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  void Account(std::int64_t size) {
    Budget::Use(size - bytes);
    bytes = size;
  }

  std::int64_t bytes = 0;
  std::uint32_t depth = 0;
};

namespace {

struct TextNode final : Node {
  std::string text;
  double number = 0;  // Of a long number.
};

struct ArrayNode final : Node {
  Array items;
};

struct ObjectNode final : Node {
  Object members;
};

constexpr std::int64_t kNodeBytes = 96;

bool IsPlainInteger(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

int Sign(bool less, bool more) { return static_cast<int>(more) - static_cast<int>(less); }

int CompareIntegers(std::string_view a, std::string_view b) {
  const bool negative = a.starts_with('-');
  if (negative != b.starts_with('-')) return negative ? -1 : 1;
  const int order = a.size() == b.size() ? a.compare(b) : Sign(a.size() < b.size(), a.size() > b.size());
  return negative ? -order : order;
}

// The digits of a number without zeros at either end.
std::size_t SignificantDigits(std::string_view text) {
  std::string digits;
  for (const char c : text.substr(0, text.find_first_of("eE"))) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string::npos ? 0 : digits.find_last_not_of('0') - first + 1;
}

std::string IntegerText(const Value& value) {
  if (value.IsInt()) return std::to_string(value.integer());
  return std::string(value.long_number());
}

int CompareNumbers(const Value& a, const Value& b) {
  if (a.IsInt() && b.IsInt()) return Sign(a.integer() < b.integer(), a.integer() > b.integer());
  if (a.IsInt() || b.IsInt()) {
    if (a.long_number().empty() && b.long_number().empty()) {
      const long double left = a.IsInt() ? static_cast<long double>(a.integer()) : static_cast<long double>(a.number());
      const long double right =
          b.IsInt() ? static_cast<long double>(b.integer()) : static_cast<long double>(b.number());
      return std::isnan(a.number()) ? -1 : Sign(left<right, left> right);
    }
  }
  // A NaN sorts before every number, as in jq.
  if (std::isnan(a.number())) return -1;
  if (std::isnan(b.number())) return 1;
  if (a.number() != b.number()) return a.number() < b.number() ? -1 : 1;
  if (a.long_number().empty() && b.long_number().empty()) return 0;
  const std::string left = IntegerText(a);
  const std::string right = IntegerText(b);
  if (IsPlainInteger(left) && IsPlainInteger(right)) return CompareIntegers(left, right);
  return 0;
}

int CompareArrays(const Array& a, const Array& b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (!Budget::Spend()) return 0;
    if (const int order = Compare(a[i], b[i])) return order;
  }
  return Sign(a.size() < b.size(), a.size() > b.size());
}

// By the sorted keys first, then by the values in the order of the keys.
int CompareObjects(const Object& a, const Object& b) {
  const auto left = a.Sorted();
  const auto right = b.Sorted();
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    if (const int order = left[i]->first.compare(right[i]->first)) return order;
  }
  if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!Budget::Spend()) return 0;
    if (const int order = Compare(left[i]->second, right[i]->second)) return order;
  }
  return 0;
}

}  // namespace

Value Value::Bool(bool value) {
  Value out;
  out.tag_ = value ? Tag::kTrue : Tag::kFalse;
  return out;
}

Value Value::Int(std::int64_t value) {
  Value out;
  out.tag_ = Tag::kInt;
  out.integer_ = value;
  return out;
}

Value Value::Double(double value) {
  constexpr double kExact = 9007199254740992.0;
  if (std::abs(value) <= kExact && value == std::trunc(value) && !(value == 0 && std::signbit(value))) {
    return Int(static_cast<std::int64_t>(value));
  }
  Value out;
  out.tag_ = Tag::kDouble;
  out.double_ = value;
  return out;
}

Value Value::Text(std::string text) {
  auto node = std::make_shared<TextNode>();
  node->Account(kNodeBytes + static_cast<std::int64_t>(text.size()));
  node->text = std::move(text);
  Value out;
  out.tag_ = Tag::kString;
  out.node_ = std::move(node);
  return out;
}

Value Value::Of(Array items) {
  auto node = std::make_shared<ArrayNode>();
  node->Account(kNodeBytes + static_cast<std::int64_t>(items.size() * sizeof(Value)));
  for (const Value& item : items) {
    if (item.node_) node->depth = std::max(node->depth, item.node_->depth + 1);
  }
  if (node->depth > kMaxDepth) Budget::Exhaust(ErrorCode::kBadInput, "the value is nested too deeply");
  node->items = std::move(items);
  Value out;
  out.tag_ = Tag::kArray;
  out.node_ = std::move(node);
  return out;
}

Value Value::Of(Object members) {
  auto node = std::make_shared<ObjectNode>();
  std::int64_t bytes = kNodeBytes;
  for (const Object::Member& member : members.members()) {
    bytes += static_cast<std::int64_t>(sizeof(Object::Member) + member.first.size());
    if (member.second.node_) node->depth = std::max(node->depth, member.second.node_->depth + 1);
  }
  if (node->depth > kMaxDepth) Budget::Exhaust(ErrorCode::kBadInput, "the value is nested too deeply");
  node->Account(bytes);
  node->members = std::move(members);
  Value out;
  out.tag_ = Tag::kObject;
  out.node_ = std::move(node);
  return out;
}

Value Value::Number(std::string_view text) {
  std::int64_t integer = 0;
  const char* end = text.data() + text.size();
  if (const auto [rest, error] = std::from_chars(text.data(), end, integer); error == std::errc() && rest == end) {
    if (integer != 0 || text != "-0") return Int(integer);
  }
  const std::string owned(text);
  const double number = std::strtod(owned.c_str(), nullptr);
  char shortest[columnar::kNumberRoom];
  const bool finite = std::isfinite(number);
  const char* written = finite ? columnar::WriteFloat(number, shortest) : shortest;
  // Digits beyond a double's are kept; 17 significant ones are what any double needs.
  const std::size_t digits = SignificantDigits(text);
  if (finite && (digits <= 17 || std::string_view(shortest, written) == text)) return Double(number);
  auto node = std::make_shared<TextNode>();
  node->Account(kNodeBytes + static_cast<std::int64_t>(text.size()));
  node->text = owned;
  node->number = finite ? number : std::copysign(1.7976931348623157e308, number);
  if (!finite) return Double(node->number);
  Value out;
  out.tag_ = Tag::kLong;
  out.node_ = std::move(node);
  return out;
}

Kind Value::kind() const {
  switch (tag_) {
    case Tag::kNull: return Kind::kNull;
    case Tag::kFalse: return Kind::kFalse;
    case Tag::kTrue: return Kind::kTrue;
    case Tag::kInt:
    case Tag::kDouble:
    case Tag::kLong: return Kind::kNumber;
    case Tag::kString: return Kind::kString;
    case Tag::kArray: return Kind::kArray;
    case Tag::kObject: return Kind::kObject;
  }
  return Kind::kNull;
}

double Value::number() const {
  if (tag_ == Tag::kInt) return static_cast<double>(integer_);
  return tag_ == Tag::kDouble ? double_ : static_cast<const TextNode&>(*node_).number;
}

std::string_view Value::long_number() const {
  return tag_ == Tag::kLong ? std::string_view(static_cast<const TextNode&>(*node_).text) : std::string_view();
}

const std::string& Value::text() const { return static_cast<const TextNode&>(*node_).text; }
const Array& Value::array() const { return static_cast<const ArrayNode&>(*node_).items; }
const Object& Value::object() const { return static_cast<const ObjectNode&>(*node_).members; }

Array Value::TakeArray() {
  auto& node = static_cast<ArrayNode&>(*node_);
  Array items = node_.use_count() == 1 ? std::move(node.items) : node.items;
  *this = Value();
  return items;
}

Object Value::TakeObject() {
  auto& node = static_cast<ObjectNode&>(*node_);
  Object members = node_.use_count() == 1 ? std::move(node.members) : node.members;
  *this = Value();
  return members;
}

int Compare(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return a.kind() < b.kind() ? -1 : 1;
  if (a.identity() != nullptr && a.identity() == b.identity()) return 0;
  switch (a.kind()) {
    case Kind::kNull:
    case Kind::kFalse:
    case Kind::kTrue: return 0;
    case Kind::kNumber: return CompareNumbers(a, b);
    case Kind::kString: return a.text().compare(b.text());
    case Kind::kArray: return CompareArrays(a.array(), b.array());
    case Kind::kObject: return CompareObjects(a.object(), b.object());
  }
  return 0;
}

std::string_view TypeName(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull: return "null";
    case Kind::kFalse:
    case Kind::kTrue: return "boolean";
    case Kind::kNumber: return "number";
    case Kind::kString: return "string";
    case Kind::kArray: return "array";
    case Kind::kObject: return "object";
  }
  return "null";
}

}  // namespace eider::jq
