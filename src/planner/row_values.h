#pragma once

#include <deque>
#include <string>
#include <vector>

#include "planner/insert_rows.h"

namespace eider::planner {

// A value of a row that stands for itself in the statement: what may differ between rows of one statement.
struct Cell {
  const engine::Value* value = nullptr;
  const catalog::Column* column = nullptr;  // Decides the type.
  bool is_item = false;                     // One item of a list column.
};

// Takes rows of one object apart: the list of columns, the list of their values with kCellMark for every cell, and the
// cells. Rows with equal texts can be inserted by one statement. Valid until the next Read().
class RowValues {
 public:
  static constexpr char kCellMark = '\x01';

  RowValues(const catalog::DataObject& object, const engine::Parameters& request);

  // Given value, then the related row's key, then the defaults; a column without any is left to the database.
  void Read(const NewRow& row);

  const std::string& columns() const { return columns_; }
  const std::string& values() const { return values_; }
  const std::vector<Cell>& cells() const { return cells_; }

 private:
  // What a column is when a row has no value for it, and how its name is written.
  struct Stored {
    const catalog::Column* column = nullptr;
    std::string quoted;
    std::string otherwise;     // SQL; empty = left out.
    std::size_t last_at = 0;   // Where the previous row had it.
  };

  const BoundValue* FindGiven(Stored& stored, const BoundValue& data) const;
  bool AppendValue(Stored& stored, const NewRow& row);
  void AppendGiven(const catalog::Column& column, const BoundValue& value, bool is_item);
  void AppendStructure(const catalog::Column& column, const BoundValue& value);
  void AppendCell(const catalog::Column& column, const engine::Value& value, bool is_item);
  void AppendOwned(const catalog::Column& column, engine::Value value, bool is_item);
  void AppendExpression(const std::string& text, const BoundValue& data);

  const catalog::DataObject& object_;
  const engine::Parameters& request_;
  std::vector<Stored> stored_;
  std::string columns_;
  std::string values_;
  std::vector<Cell> cells_;
  std::deque<engine::Value> owned_;
};

// The type of a column's values as the source writes it.
std::string TypeOf(const catalog::Column& column);

}  // namespace eider::planner
