#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/plan.h"

namespace eider::planner {

// What an upsert does with a row whose key exists.
struct Conflict {
  std::vector<const catalog::Column*> target;
  // The columns to set; nothing = all given ones outside of keys, none = leave the row as it is.
  std::optional<std::vector<const catalog::Column*>> update;
};

// Reads `on_conflict` and `update` of a bound upsert and checks that its rows hold columns only. Fails for unknown
// columns, for a table without a primary key when `on_conflict` is absent, for related rows, and for rows that would be
// changed twice, of which engines keep one or none. Where the engine has no ON CONFLICT, also for targets that are no
// key of the schema and for columns to be updated that a row does not give.
PlanResult<Conflict> ReadConflict(const BoundRoot& root);

// The ON CONFLICT clause for rows that give the columns of `row`. The table's alias is "objects".
std::string ConflictSql(const catalog::DataObject& object, const Conflict& conflict, const BoundValue& row);

// The MERGE statement that does the same: `columns` and the query `source` are those of an INSERT of the rows.
std::string MergeSql(const catalog::DataObject& object, const Conflict& conflict, const BoundValue& row,
                     const std::string& columns, const std::string& source);

// The UPDATE of the rows of `source` that exist, all of them at once; empty when nothing is set.
std::string UpdateFromSql(const catalog::DataObject& object, const Conflict& conflict, const BoundValue& row,
                          const std::string& columns, const std::string& source);

// Whether `row` names each column of the target, and whether with a value; otherwise it is new.
bool NamesTarget(const Conflict& conflict, const BoundValue& row);
bool GivesTarget(const Conflict& conflict, const BoundValue& row);

// The columns that are set in a row that exists: those of the request, then those with an expression of their own.
struct ConflictUpdate {
  std::vector<const catalog::Column*> given;
  std::vector<const catalog::Column*> computed;
};
ConflictUpdate UpdatedColumns(const catalog::DataObject& object, const Conflict& conflict, const BoundValue& row);

}  // namespace eider::planner
