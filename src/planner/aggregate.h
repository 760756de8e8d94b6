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
  int AddMain(const std::string& sql) { return AddMain(Value{sql}); }
  int AddMain(const Value& value);

  // The order in which members added from now on see the rows (" ORDER BY …", over names of the rows).
  void SetOrder(std::string order) { order_ = std::move(order); }
  void SetHaving(std::string condition) { having_ = std::move(condition); }
  // Wraps the rows: the aggregated rows are prefix + rows + suffix. Groups may exist only in the wrapped rows.
  void WrapRows(std::string prefix, std::string suffix);

  // A SELECT whose columns are the groups under their own names, followed by outputs "a0", "a1", …
  std::string Sql();
  std::size_t output_count() const { return outputs_.size(); }
  // What output `index` is; its text is not to be used.
  const Value& OutputValue(std::size_t index) const { return outputs_[index].value; }

 private:
  struct Output {
    int block = -1;  // -1 = main.
    std::string sql;
    Value value = {};  // What the output is, for its type.
  };
  struct Block {
    std::string alias;
    std::string sql;  // Columns: the groups, then what outputs name.
  };
  void AddColumn(const Value& value, const BoundField& field, const std::string& condition,
                 std::vector<columnar::Shape>& members);
  void AddRelated(const Level::Scope& scope, const BoundField& field, const std::string& condition,
                  std::vector<columnar::Shape>& members);
  void AddSubAggregate(const Level::Scope& scope, const BoundField& field, const std::string& condition,
                       std::vector<columnar::Shape>& members);
  // Puts a query beside the main aggregation; `columns` of it become outputs, to which `object` is changed.
  void AddBlock(Block block, const std::vector<Value>& columns, columnar::Shape& object);
  columnar::Shape MainShape(const BoundField& field, const Value& value);
  std::string GroupList(const std::string& alias) const;

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

}  // namespace eider::planner
