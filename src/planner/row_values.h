#pragma once

#include <deque>
#include <string>
#include <vector>

#include "planner/assigned.h"
#include "planner/insert_rows.h"

namespace eider::planner {

// A value of a row that may differ between the rows of one statement.
struct Cell {
  const engine::Value* value = nullptr;
  const catalog::Column* column = nullptr;  // Decides the type.
  bool is_item = false;                     // One item of a list column.
};

// Takes rows of one object apart: the list of columns, the list of their values in which every cell stands as its
// number between two kCellMark, and the cells. Rows with equal texts can be inserted by one statement. Valid until the
// next Read().
class RowValues {
 public:
  static constexpr char kCellMark = '\x01';

  RowValues(const catalog::DataObject& object, const engine::Parameters& request, const Requester* requester = nullptr);

  // Given value, then the related row's key, then the defaults; a column without any is left to the database.
  void Read(const NewRow& row);

  const std::string& columns() const { return columns_; }
  const std::string& values() const { return values_; }
  const std::vector<Cell>& cells() const { return cells_; }

 private:
  // A column, how its name is written, and what it is when a row has no value for it.
  struct Stored {
    const catalog::Column* column = nullptr;
    std::string quoted;
    std::string otherwise;    // SQL; empty = left out.
    std::size_t last_at = 0;  // Where the previous row had it.
  };

  static const BoundValue* FindGiven(Stored& stored, const BoundValue& data);
  bool AppendValue(Stored& stored, const NewRow& row);
  bool AppendPlain(Stored& stored, const NewRow& row);
  std::string AddCell(const catalog::Column& column, const engine::Value& value, bool is_item);
  std::string AddSession(const catalog::Column& column, std::string_view placeholder);
  std::string AddOwned(const catalog::Column& column, engine::Value value, bool is_item);
  std::string DefaultSql(const catalog::Column& column) const;

  const catalog::DataObject& object_;
  const engine::Parameters& request_;
  const Requester* const requester_;
  const Dialect& dialect_;
  const AssignedOperands operands_;
  std::vector<Stored> stored_;
  std::string columns_;
  std::string values_;
  std::vector<Cell> cells_;
  std::deque<engine::Value> owned_;
};

}  // namespace eider::planner
