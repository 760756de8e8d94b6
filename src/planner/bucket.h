#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "planner/aggregate.h"

namespace eider::planner {

// A bucket aggregation: the rows of a level grouped by everything selected in `key`, with one or more sets of
// aggregates. Order, limit, offset and distinct_on of the field act on the groups.
class BucketQuery {
 public:
  // `rows` already has its filter; `parents` are names that every group also carries (keys of parent rows).
  // `default_limit` applies when the field gives no limit; 0 = none.
  BucketQuery(Level& rows, const BoundField& field, std::vector<std::string> parents, std::int64_t default_limit = 0);

  // The object of one group; columns count in outputs().
  const columnar::Shape& shape() const { return shape_; }
  // Names of columns of Sql().
  const OutputList& outputs() const { return outputs_; }
  // The order of the groups, over columns of Sql().
  const std::vector<SortKey>& order() const { return order_; }

  // The groups.
  std::string Sql();
  // The outputs of the groups in their order.
  std::string RootSql();

 private:
  // A value of the key: a group name, or an aggregate that only says whether an object is there.
  struct KeyColumn {
    bool is_group = true;
    std::string sql;
  };
  int AddKeyColumn(bool is_group, const std::string& sql);
  void AddKeyMembers(const Level::Scope& scope, const std::vector<BoundField>& selection, columnar::Shape& object);
  void AddKeyValue(const Level::Scope& scope, const Value& value, const BoundField& field, columnar::Shape& object);
  void AddAggregations(const BoundField& field);
  void ApplyGroupArguments(std::int64_t default_limit);
  void ReadOrderArgument(std::string_view name);
  // The column of a group that a path of response names leads to, with its type; empty text when there is none.
  Value ColumnAt(const std::string& path, graphql::Position position);

  Level& rows_;
  const BoundField& field_;
  Statement& statement_;
  std::vector<std::string> parents_;
  std::vector<KeyColumn> key_columns_;
  std::unique_ptr<Aggregation> aggregation_;
  columnar::Shape shape_;
  OutputList outputs_;
  std::vector<SortKey> order_;
  std::vector<std::string> distinct_;
  std::vector<std::string> having_;
  bool every_group_ = false;  // Some set of aggregates takes all rows.
  std::string limit_;
  std::string nested_;  // Number of a group below its parent; empty = no limit per parent.
  std::int64_t nested_low_ = 0;
  std::int64_t nested_high_ = -1;
};

}  // namespace eider::planner
