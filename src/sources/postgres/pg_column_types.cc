#include "sources/postgres/pg_column_types.h"

#include <charconv>

#include "base/text.h"
#include "postgres/pg_rows.h"

namespace eider::sources {
namespace {

// A domain is told as what it is made of, with the modifier nearest to it.
#define EIDER_BASE_TYPES                                                                                \
  "WITH RECURSIVE bases AS (SELECT oid, oid AS base, NULL::int4 AS modifier FROM pg_catalog.pg_type "   \
  "WHERE typtype <> 'd' UNION ALL SELECT t.oid, b.base, coalesce(nullif(t.typtypmod, -1), b.modifier) " \
  "FROM pg_catalog.pg_type t JOIN bases b ON t.typbasetype = b.oid WHERE t.typtype = 'd') "
#define EIDER_TYPE_NAME "pg_catalog.format_type(b.base, coalesce(nullif(a.atttypmod, -1), b.modifier)) "

constexpr std::string_view kColumns =
    EIDER_BASE_TYPES "SELECT n.nspname::text, c.relname::text, a.attname::text, " EIDER_TYPE_NAME
                     ", (a.attgenerated <> '')::text, c.reltuples::int8::text "
                     "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
                     "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN bases b ON b.oid = a.atttypid "
                     "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped "
                     "AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY c.oid, a.attnum";

// Members of composite types whose values are more than their text: bytes, which clients see as base64, and UUIDs; and
// those that are of composite types themselves, for the members in them.
constexpr std::string_view kTypedMembers =
    EIDER_BASE_TYPES "SELECT pg_catalog.format_type(c.reltype, NULL), a.attname::text, " EIDER_TYPE_NAME
                     ", (coalesce(e.typtype, t.typtype) = 'c')::text "
                     "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
                     "JOIN bases b ON b.oid = a.atttypid JOIN pg_catalog.pg_type t ON t.oid = b.base "
                     "LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' "
                     "WHERE c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped "
                     "AND (coalesce(e.typtype, t.typtype) = 'c' OR b.base IN "
                     "('bytea'::regtype, 'bytea[]'::regtype, 'uuid'::regtype, 'uuid[]'::regtype))";

// A view that lives for one transaction tells the types of a query's columns.
constexpr std::string_view kProbe = "eider_probe";
constexpr std::string_view kProbeColumns =
    EIDER_BASE_TYPES "SELECT a.attname::text, " EIDER_TYPE_NAME
                     "FROM pg_catalog.pg_attribute a JOIN bases b ON b.oid = a.atttypid WHERE a.attrelid = "
                     "'pg_temp.eider_probe'::regclass AND a.attnum > 0 ORDER BY a.attnum";

#undef EIDER_BASE_TYPES
#undef EIDER_TYPE_NAME

// The server has no name for the source.
std::string WithoutCatalog(std::string sql) {
  constexpr std::string_view kCatalog = "[$catalog].";
  for (std::size_t at = sql.find(kCatalog); at != std::string::npos; at = sql.find(kCatalog, at)) {
    sql.erase(at, kCatalog.size());
  }
  return sql;
}

// `"schema"."table"`, without the source.
std::string KeyOf(const catalog::DataObject& object) {
  const std::string prefix = QuoteIdentifier(object.source->catalog) + ".";
  const std::string& relation = object.relation_sql;
  return relation.starts_with(prefix) ? relation.substr(prefix.size()) : relation;
}

}  // namespace

Result<std::unique_ptr<ColumnTypeLookup>> PgColumnTypes::Read(std::shared_ptr<engine::SessionPool> sessions) {
  EIDER_ASSIGN_OR_RETURN(const auto session, sessions->Acquire());
  EIDER_ASSIGN_OR_RETURN(const auto rows, postgres::ReadPgRows(*session, kColumns));
  std::unique_ptr<PgColumnTypes> types(new PgColumnTypes(std::move(sessions)));
  for (const engine::TextRow& row : rows) {
    const std::string key = QuoteIdentifier(row[0].value_or("")) + "." + QuoteIdentifier(row[1].value_or(""));
    types->relations_[key].emplace_back(row[2].value_or(""), row[3].value_or(""));
    const std::string tuples = row[5].value_or("");
    std::int64_t estimate = 0;
    std::from_chars(tuples.data(), tuples.data() + tuples.size(), estimate);
    if (estimate > 0) types->estimates_.emplace(key, estimate);
    if (row[4] == "true") types->generated_.insert(key + "." + QuoteIdentifier(row[2].value_or("")));
  }
  EIDER_ASSIGN_OR_RETURN(const auto members, postgres::ReadPgRows(*session, kTypedMembers));
  for (const engine::TextRow& row : members) {
    types->typed_members_[row[0].value_or("")].push_back(
        {row[1].value_or(""), row[2].value_or(""), row[3].value_or("") == "true"});
  }
  return std::unique_ptr<ColumnTypeLookup>(std::move(types));
}

bool PgColumnTypes::IsGenerated(const catalog::DataObject& object, const std::string& column) {
  return object.view_sql.empty() && generated_.contains(KeyOf(object) + "." + QuoteIdentifier(column));
}

std::int64_t PgColumnTypes::EstimateRows(const catalog::DataObject& object) {
  const auto it = estimates_.find(KeyOf(object));
  return it == estimates_.end() ? -1 : it->second;
}

std::optional<ColumnTypes> PgColumnTypes::Find(const catalog::DataObject& object) {
  std::optional<ColumnTypes> types;
  if (!object.view_sql.empty()) {
    types = DescribeQuery(object);
  } else if (const auto it = relations_.find(KeyOf(object)); it != relations_.end()) {
    types = it->second;
  }
  if (types) AddTypedMembers(*types);
  return types;
}

void PgColumnTypes::AddTypedMembers(ColumnTypes& types) const {
  for (std::size_t i = 0, count = types.size(); i < count; ++i) {
    const auto [column, type] = types[i];
    AddMembersOf(column, type, types);
  }
}

// No composite type can contain itself.
void PgColumnTypes::AddMembersOf(const std::string& path, std::string_view type, ColumnTypes& types) const {
  if (type.ends_with("[]")) type.remove_suffix(2);
  const auto found = typed_members_.find(std::string(type));
  if (found == typed_members_.end()) return;
  for (const TypedMember& member : found->second) {
    const std::string inner = path + "." + member.name;
    if (member.is_composite) {
      AddMembersOf(inner, member.type, types);
    } else {
      types.emplace_back(inner, member.type);
    }
  }
}

std::optional<ColumnTypes> PgColumnTypes::DescribeQuery(const catalog::DataObject& object) {
  const auto session = sessions_->Acquire();
  if (!session) return std::nullopt;
  const std::string sql = WithoutPlaceholders(WithoutCatalog(object.view_sql), object.source->catalog);
  std::optional<ColumnTypes> columns;
  if (!(*session)->Run("BEGIN READ WRITE", {})) return std::nullopt;
  const auto made = (*session)->Run("CREATE TEMPORARY VIEW " + std::string(kProbe) + " AS " + sql, {});
  if (made) {
    if (const auto rows = postgres::ReadPgRows(**session, kProbeColumns)) {
      columns.emplace();
      for (const engine::TextRow& row : *rows) columns->emplace_back(row[0].value_or(""), row[1].value_or(""));
    }
  }
  (void)(*session)->Run("ROLLBACK", {});
  return columns;
}

}  // namespace eider::sources
