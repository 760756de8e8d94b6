#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/model.h"
#include "engine/session.h"

namespace eider::sources {

// Column names with the engine's types, in order.
using ColumnTypes = std::vector<std::pair<std::string, std::string>>;

// Tells the column types of tables and views of one attached database, and of queries written in SDL. Reads the
// engine's catalog once, on first use. Used within one load; not thread-safe.
class ColumnTypeLookup {
 public:
  // `catalog` is the attached database; unqualified names in queries mean its tables.
  ColumnTypeLookup(engine::Session& session, std::string catalog) : session_(session), catalog_(std::move(catalog)) {}

  // The columns of what `object` stands for, or nothing when there is no such relation or its query does not bind.
  std::optional<ColumnTypes> Find(const catalog::DataObject& object);

  // The SQL of a view with `catalog` before the names of this database's tables that have none.
  std::string Qualify(const std::string& view_sql, const std::string& catalog);

 private:
  std::optional<ColumnTypes> FindRelation(const catalog::DataObject& object);
  std::optional<ColumnTypes> DescribeQuery(const std::string& sql);
  void ReadCatalog();

  engine::Session& session_;
  const std::string catalog_;
  bool read_ = false;
  std::map<std::string, ColumnTypes> relations_;  // By lower-case "schema"."table".
};

// `sql` with `[$catalog].` as the name of the attached database and every other `[$…]` as NULL, outside of string
// literals: what binds to the same columns.
std::string WithoutPlaceholders(const std::string& sql, const std::string& catalog);

}  // namespace eider::sources
