#include "planner/upsert_row.h"

#include <algorithm>
#include <cstdint>
#include <variant>

#include "base/text.h"
#include "planner/assigned.h"
#include "planner/filter.h"

namespace eider::planner {

using catalog::Column;

namespace {

constexpr std::string_view kRow = "objects";

// Values of a row as parameters of one statement.
class RowOperands {
 public:
  RowOperands(const InsertRequest& request, RowStatement& out)
      : request_(request),
        operands_{[this, &request](const Column&, const BoundValue& value) {
                    return Add(request.parameters[static_cast<std::size_t>(value.parameter)]);
                  },
                  [this](const Column&, const std::string& text) { return Add(text); }},
        out_(out) {}

  std::string Assigned(const Column& column, const BoundValue& value) const {
    return AssignedSql(WriterOf(request_.object), column, value, operands_);
  }

  std::string Computed(const Column& column, const BoundValue& data) const {
    return DefaultExpression(WriterOf(request_.object), request_.object, column, column.update_exp, data, operands_);
  }

  // "a = $1 AND b = $2" over the target.
  std::string IsTarget(const NewRow& row) const {
    std::string sql;
    for (const Column* column : request_.conflict->target) {
      sql.append(sql.empty() ? "" : " AND ").append(QuoteIdentifier(column->column)).append(" = ");
      sql.append(Assigned(*column, *row.data->Find(column->name)));
    }
    return sql;
  }

 private:
  std::string Add(engine::Value value) {
    out_.parameters.push_back(std::move(value));
    return "$" + std::to_string(out_.parameters.size());
  }

  const InsertRequest& request_;
  const AssignedOperands operands_;
  RowStatement& out_;
};

std::string Table(const InsertRequest& request) {
  return WriterOf(request.object).TableName(request.object) + " AS " + std::string(kRow);
}

}  // namespace

RowStatement CompileFindConflicting(const InsertRequest& request, const NewRow& row) {
  RowStatement out;
  const RowOperands operands(request, out);
  const std::string visible = VisibleSql(request.object, kRow, false);
  out.sql = "SELECT CAST(" + (visible.empty() ? "true" : visible) + " AS VARCHAR)";
  for (const Column* column : request.returned) {
    out.sql.append(", CAST(").append(QuoteIdentifier(column->column)).append(" AS VARCHAR)");
  }
  out.sql.append(" FROM ").append(Table(request)).append(" WHERE ").append(operands.IsTarget(row));
  return out;
}

namespace {

// The number that the row gives for a column; null for anything else.
const std::int64_t* NumberOf(const InsertRequest& request, const NewRow& row, const Column& column) {
  const BoundValue* value = row.data->Find(column.name);
  if (value == nullptr || value->kind != BoundKind::kParameter) return nullptr;
  return std::get_if<std::int64_t>(&request.parameters[static_cast<std::size_t>(value->parameter)].data);
}

bool IsWhole(const Column& column) {
  return !column.is_list && (column.kind == catalog::ScalarKind::kInt || column.kind == catalog::ScalarKind::kBigInt);
}

}  // namespace

bool HasNumbers(const InsertRequest& request, const NewRow& row) {
  return std::ranges::all_of(request.conflict->target, [&](const Column* column) {
    return IsWhole(*column) && NumberOf(request, row, *column) != nullptr;
  });
}

std::vector<std::string> NumbersOf(const InsertRequest& request, const NewRow& row) {
  std::vector<std::string> out;
  for (const Column* column : request.conflict->target) {
    out.push_back(std::to_string(*NumberOf(request, row, *column)));
  }
  return out;
}

RowStatement CompileFindConflicting(const InsertRequest& request, std::span<const NewRow> rows) {
  const auto& target = request.conflict->target;
  RowStatement out;
  std::string list;
  for (const NewRow& row : rows) {
    const std::vector<std::string> numbers = NumbersOf(request, row);
    if (target.size() == 1) {
      list.append(list.empty() ? "" : ", ").append(numbers.front());
      continue;
    }
    list.append(list.empty() ? "(" : " OR (");
    for (std::size_t i = 0; i < target.size(); ++i) {
      list.append(i == 0 ? "" : " AND ").append(QuoteIdentifier(target[i]->column)).append(" = ").append(numbers[i]);
    }
    list.append(")");
  }
  const std::string visible = VisibleSql(request.object, kRow, false);
  out.sql = "SELECT CAST(" + (visible.empty() ? "true" : visible) + " AS VARCHAR)";
  for (const Column* column : target) {
    out.sql.append(", CAST(").append(QuoteIdentifier(column->column)).append(" AS VARCHAR)");
  }
  out.sql.append(" FROM ").append(Table(request)).append(" WHERE ");
  out.sql.append(target.size() == 1 ? QuoteIdentifier(target[0]->column) + " IN (" + list + ")" : list);
  return out;
}

RowStatement CompileConflictingUpdate(const InsertRequest& request, const NewRow& row) {
  RowStatement out;
  const RowOperands operands(request, out);
  const ConflictUpdate update = UpdatedColumns(request.object, *request.conflict, *row.data);
  std::string assignments;
  const auto assign = [&](const Column& column, const std::string& value) {
    assignments.append(assignments.empty() ? "" : ", ").append(QuoteIdentifier(column.column)).append(" = ");
    assignments.append(value);
  };
  for (const Column* column : update.given) assign(*column, operands.Assigned(*column, *row.data->Find(column->name)));
  for (const Column* column : update.computed) assign(*column, operands.Computed(*column, *row.data));
  if (assignments.empty()) return {};
  out.sql = "UPDATE " + Table(request) + " SET " + assignments + " WHERE " + operands.IsTarget(row);
  return out;
}

}  // namespace eider::planner
