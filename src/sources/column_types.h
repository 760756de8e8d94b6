#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "catalog/model.h"
#include "engine/session.h"

namespace eider::sources {

// Column names with the engine's types, in order.
using ColumnTypes = std::vector<std::pair<std::string, std::string>>;

// Tells the column types of tables and views of one source, and of queries written in SDL, in the words of the database
// that runs them. Used within one load; not thread-safe.
class ColumnTypeLookup {
 public:
  virtual ~ColumnTypeLookup() = default;

  // The columns of what `object` stands for, or nothing when there is no such relation or its query does not bind.
  virtual std::optional<ColumnTypes> Find(const catalog::DataObject& object) = 0;

  // Whether the database computes the column of that table itself.
  virtual bool IsGenerated(const catalog::DataObject& /*object*/, const std::string& /*column*/) { return false; }

  // How many rows the table has by the database's own guess, which costs next to nothing; -1 = it has none.
  virtual std::int64_t EstimateRows(const catalog::DataObject& /*object*/) { return -1; }

  // The SQL of a view as it is to be run, wherever its tables are named from `catalog`.
  virtual std::string Qualify(const std::string& view_sql, const std::string& catalog) = 0;

  // The name of function "schema.f" or "f" of the source, qualified by `catalog`; nothing when it has none, so that the
  // name is looked up where the statement runs.
  virtual std::optional<std::string> FindFunction(const std::string& /*name*/, const std::string& /*catalog*/) {
    return std::nullopt;
  }
};

// The same of a database that the engine reads itself. Reads the engine's catalog once, on first use.
class EngineColumnTypes final : public ColumnTypeLookup {
 public:
  // `catalog` is the attached database; unqualified names in queries mean its tables.
  EngineColumnTypes(engine::Session& session, std::string catalog, std::string default_schema = "main")
      : session_(session),
        catalog_(std::move(catalog)),
        default_schema_(std::move(default_schema)) {}

  std::optional<ColumnTypes> Find(const catalog::DataObject& object) override;

  bool IsGenerated(const catalog::DataObject& object, const std::string& column) override;

  std::int64_t EstimateRows(const catalog::DataObject& object) override;

  // Takes the columns that a server computes, each as {schema, table, column}, where the engine cannot tell.
  void SetGenerated(const std::vector<std::array<std::string, 3>>& columns);

  // The SQL of a view with `catalog` before the names of this database's tables that have none.
  std::string Qualify(const std::string& view_sql, const std::string& catalog) override;

  std::optional<std::string> FindFunction(const std::string& name, const std::string& catalog) override;

 private:
  std::optional<ColumnTypes> FindRelation(const catalog::DataObject& object);
  std::optional<ColumnTypes> DescribeQuery(const std::string& sql);
  void ReadCatalog();
  void ReadEstimates();
  // Reads how the engine's own tables were created, where that tells of computed columns.
  void ReadDefinitions();

  engine::Session& session_;
  const std::string catalog_;
  const std::string default_schema_;
  bool read_ = false;
  bool listed_ = true;  // Whether the catalog could be read; otherwise each table is asked for.
  std::map<std::string, ColumnTypes> relations_;   // By lower-case "schema"."table".
  std::set<std::string> generated_;                // Their computed columns, `"schema"."table"."column"` in lower case.
  std::vector<std::string> tables_;                // Those that are no views.
  bool estimated_ = false;                         // ReadEstimates() was called.
  std::map<std::string, std::int64_t> estimates_;  // Rows of tables; 0 = not known.
  bool defined_ = false;                           // ReadDefinitions() was called.
  std::set<std::string> unread_;                   // Those whose columns are not told by the catalog.
};

// `sql` with `[$catalog].` as the name of the attached database and every other `[$…]` as NULL, outside of string
// literals: what binds to the same columns.
std::string WithoutPlaceholders(const std::string& sql, const std::string& catalog);

}  // namespace eider::sources
