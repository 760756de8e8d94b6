#pragma once

#include <string>

#include "planner/placeholders.h"

namespace eider::planner {

// What stands in FROM of a statement of the engine for the query of a view that lives in a PostgreSQL source: its
// server runs the query, where unqualified names mean what they mean there. `resolve` gives an argument's value as SQL
// of the engine, which becomes a literal of the server's when the statement runs.
std::string ForeignViewSql(const catalog::DataObject& object, const ResolvePlaceholder& resolve);

}  // namespace eider::planner
