#include "planner/aggregate.h"

#include "planner/dialect.h"
#include "planner/field_value.h"
#include "planner/filter.h"
#include "planner/related.h"

namespace eider::planner {

using catalog::FieldKind;
using catalog::ScalarKind;
using columnar::Shape;

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

int Aggregation::AddMain(const Value& value) {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i].block < 0 && outputs_[i].sql == value.sql) return static_cast<int>(i);
  }
  outputs_.push_back({-1, value.sql, value});
  return static_cast<int>(outputs_.size() - 1);
}

Shape Aggregation::MainShape(const BoundField& field, const Value& value) {
  Shape shape = ScalarShape(value, AddMain(value));
  shape.key = field.response_name;
  return shape;
}

namespace {

// A count is a plain number in every engine.
Value CountValue(std::string sql) { return {std::move(sql), ScalarKind::kBigInt, false, nullptr, {}, "BIGINT"}; }

}  // namespace

void Aggregation::AddMembers(const Level::Scope& scope, const std::vector<BoundField>& selection,
                             const std::string& condition, std::vector<Shape>& members) {
  const std::string suffix = condition.empty() ? "" : " FILTER (WHERE " + condition + ")";
  for (const BoundField& field : selection) {
    if (field.IsTypename()) {
      members.push_back(TypenameShape(field));
      continue;
    }
    switch (field.binding->kind) {
      case FieldKind::kRowsCount: {
        // Over a forward relation only parents that have the related row count.
        const std::string counted = scope.is_base ? "*" : rows_.Ref(scope, scope.presence);
        Value value = CountValue("count(" + counted + ")" + suffix);
        if (!rows_.weight().empty()) value = {"sum(" + rows_.weight() + ")" + suffix, ScalarKind::kFloat};
        members.push_back(MainShape(field, value));
        break;
      }
      case FieldKind::kAggregateColumn:
      case FieldKind::kAggregateTimePart:
      case FieldKind::kAggregateMeasurement:
      case FieldKind::kAggregateCall: {
        Value value = FieldValue(statement_, field, *scope.object, scope.alias);
        value.sql = rows_.Ref(scope, value.sql);
        AddColumn(value, field, condition, members);
        break;
      }
      case FieldKind::kAggregateRelation: AddRelated(scope, field, condition, members); break;
      case FieldKind::kSubAggregate: AddSubAggregate(scope, field, condition, members); break;
      case FieldKind::kDynamicSpatial:
      case FieldKind::kDynamicJoin:
        members.push_back(FlatObject(field.response_name));
        AddMembers(scope, field.children, condition, members.back().members);
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
    } else if (function.binding->kind == FieldKind::kAggregateColumn) {  // A member of a structure.
      AddColumn(SelectedMember(statement_, value, function), function, condition, object.members);
    } else {
      const Value call = rows_.weight().empty()
                             ? AggregateCall(statement_, function, value, condition, order_)
                             : WeightedCall(statement_, function, value, rows_.weight(), condition, order_);
      object.members.push_back(MainShape(function, call));
    }
  }
  members.push_back(std::move(object));
}

void Aggregation::AddBlock(Block block, const std::vector<Value>& columns, Shape& object) {
  std::vector<int> map;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    outputs_.push_back({static_cast<int>(blocks_.size()), block.alias + ".a" + std::to_string(i), columns[i]});
    map.push_back(static_cast<int>(outputs_.size() - 1));
  }
  RemapColumns(object, map);
  blocks_.push_back(std::move(block));
}

void Aggregation::AddRelated(const Level::Scope& scope, const BoundField& field, const std::string& condition,
                             std::vector<Shape>& members) {
  Shape object = FlatObject(field.response_name);
  if (field.binding->relation->single) {
    const Level::Scope target = rows_.JoinForward(scope, field);
    AddMembers(target, field.children, condition, object.members);
    members.push_back(std::move(object));
    return;
  }
  RelatedLevel related(rows_, scope, field, cte_, RelatedLevel::Use::kAggregates);
  Aggregation inner(related.level(), groups_);
  const std::string alias = statement_.Name("c");
  inner.AddMembers(related.level().base(), field.children, {}, object.members);
  std::string prefix = "SELECT ";
  for (const std::string& group : groups_) prefix.append(cte_).append(".").append(group).append(", ");
  std::string suffix = ") " + alias + " ON " + related.Tie(alias);
  if (!condition.empty()) suffix.append(" WHERE ").append(cte_).append(".").append(condition);
  inner.WrapRows(prefix + alias + ".* FROM " + cte_ + " JOIN (", std::move(suffix));
  std::vector<Value> columns;
  for (std::size_t i = 0; i < inner.output_count(); ++i) columns.push_back(inner.OutputValue(i));
  AddBlock({statement_.Name("r"), inner.Sql()}, columns, object);
  members.push_back(std::move(object));
}

namespace {

// A selection of aggregates of aggregates without the outer ones: what is computed for each parent. _rows_count is the
// number of parents and has nothing inside.
std::vector<BoundField> InnerSelection(const std::vector<BoundField>& selection) {
  std::vector<BoundField> inner;
  for (const BoundField& field : selection) {
    if (field.IsTypename() || field.binding->kind == FieldKind::kRowsCount) continue;
    BoundField& copy = inner.emplace_back(field);
    const bool is_function = field.binding->kind == FieldKind::kAggregateFunction;
    const bool is_innermost = is_function && std::ranges::all_of(field.children, [](const BoundField& child) {
                                return child.children.empty();
                              });
    if (is_innermost) {
      copy.children.clear();
    } else {
      copy.children = InnerSelection(field.children);
    }
  }
  return inner;
}

// Aggregates the values that an inner aggregation gives per parent.
class OuterAggregation {
 public:
  // `alias`: the query that has the outputs of `inner`.
  OuterAggregation(Statement& statement, const Aggregation& inner, std::string alias, std::string condition)
      : statement_(statement),
        inner_(inner),
        alias_(std::move(alias)),
        condition_(std::move(condition)) {}

  // The members of `selection` in the form of `inner`, the shape of their inner selection.
  void Add(const std::vector<BoundField>& selection, const Shape& inner, std::vector<Shape>& members) {
    for (const BoundField& field : selection) {
      if (field.IsTypename()) {
        members.push_back(TypenameShape(field));
      } else if (field.binding->kind == FieldKind::kRowsCount) {
        const std::string filter = condition_.empty() ? "" : " FILTER (WHERE " + condition_ + ")";
        AddValue(field, CountValue("count(*)" + filter), members);
      } else {
        AddMember(field, Find(inner, field.response_name), members);
      }
    }
  }
  const std::vector<Value>& columns() const { return columns_; }

 private:
  static const Shape& Find(const Shape& object, const std::string& key) {
    return *std::ranges::find(object.members, key, &Shape::key);
  }

  void AddMember(const BoundField& field, const Shape& inner, std::vector<Shape>& members) {
    Shape object = FlatObject(field.response_name);
    if (inner.column < 0) {
      Add(field.children, inner, object.members);
    } else {
      Value value = inner_.OutputValue(static_cast<std::size_t>(inner.column));
      value.sql = alias_ + ".a" + std::to_string(inner.column);
      value.storage = catalog::StructStorage::kStruct;
      for (const BoundField& function : field.children) {
        if (function.IsTypename()) {
          object.members.push_back(TypenameShape(function));
        } else {
          AddValue(function, AggregateCall(statement_, function, value, condition_), object.members);
        }
      }
    }
    members.push_back(std::move(object));
  }

  void AddValue(const BoundField& field, const Value& value, std::vector<Shape>& members) {
    members.push_back(ScalarShape(value, static_cast<int>(columns_.size())));
    members.back().key = field.response_name;
    columns_.push_back(value);
  }

  Statement& statement_;
  const Aggregation& inner_;
  const std::string alias_;
  const std::string condition_;
  std::vector<Value> columns_;
};

}  // namespace

void Aggregation::AddSubAggregate(const Level::Scope& scope, const BoundField& field, const std::string& condition,
                                  std::vector<Shape>& members) {
  RelatedLevel related(rows_, scope, field, cte_, RelatedLevel::Use::kAggregates);
  Aggregation per_parent(related.level(), related.keys());
  const std::vector<BoundField> selection = InnerSelection(field.children);
  Shape inner = FlatObject("");
  per_parent.AddMembers(related.level().base(), selection, {}, inner.members);
  const std::string alias = statement_.Name("p");
  OuterAggregation outer(statement_, per_parent, alias, condition.empty() ? "" : cte_ + "." + condition);
  Shape object = FlatObject(field.response_name);
  outer.Add(field.children, inner, object.members);
  std::string list;
  for (const std::string& group : groups_) list.append(list.empty() ? "" : ", ").append(cte_ + "." + group);
  for (std::size_t i = 0; i < outer.columns().size(); ++i) {
    list.append(list.empty() ? "" : ", ").append(outer.columns()[i].sql).append(" AS a").append(std::to_string(i));
  }
  if (list.empty()) list = "1 AS a0";
  const std::string sql = "SELECT " + list + " FROM " + cte_ + " LEFT JOIN (" + per_parent.Sql() + ") " + alias +
                          " ON " + related.Tie(alias) + (groups_.empty() ? "" : " GROUP BY " + GroupList(cte_));
  AddBlock({statement_.Name("r"), sql}, outer.columns(), object);
  members.push_back(std::move(object));
}

std::string Aggregation::GroupList(const std::string& alias) const {
  std::string out;
  for (const std::string& group : groups_) {
    out.append(out.empty() ? "" : ", ").append(alias.empty() ? "" : alias + ".").append(group);
  }
  return out;
}

namespace {

// What a group without related rows shows: counts are zero, everything else is null.
std::string GroupValue(const std::string& sql, const Value& value) {
  return value.sql.starts_with("count(") ? "coalesce(" + sql + ", 0)" : sql;
}

}  // namespace

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
        .append(outputs_[i].block < 0 ? alias + "." + name
                                      : GroupValue(outputs_[i].sql, outputs_[i].value) + " AS " + name);
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
