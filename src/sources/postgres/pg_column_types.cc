#include "sources/postgres/pg_column_types.h"

#include "base/text.h"
#include "sources/postgres/pg_rows.h"

namespace eider::sources::postgres {
namespace {

constexpr std::string_view kColumns =
    "SELECT n.nspname::text, c.relname::text, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod) "
    "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY c.oid, a.attnum";

// A view that lives for one transaction tells the types of a query's columns.
constexpr std::string_view kProbe = "eider_probe";
constexpr std::string_view kProbeColumns =
    "SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid = 'pg_temp.eider_probe'::regclass AND a.attnum > 0 ORDER BY a.attnum";

// The server has no name for the source.
std::string WithoutCatalog(std::string sql) {
  constexpr std::string_view kCatalog = "[$catalog].";
  for (std::size_t at = sql.find(kCatalog); at != std::string::npos; at = sql.find(kCatalog, at)) {
    sql.erase(at, kCatalog.size());
  }
  return sql;
}

}  // namespace

Result<std::unique_ptr<ColumnTypeLookup>> PgColumnTypes::Read(std::shared_ptr<engine::SessionPool> sessions) {
  EIDER_ASSIGN_OR_RETURN(const auto session, sessions->Acquire());
  EIDER_ASSIGN_OR_RETURN(const auto rows, ReadPgRows(*session, kColumns));
  std::unique_ptr<PgColumnTypes> types(new PgColumnTypes(std::move(sessions)));
  for (const engine::TextRow& row : rows) {
    const std::string key = QuoteIdentifier(row[0].value_or("")) + "." + QuoteIdentifier(row[1].value_or(""));
    types->relations_[key].emplace_back(row[2].value_or(""), row[3].value_or(""));
  }
  return std::unique_ptr<ColumnTypeLookup>(std::move(types));
}

std::optional<ColumnTypes> PgColumnTypes::Find(const catalog::DataObject& object) {
  if (!object.view_sql.empty()) return DescribeQuery(object);
  const std::string prefix = QuoteIdentifier(object.source->catalog) + ".";
  const std::string& relation = object.relation_sql;
  const auto it = relations_.find(relation.starts_with(prefix) ? relation.substr(prefix.size()) : relation);
  return it == relations_.end() ? std::nullopt : std::optional(it->second);
}

std::optional<ColumnTypes> PgColumnTypes::DescribeQuery(const catalog::DataObject& object) {
  const auto session = sessions_->Acquire();
  if (!session) return std::nullopt;
  const std::string sql = WithoutPlaceholders(WithoutCatalog(object.view_sql), object.source->catalog);
  std::optional<ColumnTypes> columns;
  if (!(*session)->Run("BEGIN READ WRITE", {})) return std::nullopt;
  const auto made = (*session)->Run("CREATE TEMPORARY VIEW " + std::string(kProbe) + " AS " + sql, {});
  if (made) {
    if (const auto rows = ReadPgRows(**session, kProbeColumns)) {
      columns.emplace();
      for (const engine::TextRow& row : *rows) columns->emplace_back(row[0].value_or(""), row[1].value_or(""));
    }
  }
  (void)(*session)->Run("ROLLBACK", {});
  return columns;
}

}  // namespace eider::sources::postgres
