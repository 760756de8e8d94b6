#pragma once

#include <string>
#include <vector>

#include "planner/level.h"
#include "planner/outputs.h"

namespace eider::planner {

// One aggregate function over a value. `order` (" ORDER BY …") counts for functions that depend on it; `condition`
// limits the rows; both may be empty.
Value AggregateCall(Statement& statement, const BoundField& function, const Value& value, const std::string& condition,
                    const std::string& order = {});

// The same when each row counts by the number `weight` in sums and averages.
Value WeightedCall(Statement& statement, const BoundField& function, const Value& value, const std::string& weight,
                   const std::string& condition, const std::string& order);

// Aggregates of the rows of a level, by groups. Members that aggregate related rows are computed beside the main
// aggregation and joined to it by group, so that they never multiply each other's rows.
class Aggregation {
 public:
  // `rows` supplies the aggregated rows; `groups` are names of its columns.
  Aggregation(Level& rows, std::vector<std::string> groups);

  // Adds the members of an aggregation type selected over `scope`; columns of the shapes count in outputs().
  // `condition`: name of a boolean column that limits the rows, or empty.
  void AddMembers(const Level::Scope& scope, const std::vector<BoundField>& selection, const std::string& condition,
                  std::vector<columnar::Shape>& members);
  // Adds any aggregate expression over names of the rows, or any group name's value.
  int AddMain(const std::string& sql);

  // The order in which members added from now on see the rows (" ORDER BY …", over names of the rows).
  void SetOrder(std::string order) { order_ = std::move(order); }
  void SetHaving(std::string condition) { having_ = std::move(condition); }
  // Wraps the rows: the aggregated rows are prefix + rows + suffix.
  void WrapRows(std::string prefix, std::string suffix);
  // Further groups that exist only in the wrapped rows.
  const std::vector<std::string>& groups() const { return groups_; }

  // A SELECT whose columns are the groups under their own names, followed by outputs "a0", "a1", …
  std::string Sql();
  std::size_t output_count() const { return outputs_.size(); }

 private:
  struct Output {
    int block = -1;  // -1 = main.
    std::string sql;
  };
  struct Block {
    std::string alias;
    std::string sql;  // Columns: the groups, then what outputs name.
  };
  void AddColumn(const Value& value, const BoundField& field, const std::string& condition,
                 std::vector<columnar::Shape>& members);
  void AddRelated(const Level::Scope& scope, const BoundField& field, const std::string& condition,
                  std::vector<columnar::Shape>& members);
  void AddSubAggregate(const Level::Scope& scope, const BoundField& field, std::vector<columnar::Shape>& members);
  void AddOuter(const BoundField& field, const Value& inner, Aggregation& per_parent, const std::string& alias,
                std::vector<std::string>& columns, std::vector<columnar::Shape>& members);
  std::string GroupList(const std::string& alias) const;
  columnar::Shape OutputShape(const BoundField& field, const Value& value, int output) const;

  Level& rows_;
  Statement& statement_;
  std::vector<std::string> groups_;
  std::vector<Output> outputs_;
  std::vector<Block> blocks_;
  std::string having_;
  std::string order_;
  std::string prefix_;
  std::string suffix_;
  std::string cte_;
  std::size_t cte_slot_;
};

// Restricts the rows of `child` (the target of `field`'s relation) to those related to a row of `parent_cte`, and
// returns the names of the child's key columns. `parent_keys` are names in the parent. Without `restrict`, all parents
// are there: then only what counts rows needs the restriction.
std::vector<std::string> RestrictToParents(Level& child, const catalog::Relation& relation,
                                           const std::string& parent_cte, const std::vector<std::string>& parent_keys,
                                           bool restrict);

}  // namespace eider::planner
