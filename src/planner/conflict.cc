#include "planner/conflict.h"

#include <algorithm>

#include "base/text.h"
#include "planner/filter.h"
#include "planner/placeholder_text.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using Columns = std::vector<const Column*>;

namespace {

constexpr std::string_view kRow = "objects";

bool Holds(const Columns& columns, const Column* column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

class ConflictReader {
 public:
  explicit ConflictReader(const BoundField& root) : root_(root), object_(*root.binding->object) {}

  PlanResult<Conflict> Read() {
    Conflict out;
    const BoundValue* target = root_.Argument("on_conflict");
    if (target == nullptr || target->IsNull()) {
      out.target = object_.primary_key;
      if (out.target.empty()) Fail(Name() + " needs on_conflict: " + object_.name + " has no primary key");
    } else {
      out.target = ColumnsOf(*target, "on_conflict");
      if (out.target.empty()) Fail("on_conflict of " + Name() + " names no column");
    }
    if (const BoundValue* update = root_.Argument("update"); update != nullptr && !update->IsNull()) {
      out.update = ColumnsOf(*update, "update");
    }
    CheckRows();
    if (error_) return tl::unexpected(*error_);
    return out;
  }

 private:
  std::string Name() const { return std::string(root_.def->name); }

  void Fail(std::string message) {
    if (!error_) error_ = PlanError{Error(ErrorCode::kBadInput, std::move(message)), root_.position, true};
  }

  Columns ColumnsOf(const BoundValue& names, std::string_view argument) {
    Columns out;
    for (const BoundValue& item : names.items) {
      const Column* column = object_.FindColumn(item.text);
      if (column == nullptr || !column->sql.empty()) {
        Fail(std::string(argument) + " of " + Name() + ": " + object_.name + " has no column \"" + item.text + "\"");
      } else if (!Holds(out, column)) {
        out.push_back(column);
      }
    }
    return out;
  }

  void CheckRows() {
    const BoundValue* data = root_.Argument("data");
    if (data == nullptr) return;
    if (data->kind != BoundKind::kList) return CheckRow(*data);
    for (const BoundValue& row : data->items) CheckRow(row);
  }

  void CheckRow(const BoundValue& row) {
    for (const BoundMember& member : row.fields) {
      if (object_.FindColumn(member.name) != nullptr) continue;
      Fail(Name() + " takes columns only, and \"" + member.name + "\" is a relation");
    }
  }

  const BoundField& root_;
  const DataObject& object_;
  std::optional<PlanError> error_;
};

std::string Excluded(const Column& column) { return "EXCLUDED." + QuoteIdentifier(column.column); }

}  // namespace

PlanResult<Conflict> ReadConflict(const BoundField& root) { return ConflictReader(root).Read(); }

std::string ConflictSql(const DataObject& object, const Conflict& conflict, const BoundValue& row) {
  std::string target;
  for (const Column* column : conflict.target) {
    target.append(target.empty() ? "" : ", ").append(QuoteIdentifier(column->column));
  }
  std::string assignments;
  auto assign = [&](const Column& column, const std::string& value) {
    assignments.append(assignments.empty() ? "" : ", ").append(QuoteIdentifier(column.column)).append(" = ");
    assignments.append(value);
  };
  for (const Column& column : object.columns) {
    const bool given = row.Find(column.name) != nullptr;
    const bool wanted =
        conflict.update ? Holds(*conflict.update, &column) : given && !column.is_pk && !Holds(conflict.target, &column);
    if (wanted) assign(column, Excluded(column));
  }
  const std::string head = " ON CONFLICT (" + target + ")";
  if (assignments.empty()) return head + " DO NOTHING";
  for (const Column& column : object.columns) {
    if (column.update_exp.empty() || row.Find(column.name) != nullptr) continue;
    if (conflict.update && Holds(*conflict.update, &column)) continue;
    assign(column, FillPlaceholders(column.update_exp, [&](std::string_view name) {
             const Column* other = object.FindColumn(name);
             return other == nullptr ? std::string("NULL") : Excluded(*other);
           }));
  }
  const std::string visible = VisibleSql(object, kRow, false);
  return head + " DO UPDATE SET " + assignments + (visible.empty() ? "" : " WHERE " + visible);
}

}  // namespace eider::planner
