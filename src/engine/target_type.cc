#include "engine/target_type.h"

#include <array>
#include <string_view>

namespace eider::engine {
namespace {

std::string_view SimpleName(duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN: return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT: return "TINYINT";
    case DUCKDB_TYPE_SMALLINT: return "SMALLINT";
    case DUCKDB_TYPE_INTEGER: return "INTEGER";
    case DUCKDB_TYPE_BIGINT: return "BIGINT";
    case DUCKDB_TYPE_UTINYINT: return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT: return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER: return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT: return "UBIGINT";
    case DUCKDB_TYPE_HUGEINT: return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT: return "UHUGEINT";
    case DUCKDB_TYPE_FLOAT: return "FLOAT";
    case DUCKDB_TYPE_DOUBLE: return "DOUBLE";
    case DUCKDB_TYPE_VARCHAR: return "VARCHAR";
    case DUCKDB_TYPE_BLOB: return "BLOB";
    case DUCKDB_TYPE_BIT: return "BIT";
    case DUCKDB_TYPE_DATE: return "DATE";
    case DUCKDB_TYPE_TIME: return "TIME";
    case DUCKDB_TYPE_TIME_NS: return "TIME_NS";
    case DUCKDB_TYPE_TIME_TZ: return "TIME WITH TIME ZONE";
    case DUCKDB_TYPE_TIMESTAMP: return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_S: return "TIMESTAMP_S";
    case DUCKDB_TYPE_TIMESTAMP_MS: return "TIMESTAMP_MS";
    case DUCKDB_TYPE_TIMESTAMP_NS: return "TIMESTAMP_NS";
    case DUCKDB_TYPE_TIMESTAMP_TZ: return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_INTERVAL: return "INTERVAL";
    case DUCKDB_TYPE_UUID: return "UUID";
    case DUCKDB_TYPE_ENUM: return "ENUM";
    case DUCKDB_TYPE_STRUCT: return "STRUCT";
    case DUCKDB_TYPE_MAP: return "MAP";
    case DUCKDB_TYPE_UNION: return "UNION";
    default: return "its type";
  }
}

TargetType Simple(duckdb_type id) { return TargetType::Of(TypeHandle(duckdb_create_logical_type(id))); }

// The type that both fit in; text when nothing else does.
TargetType Common(TargetType a, TargetType b) {
  if (a.id == DUCKDB_TYPE_INVALID) return b;
  if (b.id == DUCKDB_TYPE_INVALID || a.id == b.id) return a;
  const auto number = [](duckdb_type id) { return id == DUCKDB_TYPE_BIGINT || id == DUCKDB_TYPE_DOUBLE; };
  return Simple(number(a.id) && number(b.id) ? DUCKDB_TYPE_DOUBLE : DUCKDB_TYPE_VARCHAR);
}

}  // namespace

std::string TargetType::Name() const {
  if (is_json) return "JSON";
  if (id == DUCKDB_TYPE_DECIMAL) {
    return "DECIMAL(" + std::to_string(duckdb_decimal_width(handle.get())) + "," +
           std::to_string(duckdb_decimal_scale(handle.get())) + ")";
  }
  if (id == DUCKDB_TYPE_LIST && child) return child->Name() + "[]";
  if (id == DUCKDB_TYPE_ARRAY && child) return child->Name() + "[" + std::to_string(array_size) + "]";
  return std::string(SimpleName(id));
}

TargetType TargetType::Of(TypeHandle handle) {
  TargetType type;
  if (!handle) return type;
  type.id = duckdb_get_type_id(handle.get());
  if (type.id == DUCKDB_TYPE_SQLNULL || type.id == DUCKDB_TYPE_ANY) type.id = DUCKDB_TYPE_INVALID;
  if (type.id == DUCKDB_TYPE_VARCHAR) type.is_json = TakeText(duckdb_logical_type_get_alias(handle.get())) == "JSON";
  if (type.id == DUCKDB_TYPE_LIST) {
    type.child = std::make_unique<TargetType>(Of(TypeHandle(duckdb_list_type_child_type(handle.get()))));
  }
  if (type.id == DUCKDB_TYPE_ARRAY) {
    type.array_size = duckdb_array_type_array_size(handle.get());
    type.child = std::make_unique<TargetType>(Of(TypeHandle(duckdb_array_type_child_type(handle.get()))));
  }
  type.handle = std::move(handle);
  return type;
}

TargetType NaturalType(const Value& value) {
  if (std::holds_alternative<bool>(value.data)) return Simple(DUCKDB_TYPE_BOOLEAN);
  if (std::holds_alternative<std::int64_t>(value.data)) return Simple(DUCKDB_TYPE_BIGINT);
  if (std::holds_alternative<double>(value.data)) return Simple(DUCKDB_TYPE_DOUBLE);
  if (std::holds_alternative<std::string>(value.data)) return Simple(DUCKDB_TYPE_VARCHAR);
  const ValueList* list = std::get_if<ValueList>(&value.data);
  if (list == nullptr) return {};
  TargetType element;
  for (const Value& item : *list) element = Common(std::move(element), NaturalType(item));
  if (element.id == DUCKDB_TYPE_INVALID) element = Simple(DUCKDB_TYPE_INTEGER);
  return TargetType::Of(TypeHandle(duckdb_create_list_type(element.handle.get())));
}

}  // namespace eider::engine
