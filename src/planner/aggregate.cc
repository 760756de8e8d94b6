#include "planner/aggregate.h"

#include "planner/dialect.h"
#include "planner/filter.h"

namespace eider::planner {

using catalog::FieldKind;
using catalog::RelationKind;
using catalog::ScalarKind;
using columnar::Shape;

std::vector<std::string> RestrictToParents(Level& child, const catalog::Relation& relation,
                                           const std::string& parent_cte, const std::vector<std::string>& parent_keys,
                                           bool restrict) {
  Statement& statement = child.statement();
  std::vector<std::string> keys;  // Expressions in the child's FROM.
  std::vector<std::string> names;
  if (relation.kind == RelationKind::kManyToMany) {
    const std::string junction = statement.Name("j");
    std::vector<std::string> link;
    for (std::size_t i = 0; i < relation.to_columns.size(); ++i) {
      link.push_back(ColumnValue(*relation.to, *relation.to_columns[i], child.base().alias).sql + " = " +
                     ColumnValue(*relation.junction, *relation.junction_to[i], junction).sql);
    }
    child.SetFrom(FromText(statement, *relation.junction, nullptr, 0) + " " + junction + " JOIN " +
                  FromText(statement, *relation.to, nullptr, 0) + " " + child.base().alias + " ON " +
                  JoinConditions(link, "AND"));
    for (const catalog::Column* column : relation.junction_from) {
      keys.push_back(ColumnValue(*relation.junction, *column, junction).sql);
    }
  } else {
    for (const catalog::Column* column : relation.to_columns) {
      keys.push_back(ColumnValue(*relation.to, *column, child.base().alias).sql);
    }
  }
  for (const std::string& key : keys) names.push_back(child.Ref(child.base(), key));
  restrict = restrict || child.CountsRows();
  if (restrict && keys.size() == 1) {
    child.AddCondition(keys[0] + " IN (SELECT " + parent_keys[0] + " FROM " + parent_cte + ")");
  } else if (restrict && !keys.empty()) {
    std::vector<std::string> equal;
    for (std::size_t i = 0; i < keys.size(); ++i) equal.push_back(parent_cte + "." + parent_keys[i] + " = " + keys[i]);
    child.AddCondition("EXISTS (SELECT 1 FROM " + parent_cte + " WHERE " + JoinConditions(equal, "AND") + ")");
  }
  return names;
}

Aggregation::Aggregation(Level& rows, std::vector<std::string> groups)
    : rows_(rows),
      statement_(rows.statement()),
      groups_(std::move(groups)),
      cte_(statement_.Name("b")),
      cte_slot_(statement_.ReserveCte(cte_)) {}

void Aggregation::WrapRows(std::string prefix, std::string suffix) {
  prefix_ = std::move(prefix);
  suffix_ = std::move(suffix);
}

int Aggregation::AddMain(const std::string& sql) {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i].block < 0 && outputs_[i].sql == sql) return static_cast<int>(i);
  }
  outputs_.push_back({-1, sql});
  return static_cast<int>(outputs_.size() - 1);
}

Shape Aggregation::OutputShape(const BoundField& field, const Value& value, int output) const {
  Shape shape = ScalarShape(value, output);
  shape.key = field.response_name;
  return shape;
}

void Aggregation::AddMembers(const Level::Scope& scope, const std::vector<BoundField>& selection,
                             const std::string& condition, std::vector<Shape>& members) {
  const std::string suffix = condition.empty() ? "" : " FILTER (WHERE " + condition + ")";
  for (const BoundField& field : selection) {
    if (field.IsTypename()) {
      members.push_back(TypenameShape(field));
      continue;
    }
    const catalog::FieldBinding& binding = *field.binding;
    switch (binding.kind) {
      case FieldKind::kRowsCount: {
        // Over a forward relation only parents that have the related row count.
        std::string count = "count(*)";
        if (!scope.is_base && !scope.object->primary_key.empty()) {
          count = "count(" + rows_.RefColumn(scope, *scope.object->primary_key[0]) + ")";
        }
        Value value{count + suffix, ScalarKind::kBigInt, false, nullptr, {}, "BIGINT"};
        if (!rows_.weight().empty()) value = {"sum(" + rows_.weight() + ")" + suffix, ScalarKind::kFloat};
        members.push_back(OutputShape(field, value, AddMain(value.sql)));
        break;
      }
      case FieldKind::kAggregateColumn: {
        Value value = ApplyFieldArguments(statement_, field, ColumnValue(*scope.object, *binding.column, scope.alias));
        value.sql = rows_.Ref(scope, value.sql);
        AddColumn(value, field, condition, members);
        break;
      }
      case FieldKind::kAggregateTimePart:
      case FieldKind::kAggregateMeasurement: {
        Value value = ExtraValue(statement_, field, ColumnValue(*scope.object, *binding.column, scope.alias));
        value.sql = rows_.Ref(scope, value.sql);
        AddColumn(value, field, condition, members);
        break;
      }
      case FieldKind::kAggregateRelation: AddRelated(scope, field, condition, members); break;
      case FieldKind::kSubAggregate:
        if (!condition.empty()) {
          statement_.Fail(field.position, "relation aggregations cannot stand inside filtered bucket aggregations");
        }
        AddSubAggregate(scope, field, members);
        break;
      default: statement_.Fail(field.position, "field \"" + field.response_name + "\" cannot be aggregated");
    }
  }
}

void Aggregation::AddColumn(const Value& value, const BoundField& field, const std::string& condition,
                            std::vector<Shape>& members) {
  Shape object = FlatObject(field.response_name);
  for (const BoundField& function : field.children) {
    if (function.IsTypename()) {
      object.members.push_back(TypenameShape(function));
      continue;
    }
    if (function.binding->kind == FieldKind::kAggregateColumn) {  // A member of a structure.
      AddColumn(MemberValue(statement_, value, *function.binding->column), function, condition, object.members);
      continue;
    }
    const Value call = rows_.weight().empty()
                           ? AggregateCall(statement_, function, value, condition, order_)
                           : WeightedCall(statement_, function, value, rows_.weight(), condition, order_);
    object.members.push_back(OutputShape(function, call, AddMain(call.sql)));
  }
  members.push_back(std::move(object));
}

void Aggregation::AddRelated(const Level::Scope& scope, const BoundField& field, const std::string& condition,
                             std::vector<Shape>& members) {
  const catalog::Relation& relation = *field.binding->relation;
  Shape object = FlatObject(field.response_name);
  if (relation.single) {
    const Level::Scope target = rows_.JoinForward(scope, field);
    AddMembers(target, field.children, condition, object.members);
    members.push_back(std::move(object));
    return;
  }
  if (!condition.empty()) {
    statement_.Fail(field.position, "relation aggregations cannot stand inside filtered bucket aggregations");
  }
  std::vector<std::string> parent_keys;
  for (const catalog::Column* column : relation.from_columns) parent_keys.push_back(rows_.RefColumn(scope, *column));
  Level child(statement_, *relation.to, field);
  const std::vector<std::string> keys = RestrictToParents(child, relation, cte_, parent_keys, rows_.is_restricted());
  child.ApplyArguments({});
  child.ApplyInner(field.children);
  child.ApplyNested(keys, {});
  Aggregation inner(child, groups_);
  std::vector<std::string> tie;
  const std::string alias = statement_.Name("c");
  for (std::size_t i = 0; i < keys.size(); ++i)
    tie.push_back(alias + "." + keys[i] + " = " + cte_ + "." + parent_keys[i]);
  inner.AddMembers(child.base(), field.children, {}, object.members);
  std::string prefix = "SELECT ";
  for (const std::string& group : groups_) prefix.append(cte_).append(".").append(group).append(", ");
  inner.WrapRows(prefix + alias + ".* FROM " + cte_ + " JOIN (", ") " + alias + " ON " + JoinConditions(tie, "AND"));
  Block block{statement_.Name("r"), inner.Sql()};
  std::vector<int> map;
  for (std::size_t i = 0; i < inner.output_count(); ++i) {
    outputs_.push_back({static_cast<int>(blocks_.size()), block.alias + ".a" + std::to_string(i)});
    map.push_back(static_cast<int>(outputs_.size() - 1));
  }
  RemapColumns(object, map);
  blocks_.push_back(std::move(block));
  members.push_back(std::move(object));
}

void Aggregation::AddOuter(const BoundField& field, const Value& inner, Aggregation& per_parent,
                           const std::string& alias, std::vector<std::string>& columns, std::vector<Shape>& members) {
  // field: price { avg { avg max } }: each function of the inner aggregation is aggregated over the parents.
  Shape object = FlatObject(field.response_name);
  for (const BoundField& function : field.children) {
    if (function.IsTypename()) {
      object.members.push_back(TypenameShape(function));
      continue;
    }
    if (function.binding->kind == FieldKind::kAggregateColumn) {
      AddOuter(function, MemberValue(statement_, inner, *function.binding->column), per_parent, alias, columns,
               object.members);
      continue;
    }
    const Value call = AggregateCall(statement_, function, inner, {});
    Value parent_value = call;
    parent_value.storage = catalog::StructStorage::kStruct;
    parent_value.sql = alias + ".a" + std::to_string(per_parent.AddMain(call.sql));
    Shape outer = FlatObject(function.response_name);
    for (const BoundField& over : function.children) {
      if (over.IsTypename()) {
        outer.members.push_back(TypenameShape(over));
        continue;
      }
      const Value result = AggregateCall(statement_, over, parent_value, {});
      outer.members.push_back(OutputShape(over, result, static_cast<int>(columns.size())));
      columns.push_back(result.sql);
    }
    object.members.push_back(std::move(outer));
  }
  members.push_back(std::move(object));
}

void Aggregation::AddSubAggregate(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  const catalog::Relation& relation = *field.binding->relation;
  std::vector<std::string> parent_keys;
  for (const catalog::Column* column : relation.from_columns) parent_keys.push_back(rows_.RefColumn(scope, *column));
  Level child(statement_, *relation.to, field);
  const std::vector<std::string> keys = RestrictToParents(child, relation, cte_, parent_keys, rows_.is_restricted());
  child.ApplyArguments({});
  child.ApplyInner(field.children);
  child.ApplyNested(keys, {});
  Aggregation per_parent(child, keys);
  const std::string alias = statement_.Name("p");
  std::vector<std::string> columns;
  Shape object = FlatObject(field.response_name);
  for (const BoundField& member : field.children) {
    if (member.IsTypename()) {
      object.members.push_back(TypenameShape(member));
    } else if (member.binding->kind == FieldKind::kRowsCount) {
      // The value is the plain number of parents, whatever functions are selected below it.
      Shape count =
          ScalarShape({"", ScalarKind::kBigInt, false, nullptr, {}, "BIGINT"}, static_cast<int>(columns.size()));
      count.key = member.response_name;
      columns.push_back("count(*)");
      object.members.push_back(std::move(count));
    } else if (member.binding->kind == FieldKind::kAggregateColumn ||
               member.binding->kind == FieldKind::kAggregateTimePart ||
               member.binding->kind == FieldKind::kAggregateMeasurement) {
      const Value column = ColumnValue(*relation.to, *member.binding->column, child.base().alias);
      Value value = member.binding->kind == FieldKind::kAggregateColumn
                        ? ApplyFieldArguments(statement_, member, column)
                        : ExtraValue(statement_, member, column);
      value.sql = child.Ref(child.base(), value.sql);
      AddOuter(member, value, per_parent, alias, columns, object.members);
    } else {
      statement_.Fail(member.position, "field \"" + member.response_name + "\" cannot be aggregated per parent here");
    }
  }
  std::vector<std::string> tie;
  for (std::size_t i = 0; i < keys.size(); ++i)
    tie.push_back(alias + "." + keys[i] + " = " + cte_ + "." + parent_keys[i]);
  std::string sql = "SELECT ";
  for (const std::string& group : groups_) sql.append(cte_).append(".").append(group).append(", ");
  std::vector<int> map;
  Block block{statement_.Name("r"), {}};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    sql.append(i == 0 ? "" : ", ").append(columns[i]).append(" AS a").append(std::to_string(i));
    outputs_.push_back({static_cast<int>(blocks_.size()), block.alias + ".a" + std::to_string(i)});
    map.push_back(static_cast<int>(outputs_.size() - 1));
  }
  if (columns.empty()) sql.append("1 AS a0");
  block.sql = sql + " FROM " + cte_ + " LEFT JOIN (" + per_parent.Sql() + ") " + alias + " ON " +
              JoinConditions(tie, "AND") + (groups_.empty() ? "" : " GROUP BY " + GroupList(cte_));
  RemapColumns(object, map);
  blocks_.push_back(std::move(block));
  members.push_back(std::move(object));
}

std::string Aggregation::GroupList(const std::string& alias) const {
  std::string out;
  for (const std::string& group : groups_) {
    out.append(out.empty() ? "" : ", ").append(alias.empty() ? "" : alias + ".").append(group);
  }
  return out;
}

std::string Aggregation::Sql() {
  const std::string rows = prefix_ + rows_.Sql() + suffix_;
  if (!blocks_.empty()) statement_.SetCte(cte_slot_, rows, true);
  const std::string source = blocks_.empty() ? statement_.dialect().Subquery(statement_, rows) : cte_;
  std::string main = "SELECT ";
  std::string list = GroupList("");
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i].block >= 0) continue;
    list.append(list.empty() ? "" : ", ").append(outputs_[i].sql).append(" AS a").append(std::to_string(i));
  }
  main.append(list.empty() ? "count(*) AS n" : list).append(" FROM ").append(source);
  if (!groups_.empty()) main.append(" GROUP BY ").append(GroupList(""));
  if (!having_.empty()) main.append(" HAVING ").append(having_);
  if (blocks_.empty()) return main;
  const std::string alias = statement_.Name("m");
  std::string sql = "SELECT ";
  std::string columns = GroupList(alias);
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const std::string name = "a" + std::to_string(i);
    columns.append(columns.empty() ? "" : ", ")
        .append(outputs_[i].block < 0 ? alias + "." + name : outputs_[i].sql + " AS " + name);
  }
  sql.append(columns).append(" FROM (").append(main).append(") ").append(alias);
  for (const Block& block : blocks_) {
    std::vector<std::string> on;
    for (const std::string& group : groups_)
      on.push_back(alias + "." + group + " IS NOT DISTINCT FROM " + block.alias + "." + group);
    sql.append(" LEFT JOIN (").append(block.sql).append(") ").append(block.alias).append(" ON ");
    sql.append(on.empty() ? "true" : JoinConditions(on, "AND"));
  }
  return sql;
}

}  // namespace eider::planner
