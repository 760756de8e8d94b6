#include "planner/rows.h"

#include "planner/aggregate.h"
#include "planner/bucket.h"
#include "planner/call.h"
#include "planner/dialect.h"
#include "planner/field_value.h"
#include "planner/filter.h"
#include "planner/json_template.h"

namespace eider::planner {

using catalog::FieldKind;
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
      case FieldKind::kFunctionCall:
        if (IsRemote(*field.binding->call->function)) {
          AddRemoteCall(scope, field, members);
          break;
        }
        [[fallthrough]];
      case FieldKind::kTimePart:
      case FieldKind::kMeasurement:
        AddValue(scope, FieldValue(statement_, field, *scope.object, scope.alias), field, members);
        break;
      case FieldKind::kRelation:
        if (field.binding->relation->single) {
          AddForward(scope, field, members);
        } else if (field.unnest) {
          AddUnnested(scope, field, members);
        } else {
          AddList(scope, field, members);
        }
        break;
      case FieldKind::kDynamicSpatial:
      case FieldKind::kDynamicJoin:
        members.push_back(FlatObject(field.response_name));
        AddMembers(scope, field.children, members.back().members);
        break;
      case FieldKind::kRelationAggregate: AddAggregate(scope, field, members); break;
      case FieldKind::kRelationBucketAggregate: AddBuckets(scope, field, members); break;
      default: statement_.Fail(field.position, "field \"" + field.response_name + "\" cannot be selected here");
    }
  }
}

void Selection::AddRemoteCall(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  const auto column = [&](const catalog::Column& mapped) { return level_.RefColumn(scope, mapped); };
  Value value = CallValue(statement_, *field.binding->call->function, {&field, field.binding->call, column});
  value.sql = statement_.dialect().Shown(value);
  has_calls_ = true;
  members.push_back(ScalarShape(value, outputs_.Add(value.sql)));
  members.back().key = field.response_name;
}

void Selection::AddColumn(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  const Value value = ShownValue(statement_, *scope.object, *field.binding->column, scope.alias);
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
        AddValue(scope, SelectedMember(statement_, value, child), child, object.members);
      }
    }
    members.push_back(std::move(object));
    return;
  }
  const BoundValue* shape = field.Argument("struct");
  if (value.kind == ScalarKind::kJson && shape != nullptr && !shape->IsNull()) {
    const int column =
        outputs_.Add(level_.Ref(scope, statement_.dialect().JsonTemplate(statement_, *shape, value.sql)));
    members.push_back(JsonTemplateShape(*shape, column));
    members.back().key = field.response_name;
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
    const Value member = SelectedMember(statement, element, child);
    const BoundValue* shape = child.Argument("struct");
    if (member.kind == ScalarKind::kJson && shape != nullptr && !shape->IsNull()) {
      const int column = packed.Add(statement.dialect().JsonTemplate(statement, *shape, member.sql));
      object.members.push_back(JsonTemplateShape(*shape, column));
      object.members.back().key = child.response_name;
      continue;
    }
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
  const Level::Scope target = level_.JoinForward(scope, field);
  Shape object = FlatObject(field.response_name, outputs_.Add(level_.Ref(target, target.presence)));
  AddMembers(target, field.children, object.members);
  members.push_back(std::move(object));
}

std::string Selection::Gathered(const OutputList& outputs, const std::vector<SortKey>& order) const {
  const Dialect& dialect = statement_.dialect();
  return dialect.Gather(dialect.PackRow(outputs.columns()), OrderClause(statement_, order));
}

std::string Selection::Join(const std::string& sql, const RelatedLevel& related) {
  const std::string alias = statement_.Name("r");
  joins_.push_back("LEFT JOIN (" + sql + ") " + alias + " ON " + related.Tie(alias));
  return alias;
}

void Selection::AddGathered(const BoundField& field, const RelatedLevel& related, const std::string& gathered,
                            const std::string& from, Shape element, std::vector<Shape>& members) {
  const std::string value = statement_.Name("v");
  const std::string keys = NameList(related.keys());
  const std::string alias =
      Join("SELECT " + keys + ", " + gathered + " AS " + value + " FROM " + from + " GROUP BY " + keys, related);
  Shape list;
  list.key = field.response_name;
  list.form = JsonForm::kList;
  list.members.push_back(std::move(element));
  list.column = outputs_.Add(alias + "." + value);
  members.push_back(std::move(list));
}

namespace {

// Parents of which each may be looked up alone.
constexpr std::int64_t kFewParents = 1000;

// An offset of zero is the advertised default.
bool IsGiven(const BoundField& field, std::string_view argument) {
  const BoundValue* value = field.Argument(argument);
  return value != nullptr && !value->IsNull() && !(argument == "offset" && value->text == "0");
}

// Whether rows of a field hold no lists of their own.
bool IsFlat(const BoundField& field) {
  return std::ranges::all_of(field.children, [](const BoundField& child) {
    if (child.binding == nullptr) return true;
    if (child.unnest || child.binding->kind == FieldKind::kDynamicJoin) return false;
    if (child.binding->relation == nullptr) return true;
    return child.binding->kind == FieldKind::kRelation && child.binding->relation->single && IsFlat(child);
  });
}

// Whether the list is best taken apart: few rows for each of few parents.
bool IsTakenApart(const Level& parents, const BoundField& field) {
  const bool few_parents = parents.has_limit() && parents.limit() <= kFewParents;
  const bool own_limit = IsGiven(field, "limit") || IsGiven(field, "offset") || IsGiven(field, "distinct_on") ||
                         IsGiven(field, "similarity");
  return few_parents && IsGiven(field, "nested_limit") && !own_limit && !IsLateral(*field.binding->relation) &&
         IsFlat(field);
}

}  // namespace

void Selection::AddListApart(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  RelatedLevel related(level_, scope, field, cte_, RelatedLevel::Use::kOneParent);
  Selection rows(related.level());
  Shape element = FlatObject("");
  rows.AddMembers(related.level().base(), field.children, element.members);
  const std::string from = rows.FromSql();
  const std::string value = statement_.Name("v");
  const std::string alias = statement_.Name("r");
  joins_.push_back("LEFT JOIN LATERAL (SELECT " + Gathered(rows.outputs(), rows.order()) + " AS " + value + " FROM " +
                   from + ") " + alias + " ON true");
  Shape list;
  list.key = field.response_name;
  list.form = JsonForm::kList;
  list.members.push_back(std::move(element));
  list.column = outputs_.Add(alias + "." + value);
  members.push_back(std::move(list));
}

void Selection::AddCube(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  const CubeSelect& cube = cubes_.emplace_back(statement_, field);
  AddBuckets(scope, cube.buckets(), members);
  Shape& row = members.back().members.front();
  row = cube.Flatten(row);
}

void Selection::AddList(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  if (field.binding->relation->to->is_cube) return AddCube(scope, field, members);
  if (statement_.dialect().takes_few_parents_apart() && IsTakenApart(level_, field)) {
    return AddListApart(scope, field, members);
  }
  RelatedLevel related(level_, scope, field, cte_, RelatedLevel::Use::kRows);
  Level& child = related.level();
  if (HasUnnest(field.children)) child.DeferLimit();
  Selection rows(child);
  Shape element = FlatObject("");
  rows.AddMembers(child.base(), field.children, element.members);
  std::string from = rows.FromSql();
  std::vector<SortKey> order = rows.order();
  if (!HasUnnest(field.children)) {
    AddGathered(field, related, Gathered(rows.outputs(), order), from, std::move(element), members);
    return;
  }
  // The limit counts unnested rows.
  const std::string row = statement_.Name("v");
  std::string columns =
      NameList(related.keys()) + ", " + statement_.dialect().PackRow(rows.outputs().columns()) + " AS " + row;
  const std::string arranged = OrderClause(statement_, order) + child.limit_clause();
  for (SortKey& key : order) {
    const std::string name = statement_.Name("x");
    columns.append(", ").append(key.sql).append(" AS ").append(name);
    key.sql = name;
  }
  from = statement_.dialect().Subquery(statement_, "SELECT " + columns + " FROM " + from + arranged);
  AddGathered(field, related, statement_.dialect().Gather(row, OrderClause(statement_, order)), from,
              std::move(element), members);
}

void Selection::AddUnnested(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  RelatedLevel related(level_, scope, field, cte_, RelatedLevel::Use::kRows);
  Level& child = related.level();
  Selection rows(child);
  Shape object = FlatObject(field.response_name);
  rows.AddMembers(child.base(), field.children, object.members);
  const std::string from = rows.FromSql();
  const std::string here = statement_.Name("h");
  std::string columns = NameList(related.keys()) + ", true AS " + here;
  std::vector<std::string> names;
  const auto add = [&](const std::string& sql) {
    names.push_back(statement_.Name("x"));
    columns.append(", ").append(sql).append(" AS ").append(names.back());
    return names.back();
  };
  for (const std::string& output : rows.outputs().columns()) add(output);
  std::vector<SortKey> order = rows.order();
  for (SortKey& key : order) key.sql = add(key.sql);
  const std::string alias = Join("SELECT " + columns + " FROM " + from, related);
  std::vector<int> map;
  for (std::size_t i = 0; i < rows.outputs().columns().size(); ++i) map.push_back(outputs_.Add(alias + "." + names[i]));
  RemapColumns(object, map);
  object.presence = outputs_.Add(alias + "." + here);
  for (SortKey& key : order) {
    key.sql = alias + "." + key.sql;
    unnested_order_.push_back(std::move(key));
  }
  members.push_back(std::move(object));
}

std::vector<SortKey> Selection::order() const {
  std::vector<SortKey> order = level_.order();
  order.insert(order.end(), unnested_order_.begin(), unnested_order_.end());
  return order;
}

void Selection::AddAggregate(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  RelatedLevel related(level_, scope, field, cte_, RelatedLevel::Use::kAggregates);
  Aggregation aggregation(related.level(), related.keys());
  Shape object = FlatObject(field.response_name);
  aggregation.AddMembers(related.level().base(), field.children, {}, object.members);
  const int rows = aggregation.AddMain("count(*)");
  const std::string alias = Join(aggregation.Sql(), related);
  std::vector<int> map;
  for (std::size_t i = 0; i < aggregation.output_count(); ++i)
    map.push_back(outputs_.Add(alias + ".a" + std::to_string(i)));
  RemapColumns(object, map);
  object.presence = map[static_cast<std::size_t>(rows)];
  members.push_back(std::move(object));
}

void Selection::AddBuckets(const Level::Scope& scope, const BoundField& field, std::vector<Shape>& members) {
  RelatedLevel related(level_, scope, field, cte_, RelatedLevel::Use::kGroups);
  BucketQuery buckets(related.level(), field, related.keys());
  AddGathered(field, related, Gathered(buckets.outputs(), buckets.order()),
              statement_.dialect().Subquery(statement_, buckets.Sql()), buckets.shape(), members);
}

bool HasUnnest(const std::vector<BoundField>& selection) {
  return std::ranges::any_of(selection, [](const BoundField& field) {
    if (field.unnest) return true;
    if (field.binding == nullptr) return false;
    const bool is_single = field.binding->kind == FieldKind::kRelation && field.binding->relation->single;
    return (is_single || IsDynamic(field.binding->kind)) && HasUnnest(field.children);
  });
}

}  // namespace eider::planner
