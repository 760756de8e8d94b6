#include "planner/rows.h"

#include "planner/aggregate.h"
#include "planner/bucket.h"
#include "planner/dialect.h"
#include "planner/filter.h"
#include "planner/json_template.h"

namespace eider::planner {

using catalog::FieldKind;
using catalog::Relation;
using catalog::ScalarKind;
using columnar::JsonForm;
using columnar::Shape;

Selection::Selection(Level& level)
    : level_(level),
      statement_(level.statement()),
      cte_(statement_.Name("b")),
      cte_slot_(statement_.ReserveCte(cte_)) {}

std::string Selection::FromSql() {
  std::string from = "(" + level_.Sql() + ") " + cte_;
  if (!joins_.empty()) {
    statement_.SetCte(cte_slot_, level_.Sql(), true);
    from = cte_;
  }
  for (const std::string& join : joins_) from.append(" ").append(join);
  return from;
}

void Selection::AddMembers(const Level::Scope& scope, const std::vector<BoundField>& selection,
                           std::vector<Shape>& members) {
  for (const BoundField& field : selection) {
    if (field.IsTypename()) {
      members.push_back(TypenameShape(field));
      continue;
    }
    switch (field.binding->kind) {
      case FieldKind::kColumn: AddColumn(scope, field, members); break;
      case FieldKind::kTimePart:
      case FieldKind::kMeasurement:
        AddValue(scope, ExtraValue(statement_, field, ColumnValue(*scope.object, *field.binding->column, scope.alias)),
                 field, members);
        break;
      case FieldKind::kRelation:
        if (field.binding->relation->single) {
          AddForward(scope, field, members);
        } else {
          AddList(scope, field, members);
        }
        break;
      case FieldKind::kRelationAggregate: AddAggregate(scope, field, members); break;
      case FieldKind::kRelationBucketAggregate: AddBuckets(scope, field, members); break;
      default: statement_.Fail(field.position, "field \"" + field.response_name + "\" cannot be selected here");
    }
  }
}

void Selection::AddColumn(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  const Value value = ColumnValue(*scope.object, *field.binding->column, scope.alias);
  const BoundValue* shape = field.Argument("struct");
  if (value.kind == ScalarKind::kJson && shape != nullptr && !shape->IsNull()) {
    const int column =
        outputs_.Add(level_.Ref(scope, statement_.dialect().JsonTemplate(statement_, *shape, value.sql)));
    members.push_back(JsonTemplateShape(*shape, column));
    members.back().key = field.response_name;
    return;
  }
  AddValue(scope, ApplyFieldArguments(statement_, field, value), field, members);
}

void Selection::AddValue(const Level::Scope& scope, const Value& value, const BoundField& field,
                         std::vector<Shape>& members) {
  if (value.kind == ScalarKind::kStruct) {
    if (value.is_list) return AddStructureList(scope, value, field, members);
    const std::string present = "CASE WHEN " + statement_.dialect().IsPresent(value) + " THEN true END";
    Shape object = FlatObject(field.response_name, outputs_.Add(level_.Ref(scope, present)));
    for (const BoundField& child : field.children) {
      if (child.IsTypename()) {
        object.members.push_back(TypenameShape(child));
      } else {
        AddValue(scope, MemberValue(statement_, value, *child.binding->column), child, object.members);
      }
    }
    members.push_back(std::move(object));
    return;
  }
  Value shown = value;
  shown.sql = statement_.dialect().Shown(value);
  if (value.kind == ScalarKind::kVector) shown.kind = ScalarKind::kString;
  members.push_back(ScalarShape(shown, outputs_.Add(level_.Ref(scope, shown.sql))));
  members.back().key = field.response_name;
}

namespace {

// The selected members of one structure held by a lambda variable, as a packed struct.
std::string PackElement(Statement& statement, const Value& element, const std::vector<BoundField>& selection,
                        Shape& object) {
  OutputList packed;
  object.form = JsonForm::kObject;
  for (const BoundField& child : selection) {
    if (child.IsTypename()) {
      object.members.push_back(TypenameShape(child));
      continue;
    }
    const Value member = MemberValue(statement, element, *child.binding->column);
    if (member.kind == ScalarKind::kStruct && member.is_list) {
      statement.Fail(child.position, "lists of structures inside lists of structures are not supported");
      continue;
    }
    if (member.kind == ScalarKind::kStruct) {
      Shape inner;
      const std::string sql = PackElement(statement, member, child.children, inner);
      inner.column = packed.Add(sql);
      inner.key = child.response_name;
      object.members.push_back(std::move(inner));
      continue;
    }
    object.members.push_back(ScalarShape(member, packed.Add(statement.dialect().Shown(member))));
    object.members.back().key = child.response_name;
  }
  const Dialect& dialect = statement.dialect();
  return "CASE WHEN " + dialect.IsPresent(element) + " THEN " + dialect.PackRow(packed.columns()) + " END";
}

}  // namespace

void Selection::AddStructureList(const Level::Scope& scope, const Value& value, const BoundField& field,
                                 std::vector<Shape>& members) {
  Value element = value;
  element.is_list = false;
  element.sql = statement_.Name("e");
  Shape list;
  list.key = field.response_name;
  list.form = JsonForm::kList;
  list.members.emplace_back();
  const std::string packed = PackElement(statement_, element, field.children, list.members[0]);
  list.column = outputs_.Add(level_.Ref(scope, statement_.dialect().Transform(value, element.sql, packed)));
  members.push_back(std::move(list));
}

void Selection::AddForward(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  const Relation& relation = *field.binding->relation;
  const Level::Scope target = level_.JoinForward(scope, field);
  const std::string key = level_.RefColumn(target, *relation.to_columns[0]);
  Shape object = FlatObject(field.response_name, outputs_.Add(key));
  AddMembers(target, field.children, object.members);
  members.push_back(std::move(object));
}

std::vector<std::string> Selection::ParentKeys(const Level::Scope& scope, const BoundField& field) {
  std::vector<std::string> keys;
  for (const catalog::Column* column : field.binding->relation->from_columns)
    keys.push_back(level_.RefColumn(scope, *column));
  if (keys.empty())
    statement_.Fail(field.position, "field \"" + field.response_name + "\" has no key columns to join by");
  return keys;
}

std::string Selection::Gathered(const OutputList& outputs, const std::vector<SortKey>& order) const {
  const Dialect& dialect = statement_.dialect();
  return dialect.Gather(dialect.PackRow(outputs.columns()), OrderClause(statement_, order));
}

std::string Selection::JoinGrouped(const std::string& sql, const std::vector<std::string>& keys,
                                   const std::vector<std::string>& parent_keys) {
  const std::string alias = statement_.Name("r");
  std::vector<std::string> tie;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    tie.push_back(alias + "." + keys[i] + " = " + cte_ + "." + parent_keys[i]);
  }
  joins_.push_back("LEFT JOIN (" + sql + ") " + alias + " ON " + JoinConditions(tie, "AND"));
  return alias;
}

void Selection::AddList(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  const Relation& relation = *field.binding->relation;
  const std::vector<std::string> parent_keys = ParentKeys(scope, field);
  Level child(statement_, *relation.to, field);
  const std::vector<std::string> keys = RestrictToParents(child, relation, cte_, parent_keys, level_.is_restricted());
  child.ApplyArguments(field.children);
  child.ApplyInner(field.children);
  child.ApplyNested(keys, field.children);
  Selection rows(child);
  Shape list;
  list.key = field.response_name;
  list.form = JsonForm::kList;
  list.members.emplace_back();
  list.members[0].form = JsonForm::kObject;
  rows.AddMembers(child.base(), field.children, list.members[0].members);
  const std::string from = rows.FromSql();
  const std::string value = statement_.Name("v");
  const std::string gathered = Gathered(rows.outputs(), child.order());
  const std::string sql =
      "SELECT " + NameList(keys) + ", " + gathered + " AS " + value + " FROM " + from + " GROUP BY " + NameList(keys);
  const std::string alias = JoinGrouped(sql, keys, parent_keys);
  list.column = outputs_.Add(alias + "." + value);
  members.push_back(std::move(list));
}

void Selection::AddAggregate(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  const Relation& relation = *field.binding->relation;
  const std::vector<std::string> parent_keys = ParentKeys(scope, field);
  Level child(statement_, *relation.to, field);
  const std::vector<std::string> keys = RestrictToParents(child, relation, cte_, parent_keys, level_.is_restricted());
  child.ApplyArguments({});
  child.ApplyInner(field.children);
  child.ApplyNested(keys, {});
  Aggregation aggregation(child, keys);
  Shape object = FlatObject(field.response_name);
  aggregation.AddMembers(child.base(), field.children, {}, object.members);
  const std::string alias = JoinGrouped(aggregation.Sql(), keys, parent_keys);
  std::vector<int> map;
  for (std::size_t i = 0; i < aggregation.output_count(); ++i)
    map.push_back(outputs_.Add(alias + ".a" + std::to_string(i)));
  RemapColumns(object, map);
  object.presence = outputs_.Add(alias + "." + keys[0]);
  members.push_back(std::move(object));
}

void Selection::AddBuckets(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  const Relation& relation = *field.binding->relation;
  const std::vector<std::string> parent_keys = ParentKeys(scope, field);
  Level child(statement_, *relation.to, field);
  const std::vector<std::string> keys = RestrictToParents(child, relation, cte_, parent_keys, level_.is_restricted());
  child.ApplyFilter();
  BucketQuery buckets(child, field, keys);
  Shape list;
  list.key = field.response_name;
  list.form = JsonForm::kList;
  list.members.push_back(buckets.shape());
  const std::string value = statement_.Name("v");
  const std::string gathered = Gathered(buckets.outputs(), buckets.order());
  const std::string sql = "SELECT " + NameList(keys) + ", " + gathered + " AS " + value + " FROM " +
                          statement_.dialect().Subquery(statement_, buckets.Sql()) + " GROUP BY " + NameList(keys);
  const std::string alias = JoinGrouped(sql, keys, parent_keys);
  list.column = outputs_.Add(alias + "." + value);
  members.push_back(std::move(list));
}

}  // namespace eider::planner
