#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/expression.h"

// Values of PostgreSQL's type `numeric` inside statements of the engine, whose decimals have 38 digits and are numbers.
// By itself the engine rounds wider ones to doubles, and reads NaN and infinity as zero.
namespace eider::planner {

// The engine's decimal for values of a type of PostgreSQL.
struct DecimalForm {
  int digits = 0;
  int scale = 0;
  bool is_narrower = false;  // Some values of the type do not fit.
};
// Nothing for types other than `numeric`.
std::optional<DecimalForm> DecimalFormOf(std::string_view type);

// Whether values of a column come in the same type by a query as by the engine's own reader of tables.
bool IsReadAlike(const catalog::Column& column);

// The server's expression for a column as the engine can hold it. It fails for a number that does not fit, and says
// what to do; fields that are text get its text. Just the column for all other types.
std::string HeldColumn(const catalog::DataObject& object, const catalog::Column& column);

// `rows`, a query of the server whose columns are the HeldColumn()s of `columns`, as what stands in FROM.
std::string HeldRows(const catalog::DataObject& object, const std::vector<const catalog::Column*>& columns,
                     std::string rows);

// Whether an earlier field of the object is over the same column.
bool IsRepeated(const catalog::DataObject& object, const catalog::Column& column);

// Whether the object has a column some of whose numbers the engine cannot hold.
bool HasWideNumbers(const catalog::DataObject& object);

// What stands in FROM of the engine for the server's query `sql`, an expression of the engine, whose columns are those
// of `object`.
std::string HeldQuery(const catalog::DataObject& object, const std::string& sql);

// A statement of the engine that reads those of `tables`, objects of PostgreSQL, through HeldColumn() of whose wide
// numbers it makes use; with `always` of whose numbers of any width. Tables of which it also uses columns that only the
// engine's own reader takes (lists, types that the database defines) stay as they are.
std::string WithHeldNumbers(std::string sql, const std::vector<const catalog::DataObject*>& tables, bool always);

}  // namespace eider::planner
