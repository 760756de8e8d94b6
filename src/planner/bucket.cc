#include "planner/bucket.h"

#include <algorithm>
#include <span>

#include "base/text.h"
#include "planner/field_value.h"
#include "planner/filter.h"
#include "planner/json_template.h"
#include "planner/order.h"

namespace eider::planner {

using catalog::FieldKind;
using catalog::ScalarKind;
using columnar::Shape;

BucketQuery::BucketQuery(Level& rows, const BoundField& field, std::vector<std::string> parents,
                         std::int64_t default_limit)
    : rows_(rows),
      field_(field),
      statement_(rows.statement()),
      parents_(std::move(parents)),
      shape_(FlatObject("")) {
  std::vector<Shape> keys;
  for (const BoundField& child : field.children) {
    if (child.binding == nullptr || child.binding->kind != FieldKind::kBucketKey) continue;
    keys.push_back(FlatObject(child.response_name));
    AddKeyMembers(rows.base(), child.children, keys.back());
  }
  std::vector<std::string> groups = parents_;
  for (const KeyColumn& column : key_columns_) {
    if (column.is_group && std::find(groups.begin(), groups.end(), column.sql) == groups.end())
      groups.push_back(column.sql);
  }
  aggregation_ = std::make_unique<Aggregation>(rows, std::move(groups));
  std::vector<int> map;
  for (const KeyColumn& column : key_columns_) {
    map.push_back(outputs_.Add(column.is_group ? column.sql : "a" + std::to_string(aggregation_->AddMain(column.sql))));
  }
  std::size_t next_key = 0;
  for (const BoundField& child : field.children) {
    if (child.IsTypename()) {
      shape_.members.push_back(TypenameShape(child));
    } else if (child.binding->kind == FieldKind::kBucketKey) {
      RemapColumns(keys[next_key], map);
      shape_.members.push_back(std::move(keys[next_key++]));
    } else {
      AddAggregations(child);
    }
  }
  if (!having_.empty() && !every_group_) aggregation_->SetHaving(JoinConditions(having_, "OR"));
  ApplyGroupArguments(default_limit);
}

int BucketQuery::AddKeyColumn(bool is_group, const std::string& sql) {
  key_columns_.push_back({is_group, sql});
  return static_cast<int>(key_columns_.size() - 1);
}

void BucketQuery::AddKeyMembers(const Level::Scope& scope, const std::vector<BoundField>& selection, Shape& object) {
  for (const BoundField& field : selection) {
    if (field.IsTypename()) {
      object.members.push_back(TypenameShape(field));
      continue;
    }
    const catalog::FieldBinding& binding = *field.binding;
    // Keys of clients are hashes, of which only a hint may be shown.
    const bool is_hash = binding.column != nullptr && binding.column->secret == catalog::SecretKind::kKey;
    if (binding.kind == FieldKind::kColumn && !is_hash) {
      const Value value = ColumnValue(*scope.object, *binding.column, scope.alias);
      AddKeyValue(scope, ApplyFieldArguments(statement_, field, value), field, object);
    } else if (binding.kind == FieldKind::kTimePart || binding.kind == FieldKind::kMeasurement ||
               binding.kind == FieldKind::kFunctionCall) {
      AddKeyValue(scope, FieldValue(statement_, field, *scope.object, scope.alias), field, object);
    } else if (binding.kind == FieldKind::kRelation && binding.relation->single) {
      const Level::Scope target = rows_.JoinForward(scope, field);
      const std::string key = rows_.Ref(target, target.presence);
      Shape inner = FlatObject(field.response_name, AddKeyColumn(false, statement_.dialect().AnyPresent(key)));
      AddKeyMembers(target, field.children, inner);
      object.members.push_back(std::move(inner));
    } else {
      statement_.Fail(field.position, "field \"" + field.response_name + "\" cannot be part of a bucket key");
    }
  }
}

void BucketQuery::AddKeyValue(const Level::Scope& scope, const Value& value, const BoundField& field, Shape& object) {
  if (value.kind == ScalarKind::kStruct && !value.is_list) {
    const std::string present =
        rows_.Ref(scope, "CASE WHEN " + statement_.dialect().IsPresent(value) + " THEN true END");
    Shape inner = FlatObject(field.response_name, AddKeyColumn(false, statement_.dialect().AnyPresent(present)));
    for (const BoundField& child : field.children) {
      if (child.IsTypename()) {
        inner.members.push_back(TypenameShape(child));
      } else {
        AddKeyValue(scope, SelectedMember(statement_, value, child), child, inner);
      }
    }
    object.members.push_back(std::move(inner));
    return;
  }
  if (value.kind == ScalarKind::kStruct) {
    statement_.Fail(field.position, "lists of structures cannot be part of a bucket key");
    return;
  }
  const BoundValue* shape = field.Argument("struct");
  if (value.kind == ScalarKind::kJson && shape != nullptr && !shape->IsNull()) {
    const std::string name = rows_.Ref(scope, statement_.dialect().JsonTemplate(statement_, *shape, value.sql));
    object.members.push_back(JsonTemplateShape(*shape, AddKeyColumn(true, name)));
    object.members.back().key = field.response_name;
    return;
  }
  const std::string shown = statement_.dialect().GroupKey(value);
  object.members.push_back(ScalarShape(value, AddKeyColumn(true, rows_.Ref(scope, shown))));
  object.members.back().key = field.response_name;
}

void BucketQuery::AddAggregations(const BoundField& field) {
  Shape object = FlatObject(field.response_name);
  std::string condition;
  const BoundValue* filter = field.Argument("filter");
  if (filter != nullptr) {
    const std::string sql = FilterSql(statement_, rows_.object(), rows_.base().alias, *filter);
    if (!sql.empty()) condition = rows_.Ref(rows_.base(), "coalesce(" + sql + ", false)");
  }
  std::vector<SortKey> keys;
  if (const BoundValue* order = field.Argument("order_by")) {
    for (const OrderTerm& term : ReadOrder(statement_, *order)) {
      const Value value = OrderValue(statement_, rows_.object(), rows_.base().alias, {}, term);
      if (!value.sql.empty()) keys.push_back({rows_.Ref(rows_.base(), value.sql), term.descending, value});
    }
  }
  aggregation_->SetOrder(OrderClause(statement_, keys));
  aggregation_->AddMembers(rows_.base(), field.children, condition, object.members);
  aggregation_->SetOrder("");
  if (condition.empty()) {
    every_group_ = true;
  } else {
    const std::string count = "count(*) FILTER (WHERE " + condition + ")";
    having_.push_back(count + " > 0");
    object.presence = aggregation_->AddMain("nullif(" + count + ", 0)");
  }
  std::vector<int> map;
  for (std::size_t i = 0; i < aggregation_->output_count(); ++i) map.push_back(outputs_.Add("a" + std::to_string(i)));
  RemapColumns(object, map);
  shape_.members.push_back(std::move(object));
}

namespace {

// The leaf that a dotted path of response names leads to.
const Shape* FindLeaf(const Shape& shape, std::span<const std::string_view> path) {
  if (path.empty())
    return shape.form == columnar::JsonForm::kObject || shape.form == columnar::JsonForm::kList ? nullptr : &shape;
  if (shape.form != columnar::JsonForm::kObject) return nullptr;
  for (const Shape& member : shape.members) {
    if (member.key == path[0]) return FindLeaf(member, path.subspan(1));
  }
  return nullptr;
}

}  // namespace

Value BucketQuery::ColumnAt(const std::string& path, graphql::Position position) {
  const std::vector<std::string_view> parts = SplitText(path, '.');
  const Shape* leaf = FindLeaf(shape_, parts);
  if (leaf == nullptr || leaf->column < 0) {
    statement_.Fail(position, "field " + path + " not found or not sortable");
    return {};
  }
  // Text is what has an order of its own in some engine; the JSON form tells it.
  const ScalarKind kind = leaf->form == columnar::JsonForm::kString ? ScalarKind::kString : ScalarKind::kInt;
  return {outputs_.columns()[static_cast<std::size_t>(leaf->column)], kind};
}

void BucketQuery::ReadOrderArgument(std::string_view name) {
  const BoundValue* order = field_.Argument(name);
  if (order == nullptr || order->IsNull()) return;
  order_.clear();
  for (const OrderTerm& term : ReadOrder(statement_, *order)) {
    const Value column = ColumnAt(term.path, term.position);
    if (!column.sql.empty()) order_.push_back({column.sql, term.descending, column});
  }
}

void BucketQuery::ApplyGroupArguments(std::int64_t default_limit) {
  ReadOrderArgument("order_by");
  if (const BoundValue* distinct = field_.Argument("distinct_on")) {
    for (const BoundValue& item : distinct->items) {
      const Value column = ColumnAt(item.text, item.position);
      if (!column.sql.empty()) distinct_.push_back(column.sql);
    }
  }
  auto limit = CountArgument(statement_, field_, "limit");
  if (!limit && default_limit > 0) limit = default_limit;
  if (limit) limit_ = " LIMIT " + std::to_string(*limit);
  const std::int64_t offset = CountArgument(statement_, field_, "offset").value_or(0);
  if (offset > 0) limit_.append(" OFFSET ").append(std::to_string(offset));
  ReadOrderArgument("nested_order_by");
  const auto nested_limit = CountArgument(statement_, field_, "nested_limit");
  const std::int64_t nested_offset = CountArgument(statement_, field_, "nested_offset").value_or(0);
  if (!nested_limit && nested_offset == 0) return;
  nested_ = "row_number() OVER (PARTITION BY " + NameList(parents_) + OrderClause(statement_, order_) + ")";
  nested_low_ = nested_offset;
  if (nested_limit) nested_high_ = nested_offset + *nested_limit;
}

std::string BucketQuery::Sql() {
  const Dialect& dialect = statement_.dialect();
  std::string groups = aggregation_->Sql();
  if (!distinct_.empty() || !limit_.empty()) {
    groups = dialect.Arrange(statement_, "*", dialect.Subquery(statement_, groups), {distinct_, order_, limit_});
  }
  if (!nested_.empty()) groups = dialect.KeepNumbered(statement_, groups, nested_, nested_low_, nested_high_);
  return groups;
}

std::string BucketQuery::RootSql() {
  const Dialect& dialect = statement_.dialect();
  std::string list = NameList(outputs_.columns());
  if (list.empty()) list = "true";
  const bool simple = distinct_.empty() && nested_.empty();
  const std::string groups = dialect.Subquery(statement_, simple ? aggregation_->Sql() : Sql());
  return "SELECT " + list + " FROM " + groups + OrderClause(statement_, order_) + (simple ? limit_ : "");
}

}  // namespace eider::planner
