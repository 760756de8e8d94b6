#include "sources/duckdb/type_mapping.h"

#include <algorithm>
#include <iterator>

#include "sources/sdl_text.h"

namespace eider::sources {
namespace {

struct ScalarPair {
  std::string_view engine;
  std::string_view graphql;
};

constexpr ScalarPair kScalars[] = {
    {"BIGINT", "BigInt"},
    {"BLOB", "String"},
    {"BOOLEAN", "Boolean"},
    {"DATE", "Date"},
    {"DECIMAL", "Float"},
    {"DOUBLE", "Float"},
    {"ENUM", "String"},
    {"FLOAT", "Float"},
    {"GEOMETRY", "Geometry"},
    {"HUGEINT", "BigInt"},
    {"INT4RANGE", "IntRange"},
    {"INT8RANGE", "BigIntRange"},
    {"INTEGER", "Int"},
    {"INTERVAL", "Interval"},
    {"JSON", "JSON"},
    {"SMALLINT", "Int"},
    {"TIME", "Time"},
    {"TIMESTAMP", "DateTime"},
    {"TIMESTAMP WITH TIME ZONE", "Timestamp"},
    {"TIMESTAMP_MS", "DateTime"},
    {"TIMESTAMP_NS", "DateTime"},
    {"TIMESTAMP_S", "DateTime"},
    {"TINYINT", "Int"},
    {"TSRANGE", "TimestampRange"},
    {"TSTZRANGE", "TimestampRange"},
    {"UBIGINT", "BigInt"},
    {"UHUGEINT", "BigInt"},
    {"UINTEGER", "BigInt"},
    {"USMALLINT", "Int"},
    {"UTINYINT", "Int"},
    {"UUID", "String"},
    {"VARCHAR", "String"},
};

// @geometry_info for GEOMETRY('EPSG:4326').
std::string GeometryInfo(std::string_view system) {
  std::string srid;
  const std::size_t at = system.find("EPSG:");
  if (at != std::string_view::npos) {
    const std::string_view digits = system.substr(at + 5);
    srid = digits.substr(0, digits.find_first_not_of("0123456789"));
  }
  if (system.find("OGC:CRS84") != std::string_view::npos) srid = "4326";
  return " @geometry_info(type: GEOMETRY" + (srid.empty() ? "" : ", srid: " + srid) + ")";
}

// Bytes have a text form as columns only.
bool IsBytes(const EngineType& type) { return type.kind == EngineType::Kind::kScalar && type.name == "BLOB"; }

}  // namespace

std::string_view ScalarFor(std::string_view engine_type) {
  const auto* it = std::find_if(std::begin(kScalars), std::end(kScalars),
                                [&](const ScalarPair& pair) { return pair.engine == engine_type; });
  return it == std::end(kScalars) ? std::string_view() : it->graphql;
}

std::optional<MappedType> TypeMapper::Map(const EngineType& type, const std::string& name) {
  switch (type.kind) {
    case EngineType::Kind::kScalar: {
      const std::string_view scalar = ScalarFor(type.name);
      if (scalar.empty()) return std::nullopt;
      return MappedType{std::string(scalar), scalar == "Geometry" ? GeometryInfo(type.arguments) : ""};
    }
    case EngineType::Kind::kStruct: return MapStruct(type, name);
    case EngineType::Kind::kList: {
      const EngineType& element = type.element[0];
      if (element.kind != EngineType::Kind::kScalar && element.kind != EngineType::Kind::kStruct) return std::nullopt;
      if (IsBytes(element)) return std::nullopt;
      auto inner = Map(element, name);
      if (inner) inner->type = "[" + inner->type + "]";
      return inner;
    }
    case EngineType::Kind::kArray:
      if (type.element[0].name != "FLOAT") return std::nullopt;
      return MappedType{"Vector", " @dim(len: " + std::to_string(type.length) + ")"};
    case EngineType::Kind::kOther: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<MappedType> TypeMapper::MapStruct(const EngineType& type, const std::string& name) {
  const std::string type_name = type_names_.Claim(name);
  NameScope fields;
  std::string body;
  for (const StructMember& member : type.members) {
    if (IsBytes(member.type)) continue;
    const std::string wanted = GraphqlName(member.name);
    auto mapped = Map(member.type, name + "_" + wanted);
    if (!mapped) continue;
    const std::string field = fields.Claim(wanted);
    body.append("\t").append(field).append(": ").append(mapped->type).append(mapped->directives);
    if (field != member.name) body.append(" @field_source(field: ").append(SdlString(member.name)).append(")");
    body.append("\n");
  }
  if (body.empty()) return std::nullopt;
  definitions_.push_back("type " + type_name + " {\n" + body + "}\n");
  return MappedType{type_name, ""};
}

}  // namespace eider::sources
