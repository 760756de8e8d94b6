#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text_rows.h"
#include "sources/duckdb/relation_info.h"

namespace eider::sources {

// Runs a query in the attached MySQL database `catalog`. Its columns need names of their own.
Result<std::vector<engine::TextRow>> AskMysql(engine::Session& session, const std::string& catalog,
                                              std::string_view sql);

// Adds to the relations of `catalog` what the engine does not tell: which are views, comments, keys, and which columns
// the server fills by itself. Keeps the tables of `database` only; all but the server's own when it is empty.
Status AddMysqlKeys(engine::Session& session, const std::string& catalog, const std::string& database,
                    RelationMap& relations);

// The columns that the server computes, each as {database, table, column}.
Result<std::vector<std::array<std::string, 3>>> MysqlGenerated(engine::Session& session, const std::string& catalog);

}  // namespace eider::sources
