#include "cluster/peer_import.h"

#include <algorithm>
#include <memory>
#include <set>
#include <span>
#include <utility>

#include "base/text.h"
#include "engine/change_rows.h"
#include "engine/text_rows.h"
#include "postgres/pg_database.h"
#include "postgres/pg_session.h"

namespace eider::cluster {
namespace {

// How a value is compared and stored.
enum class ImportKind { kPlain, kRequired, kTime, kPath, kKey };

struct ImportColumn {
  std::string_view name;
  ImportKind kind = ImportKind::kPlain;
  std::string_view other = {};  // Another name that it may have there.
};

struct ImportTable {
  std::string_view name;
  std::span<const ImportColumn> columns;  // Those of the key first.
  std::size_t key_columns;
  std::string_view other = {};        // Another name that it may have there.
  std::string_view role_column = {};  // A column that names a role.
};

using enum ImportKind;

constexpr ImportColumn kSourceColumns[] = {
    {"name"},        {"type", kRequired}, {"prefix", kRequired}, {"as_module", kRequired},
    {"description"}, {"path", kPath},     {"disabled"},          {"self_defined"},
    {"read_only"}};
constexpr ImportColumn kCatalogColumns[] = {{"name"}, {"type", kRequired}, {"description"}, {"path", kPath}};
constexpr ImportColumn kLinkColumns[] = {{"catalog_name", kPlain, "catalog"},
                                         {"data_source_name", kPlain, "data_source"}};
constexpr ImportColumn kRoleColumns[] = {{"name"}, {"description", kRequired}, {"disabled"}, {"can_impersonate"}};
constexpr ImportColumn kPermissionColumns[] = {
    {"role", kPlain, "role_name"}, {"type_name"}, {"field_name"}, {"hidden"}, {"disabled"}, {"filter"}, {"data"}};
constexpr ImportColumn kKeyColumns[] = {
    {"name"},        {"description", kRequired}, {"key", kKey}, {"default_role"}, {"disabled"},
    {"is_temporal"}, {"expires_at", kTime},      {"headers"},   {"claims"}};

constexpr ImportTable kImported[] = {{"catalog_sources", kCatalogColumns, 1},
                                     {"data_sources", kSourceColumns, 1},
                                     {"data_source_catalogs", kLinkColumns, 2, "data_sources_catalogs"},
                                     {"roles", kRoleColumns, 1},
                                     {"permissions", kPermissionColumns, 3, "role_permissions", "role"},
                                     {"api_keys", kKeyColumns, 1, {}, "default_role"}};

constexpr std::string_view kTimeForm = "'YYYY-MM-DD HH24:MI:SS.US'";

// Columns with their types, by table.
using PeerColumns = std::map<std::string, std::map<std::string, std::string>, std::less<>>;

Result<std::string> SchemaOf(engine::Session& session, const std::string& wanted, const engine::Limits& limits) {
  EIDER_ASSIGN_OR_RETURN(
      const auto rows,
      engine::QueryTexts(
          session,
          "SELECT table_schema::text FROM information_schema.columns WHERE table_name = 'data_sources' AND "
          "column_name IN ('name', 'type', 'path') AND ($1::text = '' OR table_schema = $1::text) GROUP BY 1 HAVING "
          "count(*) = 3 ORDER BY 1",
          engine::Parameters{wanted}, limits));
  if (rows.empty()) {
    return Error(ErrorCode::kBadInput, "the database has no table data_sources with name, type and path" +
                                           (wanted.empty() ? std::string() : " in schema " + wanted) +
                                           ": is it the core database of the other server?");
  }
  if (rows.size() == 1) return rows[0][0].value_or("");
  std::string names;
  for (const engine::TextRow& row : rows) names.append(names.empty() ? "" : ", ").append(row[0].value_or(""));
  return Error(ErrorCode::kBadInput,
               "several schemas have a table data_sources: name one with --from-schema: " + names);
}

Result<PeerColumns> ColumnsOf(engine::Session& session, const std::string& schema, const engine::Limits& limits) {
  EIDER_ASSIGN_OR_RETURN(const auto rows,
                         engine::QueryTexts(session,
                                            "SELECT table_name::text, column_name::text, data_type::text FROM "
                                            "information_schema.columns WHERE table_schema = $1::text",
                                            engine::Parameters{schema}, limits));
  PeerColumns columns;
  for (const engine::TextRow& row : rows) columns[row[0].value_or("")][row[1].value_or("")] = row[2].value_or("");
  return columns;
}

// A column of the other server as text.
std::string ShownColumn(const ImportColumn& column, const std::string& name, const std::string& type) {
  const std::string quoted = QuoteIdentifier(name);
  if (column.kind != kTime) return "CAST(" + quoted + " AS text)";
  const std::string utc = type == "timestamp with time zone" ? quoted + " AT TIME ZONE 'UTC'" : quoted;
  return "to_char(" + utc + ", " + std::string(kTimeForm) + ") || '+00'";
}

Result<std::vector<PeerRow>> ReadTable(engine::Session& session, const std::string& schema, const ImportTable& table,
                                       const PeerColumns& columns, const engine::Limits& limits) {
  auto found = columns.find(table.name);
  if (found == columns.end()) found = columns.find(table.other);
  if (found == columns.end()) return std::vector<PeerRow>();
  std::string list;
  std::vector<std::string_view> names;
  for (const ImportColumn& column : table.columns) {
    auto there = found->second.find(std::string(column.name));
    if (there == found->second.end() && !column.other.empty()) there = found->second.find(std::string(column.other));
    if (there == found->second.end()) {
      if (names.size() >= table.key_columns) continue;
      return Error(ErrorCode::kBadInput,
                   "table " + found->first + " of the other server has no column " + std::string(column.name));
    }
    list.append(list.empty() ? "" : ", ").append(ShownColumn(column, there->first, there->second));
    list.append(" AS ").append(QuoteIdentifier(column.name));
    names.push_back(column.name);
  }
  EIDER_ASSIGN_OR_RETURN(const auto rows, engine::QueryTexts(session,
                                                             "SELECT " + list + " FROM " + QuoteIdentifier(schema) +
                                                                 "." + QuoteIdentifier(found->first) + " ORDER BY 1",
                                                             {}, limits));
  std::vector<PeerRow> out;
  for (const engine::TextRow& row : rows) {
    PeerRow& values = out.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i) values.emplace(names[i], row[i]);
  }
  return out;
}

// Works out what an import changes, and changes it.
class Importer {
 public:
  Importer(engine::Session& session, CoreSecrets& secrets, const PeerTables& peer, bool dry_run)
      : session_(session),
        secrets_(secrets),
        peer_(peer),
        dry_run_(dry_run) {}

  Status Run() {
    EIDER_ASSIGN_OR_RETURN(const auto roles, engine::ReadTextRows(session_, "SELECT name FROM core.eider.roles"));
    for (const engine::TextRow& row : roles) roles_.insert(row[0].value_or(""));
    for (const ImportTable& table : kImported) EIDER_RETURN_IF_ERROR(RunTable(table));
    return changes_access_ && !dry_run_ ? CoreDatabase::FinishRoleChange(session_) : Status();
  }

  ImportReport& report() { return report_; }

 private:
  Status RunTable(const ImportTable& table) {
    report_.tables.push_back({std::string(table.name)});
    const auto rows = peer_.find(table.name);
    if (rows == peer_.end()) return {};
    for (PeerRow row : rows->second) {
      if (!Fits(table, row)) continue;
      EIDER_RETURN_IF_ERROR(RunRow(table, row));
    }
    return {};
  }

  void Note(const ImportTable& table, const PeerRow& row, const std::string& why) {
    std::string name;
    for (std::size_t i = 0; i < table.key_columns; ++i) {
      name.append(i == 0 ? "" : ", ").append(row.find(table.columns[i].name)->second.value_or(""));
    }
    report_.notes.push_back(std::string(table.name) + " (" + name + "): " + why);
  }

  // Whether a row can be taken over; what cannot is noted.
  bool Fits(const ImportTable& table, PeerRow& row) {
    for (std::size_t i = 0; i < table.key_columns; ++i) {
      if (!row.find(table.columns[i].name)->second) return false;
    }
    if (table.name == "roles") {
      roles_.insert(row.find("name")->second.value_or(""));
      const auto disabled = row.find("disabled");
      if (row.find("name")->second == "admin" && disabled != row.end() && disabled->second == "true") {
        disabled->second = "false";
        Note(table, row, "it is disabled there; here it cannot be");
      }
    }
    const auto role = row.find(table.role_column);
    if (!table.role_column.empty() && role != row.end() && role->second && !roles_.contains(*role->second)) {
      Note(table, row, "left out: there is no role \"" + *role->second + "\"");
      return false;
    }
    const auto key = row.find("key");
    if (table.name != "api_keys") return true;
    if (key == row.end() || !key->second) {
      Note(table, row, "left out: it has no key");
      return false;
    }
    if (const auto stored = secrets_.StoredKey(*key->second); !stored) {
      Note(table, row, "left out: " + stored.error().message + "; give the client another one");
      return false;
    }
    return true;
  }

  static std::string PlaceOf(const ImportTable& table, const PeerRow& row) {
    return std::string(table.name) + "|path|" + row.find("name")->second.value_or("");
  }

  Result<std::optional<PeerRow>> Present(const ImportTable& table, const PeerRow& row) {
    std::string list;
    for (const ImportColumn& column : table.columns) {
      const std::string name = QuoteIdentifier(column.name);
      list.append(list.empty() ? "" : ", ");
      list.append(column.kind == kTime ? "strftime(" + name + " AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f') || '+00'"
                                       : "CAST(" + name + " AS VARCHAR)");
    }
    engine::Parameters key;
    EIDER_ASSIGN_OR_RETURN(
        const auto rows,
        engine::ReadTextRows(
            session_, "SELECT " + list + " FROM core.eider." + std::string(table.name) + Where(table, row, key), key));
    if (rows.empty()) return std::optional<PeerRow>();
    PeerRow present;
    for (std::size_t i = 0; i < table.columns.size(); ++i) present.emplace(table.columns[i].name, rows[0][i]);
    return std::optional<PeerRow>(std::move(present));
  }

  // The condition for the row's key, whose values are added to `values`.
  static std::string Where(const ImportTable& table, const PeerRow& row, engine::Parameters& values) {
    std::string sql;
    for (std::size_t i = 0; i < table.key_columns; ++i) {
      values.emplace_back(row.find(table.columns[i].name)->second.value_or(""));
      sql.append(i == 0 ? " WHERE " : " AND ").append(QuoteIdentifier(table.columns[i].name));
      sql.append(" = $").append(std::to_string(values.size()));
    }
    return sql;
  }

  // Whether `present` has the value already. What cannot be read is replaced.
  bool IsSame(const ImportTable& table, const ImportColumn& column, const PeerRow& row,
              const std::optional<std::string>& value, const std::optional<std::string>& present) {
    if (column.kind == kKey) {
      const auto stored = secrets_.StoredKey(value.value_or(""));
      return stored && *stored == present;
    }
    if (column.kind == kPath) {
      const auto plain = secrets_.cipher().Unseal(present.value_or(""), PlaceOf(table, row));
      return plain && *plain == value.value_or("");
    }
    return value == present;
  }

  Result<engine::Value> Stored(const ImportTable& table, const ImportColumn& column, const PeerRow& row,
                               const std::optional<std::string>& value) {
    if (column.kind == kKey) {
      EIDER_ASSIGN_OR_RETURN(std::string stored, secrets_.StoredKey(value.value_or("")));
      return engine::Value(std::move(stored));
    }
    if (column.kind == kPath) {
      EIDER_ASSIGN_OR_RETURN(std::string sealed, secrets_.cipher().Seal(value.value_or(""), PlaceOf(table, row)));
      return engine::Value(std::move(sealed));
    }
    return value ? engine::Value(*value) : engine::Value();
  }

  Status RunRow(const ImportTable& table, const PeerRow& row) {
    ImportCount& count = report_.tables.back();
    EIDER_ASSIGN_OR_RETURN(const auto present, Present(table, row));
    std::string names;
    std::string places;
    std::string sets;
    engine::Parameters values;
    for (const ImportColumn& column : table.columns) {
      const auto given = row.find(column.name);
      if (given == row.end() || (column.kind == kRequired && !given->second)) continue;
      if (present && IsSame(table, column, row, given->second, present->find(column.name)->second)) continue;
      EIDER_ASSIGN_OR_RETURN(engine::Value value, Stored(table, column, row, given->second));
      values.push_back(std::move(value));
      const std::string place = "$" + std::to_string(values.size());
      names.append(names.empty() ? "" : ", ").append(QuoteIdentifier(column.name));
      places.append(places.empty() ? "" : ", ").append(place);
      sets.append(sets.empty() ? "" : ", ").append(QuoteIdentifier(column.name)).append(" = ").append(place);
    }
    if (present && values.empty()) {
      ++count.same;
      return {};
    }
    ++(present ? count.changed : count.added);
    if (dry_run_) return {};
    changes_access_ =
        changes_access_ || table.name == "roles" || table.name == "permissions" || table.name == "api_keys";
    const std::string name = "core.eider." + std::string(table.name);
    const std::string sql = present ? "UPDATE " + name + " SET " + sets + Where(table, row, values)
                                    : "INSERT INTO " + name + " (" + names + ") VALUES (" + places + ")";
    EIDER_RETURN_IF_ERROR(engine::ChangeRows(session_, sql, values));
    return {};
  }

  engine::Session& session_;
  CoreSecrets& secrets_;
  const PeerTables& peer_;
  const bool dry_run_;
  std::set<std::string> roles_;
  bool changes_access_ = false;
  ImportReport report_;
};

}  // namespace

Result<PeerTables> ReadPeerCore(const PeerAddressOptions& peer, const Deadline& deadline) {
  auto dsn = postgres::ParseDsn(peer.dsn);
  if (!dsn) {
    return Error(ErrorCode::kBadInput,
                 "--from must be postgres://USER:PASSWORD@HOST:PORT/DATABASE or libpq's key=value text");
  }
  const engine::Limits limits{deadline, {}};
  auto database = std::make_shared<postgres::PgDatabase>(std::move(*dsn), true);
  EIDER_ASSIGN_OR_RETURN(const auto session, postgres::PgSession::Open(database, limits));
  if (auto begun = session->Run("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", limits); !begun) {
    return std::move(begun).error();
  }
  EIDER_ASSIGN_OR_RETURN(const std::string schema, SchemaOf(*session, peer.schema, limits));
  EIDER_ASSIGN_OR_RETURN(const PeerColumns columns, ColumnsOf(*session, schema, limits));
  PeerTables tables;
  for (const ImportTable& table : kImported) {
    EIDER_ASSIGN_OR_RETURN(tables[std::string(table.name)], ReadTable(*session, schema, table, columns, limits));
  }
  (void)session->Run("ROLLBACK", limits);
  return tables;
}

Result<ImportReport> ImportPeerCore(CoreDatabase& core, CoreSecrets& secrets, const PeerTables& peer, bool dry_run) {
  ImportReport report;
  EIDER_RETURN_IF_ERROR(core.Change([&](engine::Session& session) -> Status {
    Importer importer(session, secrets, peer, dry_run);
    Status done = importer.Run();
    report = std::move(importer.report());
    return done;
  }));
  return report;
}

}  // namespace eider::cluster
