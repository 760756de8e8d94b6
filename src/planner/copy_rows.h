#pragma once

#include <optional>
#include <span>
#include <string>

#include "engine/session.h"
#include "planner/insert_rows.h"

namespace eider::planner {

// Rows for PostgreSQL's COPY … FROM STDIN, in its text format: much faster than INSERT, and without RETURNING.
struct CopyRows {
  std::string sql;
  engine::CopySource text;  // Valid while what it was made of lives.
};

// The rows as a COPY, or nothing when they need an INSERT: rows of different columns, values that are expressions,
// types that are written by a function, another engine. `request` and `rows` must outlive the result.
std::optional<CopyRows> CompileCopy(const InsertRequest& request, std::span<const NewRow> rows);

}  // namespace eider::planner
