#include "planner/conflict.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "planner/assigned.h"
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
    if (object_.source->traits.upserts != catalog::Upserts::kOnConflict) CheckEmulated(out);
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

  // What the engine itself would refuse, or have a value for.
  void CheckEmulated(const Conflict& conflict) {
    const auto same = [&](const Columns& key) {
      return key.size() == conflict.target.size() &&
             std::all_of(key.begin(), key.end(), [&](const Column* c) { return Holds(conflict.target, c); });
    };
    const bool is_key =
        same(object_.primary_key) || std::any_of(object_.unique_keys.begin(), object_.unique_keys.end(),
                                                 [&](const catalog::UniqueKey& key) { return same(key.columns); });
    if (!is_key) {
      Fail("on_conflict of " + Name() + " must name all columns of the primary key or of a @unique of " + object_.name);
    }
    const BoundValue* data = root_.Argument("data");
    if (data == nullptr || !conflict.update) return;
    if (data->kind != BoundKind::kList) return CheckGiven(conflict, *data);
    for (const BoundValue& row : data->items) CheckGiven(conflict, row);
  }

  void CheckGiven(const Conflict& conflict, const BoundValue& row) {
    for (const Column* column : *conflict.update) {
      if (row.Find(column->name) == nullptr) {
        Fail("update of " + Name() + " names \"" + column->name + "\", for which data has no value");
      }
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

// The names of a list of quoted identifiers.
std::vector<std::string> SplitQuoted(const std::string& list) {
  std::vector<std::string> names;
  bool quoted = false;
  for (std::size_t at = 0, start = 0; at <= list.size(); ++at) {
    if (at < list.size() && list[at] == '"') quoted = !quoted;
    if (at < list.size() && (quoted || list[at] != ',')) continue;
    names.push_back(list.substr(start, at - start));
    start = at + 2;
  }
  return names;
}

std::string Excluded(const Column& column) { return "EXCLUDED." + QuoteIdentifier(column.column); }

}  // namespace

PlanResult<Conflict> ReadConflict(const BoundRoot& root) { return ConflictReader(root).Read(); }

bool NamesTarget(const Conflict& conflict, const BoundValue& row) {
  return std::all_of(conflict.target.begin(), conflict.target.end(),
                     [&](const Column* column) { return row.Find(column->name) != nullptr; });
}

bool GivesTarget(const Conflict& conflict, const BoundValue& row) {
  return std::all_of(conflict.target.begin(), conflict.target.end(), [&](const Column* column) {
    const BoundValue* value = row.Find(column->name);
    return value != nullptr && !value->IsNull();
  });
}

ConflictUpdate UpdatedColumns(const DataObject& object, const Conflict& conflict, const BoundValue& row) {
  ConflictUpdate out;
  for (const Column& column : object.columns) {
    const bool given = row.Find(column.name) != nullptr;
    const bool wanted =
        conflict.update ? Holds(*conflict.update, &column) : given && !column.is_pk && !Holds(conflict.target, &column);
    if (wanted) out.given.push_back(&column);
  }
  if (out.given.empty()) return out;
  for (const Column& column : object.columns) {
    if (column.update_exp.empty() || row.Find(column.name) != nullptr || Holds(out.given, &column)) continue;
    out.computed.push_back(&column);
  }
  return out;
}

namespace {

// Which columns of the rows expressions may name.
enum class Known { kAll, kGiven };

// "a" = EXCLUDED."a", …
std::string Assignments(const DataObject& object, const Conflict& conflict, const BoundValue& row,
                        Known known = Known::kAll) {
  const ConflictUpdate update = UpdatedColumns(object, conflict, row);
  std::string assignments;
  auto assign = [&](const Column& column, const std::string& value) {
    assignments.append(assignments.empty() ? "" : ", ").append(QuoteIdentifier(column.column)).append(" = ");
    assignments.append(value);
  };
  for (const Column* column : update.given) assign(*column, Excluded(*column));
  for (const Column* column : update.computed) {
    assign(*column,
           ReplacePlaceholders(column->update_exp, [&](std::string_view name, bool) -> std::optional<std::string> {
             if (!name.starts_with('$')) return std::nullopt;
             const Column* other = object.FindColumn(name.substr(1));
             const bool is_known = other != nullptr && (known == Known::kAll || row.Find(other->name) != nullptr);
             return is_known ? Excluded(*other) : std::string("NULL");
           }));
  }
  return assignments;
}

}  // namespace

std::string ConflictSql(const DataObject& object, const Conflict& conflict, const BoundValue& row) {
  std::string target;
  for (const Column* column : conflict.target) {
    target.append(target.empty() ? "" : ", ").append(QuoteIdentifier(column->column));
  }
  const std::string assignments = Assignments(object, conflict, row);
  const std::string head = " ON CONFLICT (" + target + ")";
  if (assignments.empty()) return head + " DO NOTHING";
  const std::string visible = VisibleSql(object, kRow, false);
  return head + " DO UPDATE SET " + assignments + (visible.empty() ? "" : " WHERE " + visible);
}

namespace {

// objects."a" = EXCLUDED."a" AND …
std::string Matches(const Conflict& conflict) {
  std::string matches;
  for (const Column* column : conflict.target) {
    matches.append(matches.empty() ? "" : " AND ").append(kRow).append(".").append(QuoteIdentifier(column->column));
    matches.append(" = ").append(Excluded(*column));
  }
  return matches;
}

}  // namespace

std::string UpdateFromSql(const DataObject& object, const Conflict& conflict, const BoundValue& row,
                          const std::string& columns, const std::string& source) {
  const std::string assignments = Assignments(object, conflict, row, Known::kGiven);
  if (assignments.empty()) return {};
  const std::string visible = VisibleSql(object, kRow, false);
  return "UPDATE " + WriterOf(object).TableName(object) + " AS " + std::string(kRow) + " SET " + assignments +
         " FROM (SELECT * FROM (" + source + ") AS given(" + columns + ")) AS EXCLUDED WHERE " + Matches(conflict) +
         (visible.empty() ? "" : " AND " + visible);
}

std::string MergeSql(const DataObject& object, const Conflict& conflict, const BoundValue& row,
                     const std::string& columns, const std::string& source) {
  std::string keys;
  for (const Column* column : conflict.target) {
    keys.append(keys.empty() ? "" : ", ").append(QuoteIdentifier(column->column));
  }
  const std::string assignments = Assignments(object, conflict, row);
  // Of rows with one key, which only an upsert without update takes, one is inserted.
  const std::string distinct = assignments.empty() ? "DISTINCT ON (" + keys + ") " : "";
  std::string sql = "MERGE INTO " + WriterOf(object).TableName(object) + " AS " + std::string(kRow) +
                    " USING (SELECT " + distinct + "* FROM (" + source + ") AS given(" + columns +
                    ")) AS EXCLUDED ON (" + Matches(conflict) + ")";
  const std::string visible = VisibleSql(object, kRow, false);
  if (!assignments.empty()) {
    sql.append(" WHEN MATCHED").append(visible.empty() ? "" : " AND " + visible);
    sql.append(" THEN UPDATE SET ").append(assignments);
  }
  sql.append(" WHEN NOT MATCHED THEN INSERT (").append(columns).append(") VALUES (");
  std::string values;
  for (const std::string& name : SplitQuoted(columns)) {
    values.append(values.empty() ? "EXCLUDED." : ", EXCLUDED.").append(name);
  }
  return sql.append(values).append(")");
}

}  // namespace eider::planner
