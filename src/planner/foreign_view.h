#pragma once

#include <string>

#include "planner/placeholders.h"
#include "planner/statement.h"

namespace eider::planner {

// What stands in FROM of a statement of the engine for the query of a view that lives in a PostgreSQL source: its
// server runs the query, where unqualified names mean what they mean there. `resolve` gives an argument's value as SQL
// of the engine, which becomes a literal of the server's when the statement runs. Lists as arguments fail the
// statement.
std::string ForeignViewSql(Statement& statement, const catalog::DataObject& object, const ResolvePlaceholder& resolve,
                           graphql::Position position);

}  // namespace eider::planner
