#include "planner/bind_value.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/text.h"
#include "geo/h3_cells.h"
#include "geo/parse.h"
#include "geo/wkb.h"
#include "graphql/coerce.h"
#include "graphql/print.h"
#include "planner/access.h"

namespace eider::planner {

using catalog::ScalarKind;
using graphql::ValueKind;

namespace {

// What is shown of a long value that cannot be read.
constexpr std::size_t kShownText = 100;

ScalarKind TemporalKind(std::string_view name) {
  if (name == "Date") return ScalarKind::kDate;
  if (name == "Time") return ScalarKind::kTime;
  if (name == "Timestamp") return ScalarKind::kTimestamp;
  if (name == "DateTime") return ScalarKind::kDateTime;
  if (name == "Interval") return ScalarKind::kInterval;
  return ScalarKind::kString;
}

bool IsNumber(const graphql::Value& value) { return value.kind == ValueKind::kInt || value.kind == ValueKind::kFloat; }

// Whether the whole text is an integer of any length.
bool IsIntegerText(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The number without an exponent where that takes few digits.
std::string PlainDecimal(std::string_view number) {
  constexpr int kLargest = 40;
  const std::size_t mark = number.find_first_of("eE");
  if (mark == std::string_view::npos) return std::string(number);
  std::string_view power = number.substr(mark + 1);
  if (power.starts_with('+')) power.remove_prefix(1);
  int exponent = 0;
  const auto [end, code] = std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (code != std::errc() || std::abs(exponent) > kLargest) return std::string(number);
  const bool negative = number.starts_with('-');
  const std::string_view mantissa = number.substr(negative ? 1 : 0, mark - (negative ? 1 : 0));
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  std::string digits(mantissa.substr(0, point));
  digits.append(mantissa.substr(std::min(point + 1, mantissa.size())));
  const int whole = static_cast<int>(point) + exponent;  // Digits before the point.
  if (whole <= 0) {
    digits.insert(0, static_cast<std::size_t>(1 - whole), '0');
    digits.insert(1, ".");
  } else if (static_cast<std::size_t>(whole) >= digits.size()) {
    digits.append(static_cast<std::size_t>(whole) - digits.size(), '0');
  } else {
    digits.insert(static_cast<std::size_t>(whole), ".");
  }
  return negative ? "-" + digits : digits;
}

std::string Rejected(const graphql::Type& type, const graphql::Value& value) {
  return std::string(type.name) + " cannot represent value: " + graphql::PrintValue(value);
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string Shortened(std::string text) { return text.size() > kShownText ? text.substr(0, kShownText) + "…" : text; }

struct VectorInput {
  std::string text;  // "[0.1,0.2]"
  int length = 0;
};

// Appends one finite number; false when `number` is none.
bool AppendNumber(std::string_view number, VectorInput& vector) {
  double parsed = 0;
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), parsed);
  if (code != std::errc() || end != number.data() + number.size() || !std::isfinite(parsed)) return false;
  vector.text.append(vector.length++ == 0 ? "[" : ",").append(number);
  return true;
}

// A list of numbers, or its text; nothing when it is neither.
std::optional<VectorInput> VectorText(const graphql::Value& value) {
  VectorInput vector;
  if (value.kind == ValueKind::kList) {
    for (const graphql::Value& item : value.items()) {
      if (!IsNumber(item) || !AppendNumber(item.text, vector)) return std::nullopt;
    }
  } else {
    std::string_view text = Trimmed(value.text);
    if (value.kind != ValueKind::kString || !text.starts_with('[') || !text.ends_with(']')) return std::nullopt;
    text = text.substr(1, text.size() - 2);
    for (const std::string_view part : SplitText(text, ',')) {
      if (!AppendNumber(Trimmed(part), vector)) return std::nullopt;
    }
  }
  if (vector.length == 0) return std::nullopt;
  vector.text.push_back(']');
  return vector;
}

// A cell as hex text, from the same or from its number; nothing when there is no such cell.
std::optional<std::string> CellInput(const graphql::Value& value) {
  if (value.kind == ValueKind::kString) {
    const auto cell = geo::ParseCell(value.text);
    return cell ? std::optional(geo::CellText(*cell)) : std::nullopt;
  }
  if (value.kind != ValueKind::kInt) return std::nullopt;
  geo::Cell number = 0;
  const auto [end, code] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
  if (code != std::errc() || end != value.text.data() + value.text.size()) return std::nullopt;
  std::string text = geo::CellText(number);
  return geo::ParseCell(text) ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace

void ValueBinder::Fail(graphql::Position position, std::string message) {
  if (!error_) error_ = PlanError{Error(ErrorCode::kBadInput, std::move(message)), position, true};
}

void ValueBinder::Forbid(std::string what) {
  error_ = PlanError{Error(ErrorCode::kForbidden, std::string(kForbidden)).Hide(std::move(what)), 0, false};
}

BoundValue ValueBinder::AddParameter(engine::Value value, bool is_list, graphql::Position position) {
  BoundValue out;
  out.kind = BoundKind::kParameter;
  out.is_list = is_list;
  out.parameter = static_cast<int>(root_.parameters.size());
  out.position = position;
  root_.parameters.push_back(std::move(value));
  root_.key.append(is_list ? "?*" : "?");
  return out;
}

BoundValue ValueBinder::Bind(const graphql::Value& value, graphql::TypeRef type, bool parameters,
                             graphql::Position position) {
  if (value.kind == ValueKind::kNull) {
    root_.key.push_back('~');
    return BoundValue::NullAt(position);
  }
  const graphql::TypeRef nullable = type.Nullable();
  if (nullable.IsList()) return BindList(value, nullable.Inner(), parameters, position);
  const graphql::Type& named = *nullable.named();
  if (named.kind == graphql::TypeKind::kInputObject) return BindObject(value, named, parameters, position);
  if (named.name == "JSON") return BindDocument(value, position);
  if (named.name == "Vector") return BindVector(value, named, position);
  // Booleans and enums decide the shape of a condition as often as its operand; both have few values.
  if (!parameters || named.kind == graphql::TypeKind::kEnum || named.name == "Boolean") {
    return BindStructure(value, named, position);
  }
  std::optional<engine::Value> scalar = Scalar(value, named, position);
  return scalar ? AddParameter(std::move(*scalar), false, position) : BoundValue::NullAt(position);
}

BoundValue ValueBinder::BindList(const graphql::Value& value, graphql::TypeRef item, bool parameters,
                                 graphql::Position position) {
  const std::span<const graphql::Value> items =
      value.kind == ValueKind::kList ? value.items() : std::span<const graphql::Value>(&value, 1);
  const graphql::Type& named = *item.named();
  const bool scalars = named.kind == graphql::TypeKind::kScalar && named.name != "JSON" && !item.Nullable().IsList();
  if (parameters && scalars) {
    engine::ValueList list;
    for (const graphql::Value& entry : items) {
      if (entry.kind == ValueKind::kNull) {
        if (keeps_nulls_) list.emplace_back();
        continue;
      }
      if (auto scalar = Scalar(entry, named, position)) list.push_back(std::move(*scalar));
    }
    return AddParameter(engine::Value(std::move(list)), true, position);
  }
  BoundValue out;
  out.kind = BoundKind::kList;
  out.is_list = true;
  out.position = position;
  out.items.reserve(items.size());
  root_.key.push_back('[');
  for (const graphql::Value& entry : items) {
    out.items.push_back(Bind(entry, item, parameters, position));
    root_.key.push_back(',');
  }
  root_.key.push_back(']');
  return out;
}

BoundValue ValueBinder::BindObject(const graphql::Value& value, const graphql::Type& type, bool parameters,
                                   graphql::Position position) {
  BoundValue out;
  out.kind = BoundKind::kObject;
  out.position = position;
  // What is asked of a JSON document (a path, a containment) shapes the condition itself.
  const bool inner = parameters && type.name != "JSONFilter";
  out.fields.reserve(value.fields().size());
  root_.key.push_back('{');
  for (const graphql::NamedValue& field : value.fields()) {
    const graphql::InputValue* input = type.FindInputField(field.name);
    if (input == nullptr) continue;
    root_.key.append(field.name).push_back('=');
    out.fields.push_back({std::string(field.name), Bind(field.value, input->type, inner, position)});
    root_.key.push_back(',');
  }
  root_.key.push_back('}');
  return out;
}

BoundValue ValueBinder::BindViewArguments(const graphql::Value& value, const graphql::Type& type,
                                          graphql::Position position) {
  BoundValue out;
  out.kind = BoundKind::kObject;
  out.position = position;
  root_.key.push_back('{');
  for (const graphql::NamedValue& field : value.fields()) {
    const graphql::InputValue* input = type.FindInputField(field.name);
    if (input == nullptr) continue;
    root_.key.append(field.name).push_back('=');
    const bool is_document = input->type.named()->kind == graphql::TypeKind::kInputObject && !field.value.IsNull();
    out.fields.push_back({std::string(field.name), is_document ? BindDocument(field.value, position)
                                                               : Bind(field.value, input->type, true, position)});
    root_.key.push_back(',');
  }
  root_.key.push_back('}');
  return out;
}

BoundValue ValueBinder::BindStructure(const graphql::Value& value, const graphql::Type& type,
                                      graphql::Position position) {
  BoundValue out;
  out.kind = BoundKind::kText;
  out.position = position;
  out.text = value.text;
  if (type.name == "Interval") {
    const auto interval = IsNumber(value) ? IntervalFromSeconds(std::strtod(std::string(value.text).c_str(), nullptr))
                                          : NormalizeInterval(value.text).value_or("");
    if (interval.empty()) Fail(position, Rejected(type, value));
    out.text = interval;
  }
  root_.key.append(std::to_string(out.text.size())).append("'").append(out.text);
  return out;
}

// A whole JSON argument: a literal, or a string that holds JSON text.
BoundValue ValueBinder::BindDocument(const graphql::Value& value, graphql::Position position) {
  if (value.kind == ValueKind::kString) {
    graphql::Arena arena;
    const auto parsed = graphql::ParseJson(value.text, arena);
    if (parsed) return BindJson(**parsed, position);
  }
  return BindJson(value, position);
}

BoundValue ValueBinder::BindJson(const graphql::Value& value, graphql::Position position) {
  BoundValue out;
  out.position = position;
  switch (value.kind) {
    case ValueKind::kObject:
      out.kind = BoundKind::kObject;
      root_.key.push_back('{');
      for (const graphql::NamedValue& field : value.fields()) {
        root_.key.append(std::to_string(field.name.size())).append("'").append(field.name).push_back('=');
        out.fields.push_back({std::string(field.name), BindJson(field.value, position)});
      }
      root_.key.push_back('}');
      break;
    case ValueKind::kList:
      out.kind = BoundKind::kList;
      root_.key.push_back('[');
      for (const graphql::Value& item : value.items()) out.items.push_back(BindJson(item, position));
      root_.key.push_back(']');
      break;
    case ValueKind::kNull: root_.key.push_back('~'); break;
    default:
      out.kind = BoundKind::kText;
      // A leading mark tells JSON strings from numbers and booleans; see json_filter.cc.
      if (value.kind == ValueKind::kString || value.kind == ValueKind::kEnum) out.text = "s";
      out.text.append(value.text);
      root_.key.append(std::to_string(out.text.size())).append("'").append(out.text);
  }
  return out;
}

std::optional<engine::Value> ValueBinder::Temporal(const graphql::Value& value, const graphql::Type& type,
                                                   graphql::Position position) {
  const ScalarKind kind = TemporalKind(type.name);
  std::optional<std::string> text;
  if (kind == ScalarKind::kInterval) {
    text = IsNumber(value) ? IntervalFromSeconds(std::strtod(std::string(value.text).c_str(), nullptr))
                           : NormalizeInterval(value.text);
  } else if (IsNumber(value)) {
    text = TemporalFromSeconds(std::strtod(std::string(value.text).c_str(), nullptr), kind);
  } else if (value.kind == ValueKind::kString) {
    text = NormalizeTemporal(value.text, kind, zone_);
  }
  if (!text) {
    Fail(position, Rejected(type, value));
    return std::nullopt;
  }
  return engine::Value(std::move(*text));
}

// As WKB in hex, which every engine reads alike.
std::optional<engine::Value> ValueBinder::Geometry(const graphql::Value& value, graphql::Position position) {
  std::string text(value.text);
  if (value.kind == ValueKind::kObject) {
    text.clear();
    graphql::PrintJson(value, &text);
  }
  const bool readable = value.kind == ValueKind::kObject || value.kind == ValueKind::kString;
  const auto geometry =
      readable ? geo::ParseGeometry(text) : Error(ErrorCode::kBadInput, "it is neither GeoJSON nor text");
  if (geometry) return engine::Value(geo::ToHex(geo::WriteWkb(*geometry)));
  Fail(position, "Geometry cannot represent value: " + Shortened(graphql::PrintValue(value)) + " (" +
                     geometry.error().message + ")");
  return std::nullopt;
}

BoundValue ValueBinder::BindVector(const graphql::Value& value, const graphql::Type& type, graphql::Position position) {
  const auto vector = VectorText(value);
  if (!vector) {
    Fail(position, Shortened(Rejected(type, value)));
    return BoundValue::NullAt(position);
  }
  BoundValue out = AddParameter(engine::Value(vector->text), false, position);
  out.length = vector->length;
  root_.key.append(std::to_string(out.length)).push_back('v');
  return out;
}

std::optional<engine::Value> ValueBinder::Scalar(const graphql::Value& value, const graphql::Type& type,
                                                 graphql::Position position) {
  if (TemporalKind(type.name) != ScalarKind::kString) return Temporal(value, type, position);
  if (type.name == "Geometry") return Geometry(value, position);
  if (type.name == "H3Cell") {
    if (auto cell = CellInput(value)) return engine::Value(std::move(*cell));
    Fail(position, Rejected(type, value));
    return std::nullopt;
  }
  if (type.name == "Vector") {
    if (auto vector = VectorText(value)) return engine::Value(std::move(vector->text));
    Fail(position, Shortened(Rejected(type, value)));
    return std::nullopt;
  }
  if (type.name == "Int" || type.name == "BigInt") {
    std::int64_t number = 0;
    const std::string_view text = value.text;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code == std::errc() && end == text.data() + text.size()) return engine::Value(number);
    if (IsIntegerText(text)) return engine::Value(std::string(text));  // Wider than 64 bits: HUGEINT columns.
  } else if (type.name == "Float") {
    if (IsNumber(value)) return engine::Value(PlainDecimal(value.text));
  } else if (value.kind == ValueKind::kString || value.kind == ValueKind::kEnum || IsNumber(value)) {
    return engine::Value(std::string(value.text));
  } else if (value.kind == ValueKind::kBoolean) {
    return engine::Value(value.AsBool());
  } else if (value.kind == ValueKind::kObject || value.kind == ValueKind::kList) {
    std::string json;
    graphql::PrintJson(value, &json);
    return engine::Value(std::move(json));
  }
  Fail(position, Rejected(type, value));
  return std::nullopt;
}

}  // namespace eider::planner
