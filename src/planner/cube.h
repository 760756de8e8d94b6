#pragma once

#include <deque>
#include <string>

#include "columnar/shape.h"
#include "planner/statement.h"

namespace eider::planner {

// The select of a cube, seen as the bucket aggregation that it stands for: what is selected without a function is the
// key, measurements with one are the aggregates. Lives as long as the compilation of its statement.
class CubeSelect {
 public:
  // `root`: a field with a list of a cube's rows. Order and distinct_on are rewritten to the paths of a bucket; what is
  // not selected there fails the statement.
  CubeSelect(Statement& statement, const BoundField& root);

  const BoundField& buckets() const { return buckets_; }

  // The object of one row out of that of one bucket, members in the order of selection.
  columnar::Shape Flatten(const columnar::Shape& bucket) const;

 private:
  void AddMeasurement(const BoundField& field, const std::string& function);
  // The path inside a bucket of a path of the selection; empty when there is none.
  std::string PathOf(const std::string& path) const;
  void RewritePaths(Statement& statement, BoundValue& value, bool is_order) const;

  const BoundField& root_;
  BoundField buckets_;
  BoundField key_;
  BoundField aggregations_;
  std::deque<catalog::FieldBinding> bindings_;
};

}  // namespace eider::planner
