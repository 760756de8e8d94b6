#include "planner/insert_rows.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <unordered_map>

#include "base/text.h"
#include "planner/row_text.h"
#include "planner/row_values.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;

namespace {

// Bounds of one statement; rows of a larger request are sent in several.
constexpr std::size_t kRowsPerStatement = 16'384;
constexpr std::size_t kBytesPerStatement = 8 << 20;

struct CellType {
  const Column* column = nullptr;
  bool is_item = false;  // One item of a list column.
};

// Rows that one statement can insert.
struct Group {
  std::string columns;
  std::string values;
  std::vector<CellType> types;
  engine::Parameters first;  // The cells of a group of one row, which needs no text.
  std::string text;          // The cells of all rows otherwise.
  std::vector<std::size_t> rows;
  const BoundValue* data = nullptr;  // Of the first row.
};

class InsertCompiler {
 public:
  InsertCompiler(const InsertRequest& request, std::span<const NewRow> rows)
      : request_(request),
        rows_(rows),
        dialect_(WriterOf(request.object)),
        values_(request.object, request.parameters, request.requester) {}

  std::vector<InsertPart> Compile() {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      values_.Read(rows_[i]);
      AddRow(GroupFor(), i);
    }
    std::vector<InsertPart> parts;
    parts.reserve(groups_.size());
    for (Group& group : groups_) parts.push_back(Finish(group));
    return parts;
  }

 private:
  static bool IsFull(const Group& group) {
    return group.rows.size() >= kRowsPerStatement || group.text.size() >= kBytesPerStatement;
  }

  bool Fits(const Group& group) const {
    return !values_.columns().empty() && group.values == values_.values() && group.columns == values_.columns() &&
           !IsFull(group);
  }

  Group& GroupFor() {
    if (last_ < groups_.size() && Fits(groups_[last_])) return groups_[last_];
    std::string key = values_.columns() + "\n" + values_.values();
    const auto known = open_.find(key);
    if (!request_.in_order && known != open_.end() && Fits(groups_[known->second])) {
      last_ = known->second;
      return groups_[last_];
    }
    last_ = groups_.size();
    open_[std::move(key)] = last_;
    Group& group = groups_.emplace_back();
    group.columns = values_.columns();
    group.values = values_.values();
    for (const Cell& cell : values_.cells()) group.types.push_back({cell.column, cell.is_item});
    return group;
  }

  void AddRow(Group& group, std::size_t row) {
    if (group.rows.empty()) {
      group.data = rows_[row].data;
      for (const Cell& cell : values_.cells()) group.first.push_back(*cell.value);
    } else {
      if (group.rows.size() == 1) {
        std::vector<const engine::Value*> cells;
        for (const engine::Value& value : group.first) cells.push_back(&value);
        AppendRowText(cells, group.text);
      }
      cells_.clear();
      for (const Cell& cell : values_.cells()) cells_.push_back(cell.value);
      AppendRowText(cells_, group.text);
    }
    group.rows.push_back(row);
  }

  // MERGE reads its rows from a query, whose cells have their types.
  bool IsMerge(const Group& group) const {
    return request_.conflict != nullptr && request_.object.source->traits.upserts == catalog::Upserts::kMerge &&
           NamesTarget(*request_.conflict, *group.data);
  }

  // A query for the rows of the group, whose cells have their types.
  std::string SourceOf(Group& group) const {
    if (group.rows.size() == 1) {
      std::vector<const engine::Value*> cells;
      for (const engine::Value& value : group.first) cells.push_back(&value);
      AppendRowText(cells, group.text);
    }
    std::string source = "SELECT ";
    AppendValues(group, true, source);
    return source.append(" FROM ").append(dialect_.RowsFrom());
  }

  InsertPart FinishQuery(Group& group) const {
    const std::string source = SourceOf(group);
    InsertPart part;
    part.sql = request_.exist ? UpdateFromSql(request_.object, *request_.conflict, *group.data, group.columns, source)
                              : MergeSql(request_.object, *request_.conflict, *group.data, group.columns, source);
    part.parameters.emplace_back("[" + std::move(group.text) + "]");
    part.rows = std::move(group.rows);
    return part;
  }

  InsertPart Finish(Group& group) const {
    if (request_.exist || IsMerge(group)) return FinishQuery(group);
    InsertPart part;
    part.sql = "INSERT INTO " + dialect_.TableName(request_.object);
    const bool has_clause =
        request_.conflict != nullptr && request_.object.source->traits.upserts == catalog::Upserts::kOnConflict;
    if (has_clause) part.sql.append(" AS objects");
    const bool many = group.rows.size() > 1;
    if (group.columns.empty() && !request_.object.source->traits.empty_inserts) {
      part.sql.append(" (").append(QuoteIdentifier(ColumnOfEmptyRow().column)).append(") VALUES (NULL)");
    } else if (group.columns.empty()) {
      part.sql.append(" DEFAULT VALUES");
    } else {
      // So that the values of a sequence fit a column GENERATED ALWAYS AS IDENTITY as well.
      const std::string_view as_given = dialect_.is_postgres() ? " OVERRIDING SYSTEM VALUE" : "";
      part.sql.append(" (").append(group.columns).append(")").append(as_given);
      part.sql.append(many ? " SELECT " : " VALUES (");
      AppendValues(group, many, part.sql);
      part.sql.append(many ? " FROM " + dialect_.RowsFrom() : ")");
    }
    if (many) {
      part.parameters.emplace_back("[" + std::move(group.text) + "]");
    } else {
      part.parameters = std::move(group.first);
    }
    if (has_clause) part.sql.append(ConflictSql(request_.object, *request_.conflict, *group.data));
    AppendReturning(part.sql);
    part.rows = std::move(group.rows);
    return part;
  }

  // The values with every cell mark replaced: by a parameter, or by what the row text holds there.
  void AppendValues(const Group& group, bool many, std::string& sql) const {
    const std::string_view text = group.values;
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t mark = std::min(text.find(RowValues::kCellMark, at), text.size());
      sql.append(text.substr(at, mark - at));
      if (mark == text.size()) return;
      const std::size_t end = text.find(RowValues::kCellMark, mark + 1);
      std::size_t cell = 0;
      std::from_chars(text.data() + mark + 1, text.data() + end, cell);
      sql.append(many ? dialect_.RowCell(*group.types[cell].column, group.types[cell].is_item, cell)
                      : "$" + std::to_string(cell + 1));
      at = end + 1;
    }
  }

  // A column that can be written as NULL: the database puts its own value there, or none is needed.
  const Column& ColumnOfEmptyRow() const {
    const auto& columns = request_.object.columns;
    const auto filled = std::find_if(columns.begin(), columns.end(), [](const Column& column) {
      return column.sql.empty() && column.is_pk && column.filled_by_database;
    });
    if (filled != columns.end()) return *filled;
    const auto nullable = std::find_if(columns.begin(), columns.end(), [](const Column& column) {
      return column.sql.empty() && !column.is_pk && !column.non_null;
    });
    return nullable == columns.end() ? columns.front() : *nullable;
  }

  void AppendReturning(std::string& sql) const {
    if (!request_.object.source->traits.returning) return;
    std::string list;
    for (const Column* column : request_.returned) {
      list.append(list.empty() ? " RETURNING " : ", ").append("CAST(").append(QuoteIdentifier(column->column));
      list.append(" AS VARCHAR)");
    }
    sql.append(list);
  }

  const InsertRequest& request_;
  const std::span<const NewRow> rows_;
  const Dialect& dialect_;
  RowValues values_;
  std::vector<const engine::Value*> cells_;
  std::vector<Group> groups_;
  std::size_t last_ = 0;
  std::unordered_map<std::string, std::size_t> open_;
};

}  // namespace

std::vector<InsertPart> CompileInsert(const InsertRequest& request, std::span<const NewRow> rows) {
  return InsertCompiler(request, rows).Compile();
}

std::vector<const Column*> SequenceColumns(const DataObject& object) {
  std::vector<const Column*> out;
  for (const Column& column : object.columns) {
    if (!column.default_sequence.empty() && column.insert_exp.empty()) out.push_back(&column);
  }
  return out;
}

std::string NextValuesSql(const DataObject& object, const Column& column, std::size_t count) {
  const Dialect& dialect = WriterOf(object);
  return "SELECT CAST(" + dialect.NextValue(object, column.default_sequence) + " AS VARCHAR) FROM generate_series(1, " +
         std::to_string(count) + ")";
}

}  // namespace eider::planner
