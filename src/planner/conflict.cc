#include "planner/conflict.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "planner/filter.h"
#include "planner/placeholders.h"

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
  explicit ConflictReader(const BoundRoot& root)
      : bound_(root),
        root_(root.field),
        object_(*root.field.binding->object) {}

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
    if (!out.update || !out.update->empty()) CheckKeys(out.target);
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

  // The values of a row's key as text; nothing when it does not give all of them.
  std::optional<std::string> KeyOf(const BoundValue& row, const Columns& target) const {
    std::string key;
    for (const Column* column : target) {
      const BoundValue* value = row.Find(column->name);
      if (value == nullptr || value->kind != BoundKind::kParameter) return std::nullopt;
      const engine::Value& parameter = bound_.parameters[static_cast<std::size_t>(value->parameter)];
      if (const auto* number = std::get_if<std::int64_t>(&parameter.data)) {
        key.append(std::to_string(*number));
      } else if (const auto* text = std::get_if<std::string>(&parameter.data)) {
        key.append(*text);
      } else {
        return std::nullopt;
      }
      key.push_back('\0');
    }
    return key;
  }

  void CheckKeys(const Columns& target) {
    const BoundValue* data = root_.Argument("data");
    if (data == nullptr || data->kind != BoundKind::kList) return;
    std::unordered_set<std::string> seen;
    for (const BoundValue& row : data->items) {
      auto key = KeyOf(row, target);
      if (key && !seen.insert(std::move(*key)).second) return Fail(Name() + ": two rows of data have the same key");
    }
  }

  const BoundRoot& bound_;
  const BoundField& root_;
  const DataObject& object_;
  std::optional<PlanError> error_;
};

std::string Excluded(const Column& column) { return "EXCLUDED." + QuoteIdentifier(column.column); }

}  // namespace

PlanResult<Conflict> ReadConflict(const BoundRoot& root) { return ConflictReader(root).Read(); }

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
    assign(column,
           ReplacePlaceholders(column.update_exp, [&](std::string_view name, bool) -> std::optional<std::string> {
             if (!name.starts_with('$')) return std::nullopt;
             const Column* other = object.FindColumn(name.substr(1));
             return other == nullptr ? std::string("NULL") : Excluded(*other);
           }));
  }
  const std::string visible = VisibleSql(object, kRow, false);
  return head + " DO UPDATE SET " + assignments + (visible.empty() ? "" : " WHERE " + visible);
}

}  // namespace eider::planner
