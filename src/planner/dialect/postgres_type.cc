#include "planner/dialect/postgres_type.h"

#include <algorithm>
#include <charconv>

namespace eider::planner {
namespace {

constexpr std::string_view kTextTypes[] = {"text", "character varying", "varchar", "character", "bpchar",
                                           "name", "\"char\""};

constexpr std::string_view kOtherTypes[] = {"smallint",
                                            "integer",
                                            "bigint",
                                            "real",
                                            "double precision",
                                            "numeric",
                                            "boolean",
                                            "date",
                                            "time without time zone",
                                            "time with time zone",
                                            "timestamp without time zone",
                                            "timestamp with time zone",
                                            "interval",
                                            "uuid",
                                            "bytea",
                                            "oid"};

template <std::size_t N>
bool Contains(const std::string_view (&list)[N], std::string_view type) {
  return std::find(std::begin(list), std::end(list), type) != std::end(list);
}

}  // namespace

std::string WithoutModifier(std::string_view type) {
  const std::size_t open = type.find('(');
  const std::size_t close = type.find(')', open);
  if (open == std::string_view::npos || close == std::string_view::npos) return std::string(type);
  return std::string(type.substr(0, open)).append(type.substr(close + 1));
}

std::string_view ElementType(std::string_view type) {
  if (type.ends_with("[]")) type.remove_suffix(2);
  return type;
}

bool IsTextType(std::string_view type) { return Contains(kTextTypes, WithoutModifier(type)); }

bool IsBuiltInType(std::string_view type) {
  const std::string name = WithoutModifier(type);
  return Contains(kTextTypes, name) || Contains(kOtherTypes, name);
}

bool IsVectorType(std::string_view type) {
  const std::string name = WithoutModifier(type);
  return name == "vector" || name.ends_with(".vector");
}

std::optional<NumericSize> NumericSizeOf(std::string_view type) {
  constexpr std::string_view kName = "numeric(";
  const std::size_t comma = type.find(',');
  if (!type.starts_with(kName) || comma == std::string_view::npos) return std::nullopt;
  NumericSize size;
  std::from_chars(type.data() + kName.size(), type.data() + comma, size.digits);
  std::from_chars(type.data() + comma + 1, type.data() + type.size(), size.scale);
  // A negative scale counts digits before the point, which no decimal of the engine does.
  return size.scale < 0 ? std::nullopt : std::optional<NumericSize>(size);
}

}  // namespace eider::planner
