#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "base/text.h"
#include "catalog/compile/compilation.h"

namespace eider::catalog {
namespace {

// How sources of this type keep a structural column whose type is not known.
StructStorage UsualStorage(const Source& source) {
  const bool keeps_structs = source.type == "duckdb" || source.type == "files" || source.internal;
  return keeps_structs ? StructStorage::kStruct : StructStorage::kJson;
}

StructStorage StorageOf(const Source& source, const std::string& sql_type, StructStorage usual) {
  if (sql_type.empty()) return usual;
  const std::string type = LowerAscii(sql_type);
  // A composite type of PostgreSQL has a name of its own.
  const bool keeps_json = source.type == "postgres" ? type.starts_with("json") : !type.starts_with("struct");
  return keeps_json ? StructStorage::kJson : StructStorage::kStruct;
}

// The SRID in GEOMETRY('EPSG:4326') or geometry(Point,4326); 0 = none.
int SridOf(const std::string& sql_type) {
  if (sql_type.find("OGC:CRS84") != std::string::npos) return 4326;
  const std::string type = LowerAscii(sql_type);
  int srid = type.starts_with("geography") ? 4326 : 0;
  std::size_t at = type.find("epsg:");
  if (at != std::string::npos) {
    at += 5;
  } else {
    at = type.find(',');
    if (at != std::string::npos) at += 1;
  }
  if (at != std::string::npos) std::from_chars(type.data() + at, type.data() + type.size(), srid);
  return srid;
}

// The length in FLOAT[3] or vector(3); 0 = none.
int LengthOf(const std::string& sql_type) {
  int length = 0;
  const std::size_t at = sql_type.find_first_of("[(");
  if (at != std::string::npos) std::from_chars(sql_type.data() + at + 1, sql_type.data() + sql_type.size(), length);
  return length;
}

// The members of STRUCT(a INTEGER, "b c" BLOB, d STRUCT(e BLOB)[]), each as "name" and type.
std::vector<std::pair<std::string, std::string>> MembersOf(std::string_view sql_type) {
  std::vector<std::pair<std::string, std::string>> members;
  const std::size_t close = sql_type.rfind(')');
  if (!sql_type.starts_with("STRUCT(") || close == std::string_view::npos) return members;
  const std::string_view text = sql_type.substr(7, close - 7);
  if (text.empty()) return members;
  int depth = 0;
  bool quoted = false;
  std::size_t start = 0;
  std::size_t space = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const char c = at < text.size() ? text[at] : ',';
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == ' ' && space == 0) space = at;
    if (c != ',' || depth > 0) continue;
    std::string name(text.substr(start, space - start));
    std::erase(name, '"');
    members.emplace_back(LowerAscii(name), std::string(text.substr(space + 1, at - space - 1)));
    start = at + 2;
    space = 0;
    ++at;
  }
  return members;
}

using ColumnTypeMap = std::unordered_map<std::string, std::string>;

// Types whose values are more than their text: bytes are base64 for clients, a UUID is the same in any case.
bool IsMoreThanText(std::string_view type) {
  return type == "BLOB" || type == "BLOB[]" || type == "UUID" || type == "UUID[]";
}

// Whether `types` tells of "path.member" or deeper.
bool HasMembersBelow(const ColumnTypeMap& types, const std::string& path) {
  return std::ranges::any_of(types, [&](const auto& type) { return type.first.starts_with(path + "."); });
}

// Says which members are of such types.
void DescribeMembers(CompiledSource& source, const StructType* structure, std::string_view sql_type,
                     const std::string& path, const ColumnTypeMap& types) {
  const auto found = std::ranges::find_if(source.structs, [&](const StructType& known) { return &known == structure; });
  if (found == source.structs.end()) return;
  const auto described = MembersOf(sql_type);
  for (Column& member : found->members) {
    const std::string name = LowerAscii(member.column);
    if (const auto told = types.find(path + "." + name); told != types.end()) member.sql_type = told->second;
    const auto known = std::ranges::find(described, name, [](const auto& one) { return one.first; });
    const std::string_view type = known == described.end() ? std::string_view() : known->second;
    if (IsMoreThanText(type)) member.sql_type = type;
    const std::string inner = path + "." + name;
    const bool is_told = !type.empty() || HasMembersBelow(types, inner);  // A structure may contain itself.
    if (member.kind == ScalarKind::kStruct && is_told) DescribeMembers(source, member.structure, type, inner, types);
  }
}

void DescribeObject(const SourceDefinition& definition, StructStorage usual, CompiledSource& source,
                    DataObject& object) {
  ColumnTypeMap types;
  if (definition.describe) {
    if (auto described = definition.describe(object)) {
      for (auto& [name, type] : *described) types.emplace(LowerAscii(name), std::move(type));
    }
  }
  const bool is_stored = object.view_sql.empty() && !types.empty();
  if (definition.estimate && is_stored) object.estimated_rows = definition.estimate(object);
  if (definition.qualify && !object.view_sql.empty()) object.view_sql = definition.qualify(object.view_sql);
  for (Column& column : object.columns) {
    if (column.sql.empty() && !types.empty()) {
      if (const auto found = types.find(LowerAscii(column.column)); found != types.end()) {
        column.sql_type = found->second;
      }
    }
    if (column.sql.empty() && definition.is_generated) {
      column.is_generated = definition.is_generated(object, column.column);
    }
    if (column.kind == ScalarKind::kGeometry && column.srid == 0) column.srid = SridOf(column.sql_type);
    if (column.kind == ScalarKind::kVector && column.dim == 0) column.dim = LengthOf(column.sql_type);
    if (column.kind == ScalarKind::kStruct) {
      column.storage = StorageOf(definition.source, column.sql_type, usual);
      DescribeMembers(source, column.structure, column.sql_type, LowerAscii(column.column), types);
    }
  }
}

}  // namespace

void DescribeColumns(Compilation& compilation) {
  const StructStorage usual = UsualStorage(compilation.out.source);
  for (StructType& structure : compilation.out.structs) {
    for (Column& member : structure.members) member.storage = usual;
  }
  for (DataObject& object : compilation.out.objects) {
    DescribeObject(compilation.definition, usual, compilation.out, object);
  }
}

}  // namespace eider::catalog
