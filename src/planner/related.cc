#include "planner/related.h"

#include "base/text.h"
#include "planner/access.h"
#include "planner/call.h"
#include "planner/filter.h"
#include "planner/foreign_call.h"
#include "planner/outputs.h"
#include "planner/placeholders.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::Relation;
using catalog::RelationKind;
using catalog::ScalarKind;

Value PathValue(const Statement& statement, const DataObject& object, std::string_view alias, std::string_view path) {
  const std::vector<std::string_view> parts = SplitText(path, '.');
  const Column* column = object.FindColumn(parts[0]);
  if (column == nullptr) return {};
  Value value = ColumnValue(object, *column, alias);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (value.kind == ScalarKind::kJson) {
      const std::vector<std::string_view> rest(parts.begin() + static_cast<std::ptrdiff_t>(i), parts.end());
      value.sql = statement.dialect().JsonAt(value.sql, rest, ScalarKind::kString, false);
      value.kind = ScalarKind::kString;
      break;
    }
    const Column* member = value.structure == nullptr ? nullptr : value.structure->Find(parts[i]);
    if (member == nullptr) return {};
    value = MemberValue(statement, value, *member);
  }
  return value;
}

bool IsLateral(const Relation& relation) {
  return relation.call != nullptr || !relation.join_sql.empty() || relation.place.has_value();
}

std::string TieSql(Statement& statement, const Relation& relation, std::string_view far_alias, const NearSql& near) {
  std::vector<std::string> conditions;
  for (std::size_t i = 0; i < relation.from_columns.size(); ++i) {
    conditions.push_back(ColumnValue(*relation.to, *relation.to_columns[i], far_alias).sql + " = " +
                         near(relation.from_columns[i]->name));
  }
  if (!relation.join_sql.empty()) {
    const auto resolve = [&](std::string_view name, bool qualifies) -> std::optional<std::string> {
      constexpr std::string_view kSource = "source.";
      constexpr std::string_view kDest = "dest.";
      if (name.starts_with(kSource)) return near(name.substr(kSource.size()));
      if (name.starts_with(kDest)) return PathValue(statement, *relation.to, far_alias, name.substr(kDest.size())).sql;
      return SystemPlaceholder(statement, *relation.from->source, name, qualifies);
    };
    conditions.push_back("(" + ReplacePlaceholders(relation.join_sql, resolve) + ")");
  }
  if (relation.place && relation.place->from != nullptr && relation.place->to != nullptr) {
    Value from = ColumnValue(*relation.from, *relation.place->from, {});
    from.sql = near(relation.place->from->name);
    const Value to = ColumnValue(*relation.to, *relation.place->to, far_alias);
    conditions.push_back(SpatialCondition(statement, *relation.place, from, to));
  }
  return JoinConditions(conditions, "AND");
}

std::string FarText(Statement& statement, const Relation& relation, const BoundField* field, const NearSql& near) {
  const bool is_followed = statement.access() != nullptr && (field == nullptr || field->rule_filter == nullptr);
  const std::string* filter = is_followed ? statement.access()->FilterOf(relation) : nullptr;
  if (relation.call == nullptr) {
    return FromText(statement, *relation.to, field, filter);
  }
  const CallArguments arguments{field, relation.call, [&](const Column& column) { return near(column.name); }};
  const std::string rows = CallRows(statement, *relation.call->function, arguments);
  return PermittedRows(statement, *relation.to, rows, field, filter);
}

RelatedLevel::RelatedLevel(Level& parent, const Level::Scope& scope, const BoundField& field,
                           const std::string& parent_rows, Use use)
    : level_(parent.statement(), *field.binding->relation->to, field,
             IsLateral(*field.binding->relation) ? Level::From::kLater : Level::From::kObject),
      parent_rows_(parent_rows) {
  if (IsLateral(*field.binding->relation)) {
    TieByRows(parent, scope, field);
  } else if (use == Use::kOneParent) {
    TieToOne(parent, scope, *field.binding->relation);
  } else {
    TieByKeys(parent, scope, *field.binding->relation);
  }
  if (use == Use::kGroups) {
    level_.ApplyFilter();
    return;
  }
  static const std::vector<BoundField> kNone;
  const std::vector<BoundField>& selection = use == Use::kAggregates ? kNone : field.children;
  level_.ApplyArguments(selection);
  level_.ApplyInner(field.children);
  if (use == Use::kOneParent) {
    level_.ApplyNestedToAll(selection);
  } else {
    level_.ApplyNested(keys_, selection);
  }
}

std::vector<std::string> RelatedLevel::FarKeys(const Relation& relation, const std::string& junction_rows,
                                               const std::string& junction) {
  const std::string& alias = level_.base().alias;
  std::vector<std::string> keys;
  if (relation.kind != RelationKind::kManyToMany) {
    for (const Column* column : relation.to_columns) keys.push_back(ColumnValue(*relation.to, *column, alias).sql);
    return keys;
  }
  std::vector<std::string> link;
  for (std::size_t i = 0; i < relation.to_columns.size(); ++i) {
    link.push_back(ColumnValue(*relation.to, *relation.to_columns[i], alias).sql + " = " +
                   ColumnValue(*relation.junction, *relation.junction_to[i], junction).sql);
  }
  level_.JoinBeside(" JOIN " + junction_rows + " " + junction + " ON " + JoinConditions(link, "AND"));
  for (const Column* column : relation.junction_from) {
    keys.push_back(ColumnValue(*relation.junction, *column, junction).sql);
  }
  return keys;
}

std::string RelatedLevel::ReadJunction(Level& parent, const Level::Scope& scope, const Relation& relation,
                                       const std::string& junction) {
  Statement& statement = level_.statement();
  const DataObject& object = *relation.junction;
  std::string rows = FromText(statement, object, nullptr);
  if (!parent.HandsOverTo(object)) return rows;
  std::string list;  // Its columns of both ends.
  std::vector<std::string> names;
  std::vector<std::string> tie;
  for (std::size_t i = 0; i < relation.junction_to.size(); ++i) {
    names.push_back(statement.Name("x"));
    list.append(i == 0 ? "" : ", ").append(ColumnValue(object, *relation.junction_to[i], junction).sql);
    list.append(" AS ").append(names.back());
  }
  for (std::size_t i = 0; i < parent_keys_.size(); ++i) {
    tie.push_back(ColumnValue(object, *relation.junction_from[i], junction).sql + " = p." + parent_keys_[i]);
  }
  const std::string near = JoinConditions(tie, "AND");
  const auto keys = HandedKeys(relation.junction_from, relation.from_columns, parent_keys_);
  auto part = keys.empty() ? std::nullopt : SourcePart::Of(statement, object, rows);
  if (part) {
    part->AddKeys(
        *parent.MakeFetch(scope, parent_keys_, [=](const std::string& all) { return GatherConditionSql(keys, all); }));
    rows = part->FromSql(statement, junction, list + " " + near);
  }
  const auto far = HandedKeys(relation.to_columns, relation.junction_to, names);
  if (far.empty() || !level_.CanReadKeys()) return rows;
  level_.ReadKeys(*parent.MakeFetch(scope, parent_keys_, [=](const std::string& all) {
    const std::string from = " FROM " + rows + " " + junction;
    return GatherConditionSql(
        far, "SELECT " + list + from + " WHERE EXISTS (SELECT 1 FROM (" + all + ") p WHERE " + near + ")");
  }));
  return rows;
}

void RelatedLevel::TieToOne(Level& parent, const Level::Scope& scope, const Relation& relation) {
  const bool has_junction = relation.kind == RelationKind::kManyToMany;
  const std::string junction = has_junction ? level_.statement().Name("j") : std::string();
  const std::string rows = has_junction ? FromText(level_.statement(), *relation.junction, nullptr) : std::string();
  const std::vector<std::string> keys = FarKeys(relation, rows, junction);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    level_.AddCondition(keys[i] + " = " + parent_rows_ + "." + parent.RefColumn(scope, *relation.from_columns[i]));
  }
}

void RelatedLevel::TieByKeys(Level& parent, const Level::Scope& scope, const Relation& relation) {
  for (const Column* column : relation.from_columns) parent_keys_.push_back(parent.RefColumn(scope, *column));
  const bool has_junction = relation.kind == RelationKind::kManyToMany;
  const std::string junction = has_junction ? level_.statement().Name("j") : std::string();
  const std::string rows = has_junction ? ReadJunction(parent, scope, relation, junction) : std::string();
  const std::vector<std::string> keys = FarKeys(relation, rows, junction);
  for (const std::string& key : keys) keys_.push_back(level_.Ref(level_.base(), key));
  if (!has_junction && parent.HandsOverTo(*relation.to) && level_.CanReadKeys()) {
    const auto far = HandedKeys(relation.to_columns, relation.from_columns, parent_keys_);
    if (!far.empty()) {
      level_.ReadKeys(
          *parent.MakeFetch(scope, parent_keys_, [=](const std::string& all) { return GatherConditionSql(far, all); }));
    }
  }
  // Limits choose among the rows of all parents, so no other row may be counted.
  if (!parent.is_restricted() && !level_.CountsRows()) return;
  if (keys.size() == 1) {
    level_.AddCondition(keys[0] + " IN (SELECT " + parent_keys_[0] + " FROM " + parent_rows_ + ")");
    return;
  }
  std::vector<std::string> equal;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    equal.push_back(parent_rows_ + "." + parent_keys_[i] + " = " + keys[i]);
  }
  level_.AddCondition("EXISTS (SELECT 1 FROM " + parent_rows_ + " WHERE " + JoinConditions(equal, "AND") + ")");
}

// The rows that a server's function answers to the parents' values of its arguments; `key` names such a value.
std::string RelatedLevel::ForeignFar(Level& parent, const Level::Scope& scope, const BoundField& field,
                                     const std::function<std::string(const std::string&)>& key,
                                     std::vector<std::string>& asked) {
  const catalog::FunctionCall& call = *field.binding->relation->call;
  std::vector<std::string> names;
  for (const Column* column : MappedColumns(&call)) {
    names.push_back(parent.RefColumn(scope, *column));
    asked.push_back(level_.base().alias + "." + ArgumentName(names.size() - 1) + " IS NOT DISTINCT FROM CAST(" +
                    key(names.back()) + " AS VARCHAR)");
  }
  std::optional<int> fetch;
  if (!names.empty()) {
    fetch = parent.MakeFetch(scope, names, [names](const std::string& all) { return GatherArgumentsSql(names, all); });
  }
  return ForeignRows(level_.statement(), *call.function, {&field, &call, {}}, fetch.value_or(-1));
}

// The far end is read once for every different set of values that the tie takes from the parents.
void RelatedLevel::TieByRows(Level& parent, const Level::Scope& scope, const BoundField& field) {
  const Relation& relation = *field.binding->relation;
  Statement& statement = level_.statement();
  const std::string pair = statement.Name("p");
  null_safe_ = true;
  const auto key = [&](const std::string& name) {
    if (std::find(parent_keys_.begin(), parent_keys_.end(), name) == parent_keys_.end()) parent_keys_.push_back(name);
    return pair + "." + name;
  };
  const NearSql near = [&](std::string_view path) {
    return key(parent.Ref(scope, PathValue(statement, *scope.object, scope.alias, path).sql));
  };
  const std::string tie = TieSql(statement, relation, level_.base().alias, near);
  std::vector<std::string> asked;  // Conditions that tie what a server answered to what it was asked.
  const bool is_foreign = relation.call != nullptr && IsForeignCall(statement, *relation.call->function);
  std::string far =
      is_foreign ? ForeignFar(parent, scope, field, key, asked) : FarText(statement, relation, &field, near);
  if (parent_keys_.empty()) key(parent.Ref(scope, "1"));  // The same rows for every parent.
  if (relation.call != nullptr && !is_foreign) far = "LATERAL (SELECT * FROM " + far + " " + statement.Name("f") + ")";
  level_.SetFrom("(SELECT DISTINCT " + NameList(parent_keys_) + " FROM " + parent_rows_ + ") " + pair + " CROSS JOIN " +
                 far + " " + level_.base().alias);
  level_.AddCondition(tie);
  for (std::string& condition : asked) level_.AddCondition(std::move(condition));
  const bool is_list_value = relation.call != nullptr && !relation.call->function->is_table;
  if (is_list_value) level_.OrderBy(level_.base().alias + "." + std::string(kPositionColumn));
  for (const std::string& name : parent_keys_) keys_.push_back(level_.Ref(level_.base(), pair + "." + name));
}

std::string RelatedLevel::Tie(const std::string& alias) const {
  std::vector<std::string> tie;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    tie.push_back(alias + "." + keys_[i] + (null_safe_ ? " IS NOT DISTINCT FROM " : " = ") + parent_rows_ + "." +
                  parent_keys_[i]);
  }
  return JoinConditions(tie, "AND");
}

}  // namespace eider::planner
