#pragma once

#include "planner/insert_rows.h"

namespace eider::planner {

// A query for values of a row that was just inserted, where the insert itself cannot return them.
struct FindRow {
  std::string sql;  // Its columns are the wanted ones as text; the row is the first.
  engine::Parameters parameters;
};

// Compiles it for `row`: by its key when that was given, else the newest row (the greatest key) that has what was given
// in the columns which are stored exactly as they are written. To be run in the transaction of the insert.
FindRow CompileFindRow(const InsertRequest& request, const NewRow& row);

// Whether the request and the row's keys tell all of `request.returned` without asking.
bool KnowsReturned(const InsertRequest& request, const NewRow& row);

}  // namespace eider::planner
