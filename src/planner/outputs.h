#pragma once

#include <string>
#include <vector>

#include "columnar/shape.h"
#include "planner/bound.h"

namespace eider::planner {

// "a, b, c".
std::string NameList(const std::vector<std::string>& names);

// The columns of a result (or the members of a list's struct) in order; equal expressions share a column.
class OutputList {
 public:
  int Add(const std::string& sql);
  const std::vector<std::string>& columns() const { return columns_; }

 private:
  std::vector<std::string> columns_;
};

// Replaces column numbers of a shape's container by `map[column]`. Shapes inside lists and structs are left alone, as
// their columns count in containers of their own.
void RemapColumns(columnar::Shape& shape, const std::vector<int>& map);

// `__typename` as a constant.
columnar::Shape TypenameShape(const BoundField& field);

// An object whose members are columns of its own container.
columnar::Shape FlatObject(std::string key, int presence = -1);

}  // namespace eider::planner
