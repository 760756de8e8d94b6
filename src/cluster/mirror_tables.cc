#include "cluster/mirror_tables.h"

#include <cstdio>
#include <cstdlib>

#include "base/text.h"

namespace eider::cluster {
namespace {

using enum MirrorKind;

constexpr MirrorColumn kDataSources[] = {{"name"},
                                         {"type"},
                                         {"prefix"},
                                         {"as_module", kBoolean},
                                         {"description"},
                                         {"path"},
                                         {"disabled", kBoolean},
                                         {"self_defined", kBoolean},
                                         {"read_only", kBoolean}};
constexpr MirrorColumn kCatalogSources[] = {{"name"}, {"type"}, {"description"}, {"path"}};
constexpr MirrorColumn kSourceCatalogs[] = {{"catalog_name"}, {"data_source_name"}};
constexpr MirrorColumn kRoles[] = {{"name"}, {"description"}, {"disabled", kBoolean}, {"can_impersonate", kBoolean}};
constexpr MirrorColumn kPermissions[] = {
    {"role"},          {"type_name"},  {"field_name"}, {"hidden", kBoolean}, {"disabled", kBoolean},
    {"filter", kJson}, {"data", kJson}};
constexpr MirrorColumn kRoleLimits[] = {{"role"},
                                        {"max_concurrency", kInteger},
                                        {"max_queued", kInteger},
                                        {"requests_per_minute", kInteger},
                                        {"query_timeout", kInterval},
                                        {"max_rows", kInteger},
                                        {"max_result_bytes", kInteger},
                                        {"max_memory_bytes", kInteger},
                                        {"max_depth", kInteger},
                                        {"max_cost", kDouble},
                                        {"priority", kInteger}};
// When a key was used last is each node's own knowledge.
constexpr MirrorColumn kApiKeys[] = {{"name"},
                                     {"description"},
                                     {"key"},
                                     {"default_role"},
                                     {"disabled", kBoolean},
                                     {"is_temporal", kBoolean},
                                     {"expires_at", kTimestamp},
                                     {"headers", kJson},
                                     {"claims", kJson},
                                     {"previous_key"},
                                     {"rotated_at", kTimestamp},
                                     {"grace", kInterval},
                                     {"key_created_at", kTimestamp}};
constexpr MirrorColumn kObjectStorages[] = {{"name"}, {"type"}, {"scope"}, {"key"}, {"secret"}, {"parameters", kJson}};

constexpr MirrorTable kTables[] = {{"data_sources", kDataSources, 1, false},
                                   {"catalog_sources", kCatalogSources, 1, false},
                                   {"data_source_catalogs", kSourceCatalogs, 2, false},
                                   {"roles", kRoles, 1, true},
                                   {"permissions", kPermissions, 3, true},
                                   {"role_limits", kRoleLimits, 1, true},
                                   {"api_keys", kApiKeys, 1, true},
                                   {"object_storages", kObjectStorages, 1, false}};

std::string TextOf(const MirrorColumn& column, MirrorSide side) {
  const std::string name = QuoteIdentifier(column.name);
  const bool shared = side == MirrorSide::kShared;
  if (column.kind == kTimestamp) {
    return shared ? "(extract(epoch FROM " + name + ") * 1000000)::bigint::text"
                  : "CAST(epoch_us(" + name + ") AS VARCHAR)";
  }
  return "CAST(" + name + (shared ? " AS text)" : " AS VARCHAR)");
}

std::string LiteralOf(const MirrorColumn& column, MirrorSide side, const std::optional<std::string>& value) {
  if (!value) return "NULL";
  if (column.kind != kTimestamp) return QuoteLiteral(*value);
  if (side == MirrorSide::kEngine) return "make_timestamptz(" + *value + ")";
  return "(TIMESTAMPTZ 'epoch' + INTERVAL '" + *value + " microseconds')";
}

// The two databases print the same number in different ways.
std::string SameNumber(const std::string& text) {
  char out[32];
  std::snprintf(out, sizeof out, "%.17g", std::strtod(text.c_str(), nullptr));
  return out;
}

std::string KeyCondition(const MirrorTable& table, const std::vector<std::string>& key) {
  std::string condition;
  for (std::size_t i = 0; i < table.key_columns; ++i) {
    condition.append(i == 0 ? " WHERE " : " AND ").append(QuoteIdentifier(table.columns[i].name)).append(" = ");
    condition.append(QuoteLiteral(key[i]));
  }
  return condition;
}

using Values = std::vector<std::optional<std::string>>;

std::string Insert(const MirrorTable& table, MirrorSide side, const std::string& name, const Values& row) {
  std::string columns;
  std::string values;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    columns.append(i == 0 ? "" : ", ").append(QuoteIdentifier(table.columns[i].name));
    values.append(i == 0 ? "" : ", ").append(LiteralOf(table.columns[i], side, row[i]));
  }
  return "INSERT INTO " + name + " (" + columns + ") VALUES (" + values + ")";
}

std::string Update(const MirrorTable& table, MirrorSide side, const std::string& name, const Values& before,
                   const Values& after) {
  std::string sets;
  for (std::size_t i = table.key_columns; i < table.columns.size(); ++i) {
    if (before[i] == after[i]) continue;
    sets.append(sets.empty() ? "" : ", ").append(QuoteIdentifier(table.columns[i].name)).append(" = ");
    sets.append(LiteralOf(table.columns[i], side, after[i]));
  }
  return "UPDATE " + name + " SET " + sets;
}

}  // namespace

std::span<const MirrorTable> MirrorTables() { return kTables; }

std::string SelectAll(const MirrorTable& table, MirrorSide side, const std::string& name) {
  std::string columns;
  for (const MirrorColumn& column : table.columns) {
    columns.append(columns.empty() ? "" : ", ").append(TextOf(column, side));
    columns.append(" AS ").append(QuoteIdentifier(column.name));
  }
  return "SELECT " + columns + " FROM " + name;
}

MirrorRows ToMirrorRows(const MirrorTable& table, std::vector<engine::TextRow> rows) {
  MirrorRows all;
  for (engine::TextRow& row : rows) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].kind == kDouble && row[i]) row[i] = SameNumber(*row[i]);
    }
    std::vector<std::string> key;
    for (std::size_t i = 0; i < table.key_columns; ++i) key.push_back(row[i].value_or(""));
    all.emplace(std::move(key), std::move(row));
  }
  return all;
}

std::vector<std::string> Statements(const MirrorTable& table, MirrorSide side, const std::string& name,
                                    const MirrorRows& before, const MirrorRows& after) {
  std::vector<std::string> statements;
  // Deletes first: another row may take over a value that is unique.
  for (const auto& [key, row] : before) {
    if (!after.contains(key)) statements.push_back("DELETE FROM " + name + KeyCondition(table, key));
  }
  for (const auto& [key, row] : after) {
    const auto old = before.find(key);
    if (old == before.end()) {
      statements.push_back(Insert(table, side, name, row));
    } else if (old->second != row) {
      statements.push_back(Update(table, side, name, old->second, row) + KeyCondition(table, key));
    }
  }
  return statements;
}

}  // namespace eider::cluster
