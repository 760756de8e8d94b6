#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "planner/conflict.h"
#include "planner/plan.h"

namespace eider::planner {

// Values that a row takes from the rows it is related to, in the engine's text form.
using KeyValues = std::map<const catalog::Column*, std::string>;

// A row to be inserted: the columns among the members of `data` (relations are the caller's) and `keys`.
struct NewRow {
  const BoundValue* data = nullptr;
  KeyValues keys;
};

// One INSERT of some of the rows, with parameters of its own.
struct InsertPart {
  std::string sql;
  engine::Parameters parameters;
  std::vector<std::size_t> rows;  // Which, in the order in which RETURNING gives them.
};

struct InsertRequest {
  const catalog::DataObject& object;
  const engine::Parameters& parameters;            // What bound values refer to.
  std::vector<const catalog::Column*> returned{};  // RETURNING, each as text.
  const Conflict* conflict = nullptr;              // For upserts.
  // Rows are inserted strictly in order (they may refer to each other); otherwise rows of equal columns go together.
  bool in_order = false;
  const Requester* requester = nullptr;  // Whom @default may name; null = nobody.
  bool exist = false;                    // The rows are there and meet `conflict`: they are changed, by UPDATE … FROM.
};

// Compiles the insert of `rows`, as few statements as their columns and sizes allow. REQUIRES: CheckInsert() passed.
std::vector<InsertPart> CompileInsert(const InsertRequest& request, std::span<const NewRow> rows);

// The columns that a sequence fills when a row gives no value, and the query of `count` next values as text.
std::vector<const catalog::Column*> SequenceColumns(const catalog::DataObject& object);
std::string NextValuesSql(const catalog::DataObject& object, const catalog::Column& column, std::size_t count);

}  // namespace eider::planner
