#pragma once

#include <map>
#include <string>
#include <vector>

#include "planner/access.h"
#include "planner/plan.h"

// What the rules of a role do to writes: columns that get the role's values, and rows that must stay visible.
namespace eider::planner {

// Applies the `data` of rules to a bound insert, upsert or update, related rows included, after everything that the
// client sent. Forbids writes to objects that the role may not write, and data that cannot be filled in.
// REQUIRES: root.field.access.
PlanResult<void> ApplyRuleData(BoundRoot& root, const Requester& requester);

// Whether rows of `object` must be looked at after they were inserted: `$check: true`, or a filter of `:insert`.
bool ChecksInserts(const Access& access, const catalog::DataObject& object);

// Whether an update must leave the rows visible: there is a filter of `:query`, and no `$check: false`.
bool ChecksUpdates(const Access& access, const catalog::DataObject& object);

// The columns that the `data` of a rule for `operation` fills.
std::vector<const catalog::Column*> FilledColumns(const Access& access, const catalog::DataObject& object,
                                                  auth::Operation operation);

// Which rows pass: those that may be read, those that may be inserted, or those that may be updated.
enum class RowRule { kReadable, kInserted, kUpdatable };

struct RowsQuery {
  std::string sql;
  engine::Parameters parameters;
};

// The query of the rows whose columns `key` have one of `values` (each as text): the key columns as text, then whether
// the row passes as "true" or "false".
RowsQuery CompileRowCheck(const Access& access, const Requester& requester, const catalog::DataObject& object,
                          const std::vector<const catalog::Column*>& key,
                          std::span<const std::vector<std::string>> values, RowRule rule);

}  // namespace eider::planner
