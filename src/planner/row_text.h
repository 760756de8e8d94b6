#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.h"
#include "engine/value.h"

// Many rows of values as one parameter. DuckDB takes them as the text of a JSON list of lists of texts, which it reads
// several times faster than it takes the same values one by one.
namespace eider::planner {

struct CellType {
  const catalog::Column* column = nullptr;
  bool is_item = false;  // One item of a list column.
};

// Appends one row, with a comma after an earlier one.
void AppendRowText(const std::vector<const engine::Value*>& cells, std::string& out);

// What stands in FROM; its one column is u. The text is parameter $1.
inline constexpr std::string_view kRowsFrom = R"((SELECT unnest(from_json($1, '[["VARCHAR"]]')) AS u))";

// The value of cell `index` of a row as its column's type.
std::string CellSql(const CellType& type, std::size_t index);

}  // namespace eider::planner
