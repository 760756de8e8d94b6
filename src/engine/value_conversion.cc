#include "engine/value_conversion.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "engine/base64.h"
#include "engine/temporal_text.h"

namespace eider::engine {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

std::string Show(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.data)) {
    return text->size() <= 80 ? *text : text->substr(0, 80) + "…";
  }
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&value.data)) return std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&value.data)) return *flag ? "true" : "false";
  return std::holds_alternative<ValueList>(value.data) ? "a list" : "null";
}

Error Misfit(const Value& value, const TargetType& target) {
  return Error(ErrorCode::kBadInput, "the value does not fit type " + target.Name() + ": " + Show(value));
}

// The engine casts the elements of a list it is given; its element comes back with the wanted type.
ValueHandle EngineCast(const ValueHandle& source, const TargetType& target) {
  if (!source) return {};
  duckdb_value raw = source.get();
  const ValueHandle list(duckdb_create_list_value(target.handle.get(), &raw, 1));
  return list ? ValueHandle(duckdb_get_list_child(list.get(), 0)) : ValueHandle();
}

template <class T>
bool Fits(std::int64_t number) {
  return std::in_range<T>(number);
}

ValueHandle FromMicros(std::int64_t micros, duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_TIMESTAMP: return ValueHandle(duckdb_create_timestamp({micros}));
    case DUCKDB_TYPE_TIMESTAMP_TZ: return ValueHandle(duckdb_create_timestamp_tz({micros}));
    case DUCKDB_TYPE_INTERVAL: return ValueHandle(duckdb_create_interval({0, 0, micros}));
    case DUCKDB_TYPE_DATE: {
      const std::int64_t days = micros >= 0 ? micros / kMicrosPerDay : -((-micros + kMicrosPerDay - 1) / kMicrosPerDay);
      return ValueHandle(duckdb_create_date({static_cast<std::int32_t>(days)}));
    }
    case DUCKDB_TYPE_TIME:
      if (micros < 0 || micros >= kMicrosPerDay) return {};
      return ValueHandle(duckdb_create_time({micros}));
    default: return {};
  }
}

bool IsTemporal(duckdb_type id) {
  return id == DUCKDB_TYPE_TIMESTAMP || id == DUCKDB_TYPE_TIMESTAMP_TZ || id == DUCKDB_TYPE_INTERVAL ||
         id == DUCKDB_TYPE_DATE || id == DUCKDB_TYPE_TIME;
}

ValueHandle FromInteger(std::int64_t number, const TargetType& target) {
  switch (target.id) {
    case DUCKDB_TYPE_BIGINT: return ValueHandle(duckdb_create_int64(number));
    case DUCKDB_TYPE_INTEGER:
      if (!Fits<std::int32_t>(number)) return {};
      return ValueHandle(duckdb_create_int32(static_cast<std::int32_t>(number)));
    case DUCKDB_TYPE_DOUBLE: return ValueHandle(duckdb_create_double(static_cast<double>(number)));
    default: break;
  }
  if (IsTemporal(target.id)) {
    constexpr std::int64_t kLimit = std::numeric_limits<std::int64_t>::max() / kMicrosPerSecond;
    if (number > kLimit || number < -kLimit) return {};
    return FromMicros(number * kMicrosPerSecond, target.id);
  }
  return EngineCast(ValueHandle(duckdb_create_int64(number)), target);
}

bool IsInteger(duckdb_type id) {
  return (id >= DUCKDB_TYPE_TINYINT && id <= DUCKDB_TYPE_UBIGINT) || id == DUCKDB_TYPE_HUGEINT ||
         id == DUCKDB_TYPE_UHUGEINT;
}

ValueHandle FromDouble(double number, const TargetType& target) {
  if (target.id == DUCKDB_TYPE_DOUBLE) return ValueHandle(duckdb_create_double(number));
  if (IsTemporal(target.id)) {
    if (!(std::abs(number) < 9.2e12)) return {};
    return FromMicros(std::llround(number * 1e6), target.id);
  }
  // The engine would round; a caller who writes 1.5 for an integer made a mistake.
  if (IsInteger(target.id) && number != std::trunc(number)) return {};
  return EngineCast(ValueHandle(duckdb_create_double(number)), target);
}

ValueHandle TextValue(const std::string& text) {
  return ValueHandle(duckdb_create_varchar_length(text.data(), text.size()));
}

template <class T>
std::optional<T> ReadNumber(const std::string& text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<ValueHandle> FromInstantText(const std::string& text, const TargetType& target, SessionCasts& casts) {
  const bool zoned = target.id == DUCKDB_TYPE_TIMESTAMP_TZ;
  const auto instant = ReadInstant(text);
  if (instant && (!zoned || instant->has_offset || casts.zone_is_utc())) return FromMicros(instant->micros, target.id);
  if (!zoned || casts.zone_is_utc()) return EngineCast(TextValue(text), target);
  EIDER_ASSIGN_OR_RETURN(const std::optional<std::int64_t> micros, casts.InstantInZone(text));
  return micros ? FromMicros(*micros, target.id) : ValueHandle();
}

// An empty handle means that the text does not fit.
Result<ValueHandle> FromText(const std::string& text, const TargetType& target, SessionCasts& casts) {
  switch (target.id) {
    case DUCKDB_TYPE_VARCHAR: {
      if (!target.is_json) return TextValue(text);
      EIDER_ASSIGN_OR_RETURN(const bool valid, casts.IsJson(text));
      if (!valid) return ValueHandle();
      break;
    }
    case DUCKDB_TYPE_BIGINT:
      if (const auto number = ReadNumber<std::int64_t>(text)) return ValueHandle(duckdb_create_int64(*number));
      break;
    case DUCKDB_TYPE_DOUBLE:
      if (const auto number = ReadNumber<double>(text)) return ValueHandle(duckdb_create_double(*number));
      break;
    case DUCKDB_TYPE_DATE:
      if (const auto days = ReadDate(text)) return ValueHandle(duckdb_create_date({*days}));
      break;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return FromInstantText(text, target, casts);
    case DUCKDB_TYPE_INTERVAL:
      if (const auto duration = ReadIsoDuration(text)) {
        return ValueHandle(duckdb_create_interval({duration->months, duration->days, duration->micros}));
      }
      break;
    case DUCKDB_TYPE_BLOB: {
      const auto bytes = DecodeBase64(text);
      if (!bytes) return ValueHandle();
      return ValueHandle(duckdb_create_blob(reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()));
    }
    default: break;
  }
  return EngineCast(TextValue(text), target);
}

Result<ValueHandle> ConvertExactly(const Value& value, const TargetType& target, SessionCasts& casts);

Result<ValueHandle> FromList(const ValueList& list, const TargetType& target, SessionCasts& casts) {
  if (!target.child || (target.id == DUCKDB_TYPE_ARRAY && list.size() != target.array_size)) return ValueHandle();
  std::vector<ValueHandle> owned;
  std::vector<duckdb_value> raw;
  owned.reserve(list.size());
  raw.reserve(list.size() + 1);  // The engine refuses a null pointer even for no elements.
  for (const Value& item : list) {
    EIDER_ASSIGN_OR_RETURN(ValueHandle element, ConvertExactly(item, *target.child, casts));
    raw.push_back(element.get());
    owned.push_back(std::move(element));
  }
  duckdb_logical_type element = target.child->handle.get();
  if (target.id == DUCKDB_TYPE_ARRAY) return ValueHandle(duckdb_create_array_value(element, raw.data(), raw.size()));
  return ValueHandle(duckdb_create_list_value(element, raw.data(), raw.size()));
}

Result<ValueHandle> ConvertTyped(const Value& value, const TargetType& target, SessionCasts& casts) {
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) return FromInteger(*number, target);
  if (const auto* number = std::get_if<double>(&value.data)) return FromDouble(*number, target);
  if (const auto* text = std::get_if<std::string>(&value.data)) return FromText(*text, target, casts);
  if (const auto* list = std::get_if<ValueList>(&value.data)) return FromList(*list, target, casts);
  if (const auto* flag = std::get_if<bool>(&value.data)) {
    ValueHandle made(duckdb_create_bool(*flag));
    return target.id == DUCKDB_TYPE_BOOLEAN ? std::move(made) : EngineCast(made, target);
  }
  return EngineCast(ValueHandle(duckdb_create_null_value()), target);
}

Result<ValueHandle> ConvertExactly(const Value& value, const TargetType& target, SessionCasts& casts) {
  EIDER_ASSIGN_OR_RETURN(ValueHandle converted, ConvertTyped(value, target, casts));
  if (!converted) return Misfit(value, target);
  return converted;
}

Result<ValueHandle> ConvertNatural(const Value& value, SessionCasts& casts) {
  const TargetType natural = NaturalType(value);
  if (natural.id == DUCKDB_TYPE_INVALID) return ValueHandle(duckdb_create_null_value());
  return ConvertExactly(value, natural, casts);
}

// Whether an integer that is none of the column's type can still be compared with the column: 300 with a TINYINT.
bool IsWider(const Value& value, const TargetType& target) {
  if (const auto* list = std::get_if<ValueList>(&value.data)) {
    return target.child && std::ranges::all_of(*list, [&](const Value& item) {
             return std::holds_alternative<std::monostate>(item.data) || IsWider(item, *target.child);
           });
  }
  return std::holds_alternative<std::int64_t>(value.data) && IsInteger(target.id);
}

}  // namespace

Result<ValueHandle> ConvertValue(const Value& value, const TargetType& target, SessionCasts& casts) {
  if (target.id == DUCKDB_TYPE_INVALID) return ConvertNatural(value, casts);
  auto converted = ConvertExactly(value, target, casts);
  if (!converted && converted.error().code == ErrorCode::kBadInput && IsWider(value, target)) {
    return ConvertNatural(value, casts);
  }
  return converted;
}

}  // namespace eider::engine
