#pragma once

#include <string>
#include <vector>

#include "planner/call.h"

// Functions of PostgreSQL sources in statements of the engine: the server is asked once for all rows, with the
// different sets of arguments that a fetch of the statement gathers.
namespace eider::planner {

// Whether `function` runs in a server while `statement` runs in the engine.
bool IsForeignCall(const Statement& statement, const catalog::Function& function);

// The columns of the row that give arguments, each once, in the order of ForeignRows() and of GatherArgumentsSql().
// `call` may be null.
std::vector<const catalog::Column*> MappedColumns(const catalog::FunctionCall* call);

// The scalar that the function answers for a row. Fails the statement where the engine cannot ask for it.
Value ForeignCallValue(Statement& statement, const catalog::Function& function, const CallArguments& arguments);

// What stands in FROM for the rows that the function answers to all sets of arguments of `fetch`; each row has its
// arguments as texts in the columns ArgumentName(0), ArgumentName(1) … A function without mapped columns has no fetch.
std::string ForeignRows(Statement& statement, const catalog::Function& function, const CallArguments& arguments,
                        int fetch);
std::string ArgumentName(std::size_t index);

// The query that gathers the different sets of `names`, columns of the query `rows`, for a fetch.
std::string GatherArgumentsSql(const std::vector<std::string>& names, const std::string& rows);

}  // namespace eider::planner
