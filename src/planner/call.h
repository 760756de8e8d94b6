#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "planner/expression.h"

// Calls of functions that a source declares (12).
namespace eider::planner {

// Where the arguments of a call come from.
struct CallArguments {
  const BoundField* field = nullptr;                          // Values given by the request; null = none.
  const catalog::FunctionCall* call = nullptr;                // The field of a row that calls; null for a root field.
  std::function<std::string(const catalog::Column&)> column;  // A column of that row.
  std::string alias = {};                                     // Of that row, where it is the row of a level.
};

// A value for one argument of a function or of a view: the bound value, or NULL.
std::string ArgumentSql(Statement& statement, const catalog::InputType::Member& argument, const BoundValue* value);

// The value of an argument that was left out: its placeholder or its default, else NULL.
std::string AbsentArgumentSql(Statement& statement, const catalog::InputType::Member& argument,
                              const catalog::Source& source);

// The value of an argument of a view, with its type also where it is NULL; `value`: null when it was left out.
std::string ViewArgumentSql(Statement& statement, const catalog::InputType::Member& argument, const BoundValue* value,
                            const catalog::Source& source);

// The scalar (or list of scalars) that a function answers.
Value CallValue(Statement& statement, const catalog::Function& function, const CallArguments& arguments);

// Whether a call of the function asks another server, so that it pays to call it for few rows.
bool IsRemote(const catalog::Function& function);

// Whether a statement holds such a call, of a function or in the SQL of a view.
bool AsksServers(std::string_view sql);

// What stands in FROM for the rows that a function of objects answers, without an alias. A list that is no table has
// its position in column kPositionColumn.
std::string CallRows(Statement& statement, const catalog::Function& function, const CallArguments& arguments);
inline constexpr std::string_view kPositionColumn = "eider_position";

}  // namespace eider::planner
