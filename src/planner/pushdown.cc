#include "planner/pushdown.h"

#include "base/text.h"
#include "planner/access.h"
#include "planner/dialect.h"
#include "planner/dialect/postgres_type.h"
#include "planner/vector.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::FieldKind;
using catalog::Relation;
using catalog::ScalarKind;

namespace {

// Walks a bound field and everything that it reads; each method says whether all of it can stay in `source_`.
class PushdownCheck {
 public:
  // `access`: the rules whose filters are part of the statement; null = none.
  PushdownCheck(const catalog::Source& source, const Access* access) : source_(source), access_(access) {}

  // `object`: whose row the field is selected on.
  bool Field(const BoundField& field, const DataObject& object) const {
    if (field.no_pushdown) return false;
    if (field.IsTypename()) return true;
    if (field.binding == nullptr || !HasForm(field.binding->kind)) return false;
    const catalog::FieldBinding& binding = *field.binding;
    if (binding.relation != nullptr && !Related(*binding.relation)) return false;
    if (binding.call != nullptr && binding.call->function->source != &source_) return false;
    if (binding.column != nullptr && !HasForm(*binding.column)) return false;
    if (IsForeignDistance(binding)) return false;
    const DataObject* rows = binding.relation != nullptr ? binding.relation->to : binding.object;
    const DataObject& inner = rows == nullptr ? object : *rows;
    if (!Own(inner) || !Arguments(field, inner)) return false;
    if (field.rule_filter != nullptr && !RuleFits(inner, *field.rule_filter)) return false;
    for (const BoundField& child : field.children) {
      if (!Field(child, inner)) return false;
    }
    return true;
  }

  // The same for what the arguments alone read.
  bool Arguments(const BoundField& field, const DataObject& object) const {
    for (const auto& [name, value] : field.arguments) {
      if (name == "filter" && !Filter(value, object)) return false;
      if ((name == "order_by" || name == "nested_order_by") && !Order(value, object)) return false;
      if (name == "similarity" && !value.IsNull() && !CanCompareVectors(value, object)) return false;
      if (name == "struct" && HasListOfLists(value, false)) return false;
    }
    return true;
  }

 private:
  // What no dialect method speaks of yet runs in the engine.
  static bool HasForm(FieldKind kind) {
    switch (kind) {
      case FieldKind::kSelect:
      case FieldKind::kSelectByPk:
      case FieldKind::kSelectUnique:
      case FieldKind::kAggregate:
      case FieldKind::kBucketAggregate:
      case FieldKind::kColumn:
      case FieldKind::kTimePart:
      case FieldKind::kMeasurement:
      case FieldKind::kRelation:
      case FieldKind::kRelationAggregate:
      case FieldKind::kRelationBucketAggregate:
      case FieldKind::kRowsCount:
      case FieldKind::kAggregateColumn:
      case FieldKind::kAggregateTimePart:
      case FieldKind::kAggregateMeasurement:
      case FieldKind::kFunctionCall:
      case FieldKind::kDynamicJoin:
      case FieldKind::kAggregateCall:
      case FieldKind::kAggregateFunction:
      case FieldKind::kAggregateRelation:
      case FieldKind::kSubAggregate:
      case FieldKind::kBucketKey:
      case FieldKind::kBucketAggregations: return true;
      default: return false;
    }
  }

  // A server knows distances of its own vectors, not those of arrays of numbers.
  static bool IsForeignDistance(const catalog::FieldBinding& binding) {
    const bool is_extra = binding.kind == FieldKind::kMeasurement || binding.kind == FieldKind::kAggregateMeasurement;
    return is_extra && binding.column->kind == ScalarKind::kVector && !IsVectorType(binding.column->sql_type);
  }

  static bool CanCompareVectors(const BoundValue& similarity, const DataObject& object) {
    const Column* column = SimilarityColumn(object, similarity);
    return column != nullptr && HasForm(*column) && IsVectorType(column->sql_type);
  }

  static bool HasForm(const Column& column) {
    if (column.no_pushdown || column.kind == ScalarKind::kH3Cell) return false;
    // Other types than PostGIS's own may stand in a database without PostGIS.
    return column.kind != ScalarKind::kGeometry || column.sql_type.starts_with("geo");
  }

  // What is compared freely here may have no operator there (text and UUID), or another sense (instants without zone).
  static bool CanCompare(const Column& left, const Column& right) {
    if (left.sql_type.empty() || right.sql_type.empty()) return true;
    if (IsNumber(left.kind) && IsNumber(right.kind)) return true;
    if (IsTextType(left.sql_type) && IsTextType(right.sql_type)) return true;
    return WithoutModifier(left.sql_type) == WithoutModifier(right.sql_type);
  }

  static bool IsNumber(ScalarKind kind) {
    return kind == ScalarKind::kInt || kind == ScalarKind::kBigInt || kind == ScalarKind::kFloat;
  }

  bool Own(const DataObject& object) const {
    if (object.source != &source_ || object.no_pushdown) return false;
    return access_ == nullptr || RuleFits(object, access_->FilterOf(object, auth::Operation::kQuery));
  }

  // Inside a rule no other rule applies.
  bool RuleFits(const DataObject& object, const std::string& filter) const {
    if (access_ == nullptr || filter.empty()) return true;
    Statement statement(Postgres());
    std::vector<SessionValue> guard;
    const auto bound = ReadRuleFilter(statement, access_->schema(), object, filter, guard);
    return !bound || PushdownCheck(source_, nullptr).Filter(*bound, object);
  }

  bool Related(const Relation& relation) const {
    if (relation.call != nullptr && relation.call->function->source != &source_) return false;
    const std::string* filter = access_ == nullptr ? nullptr : access_->FilterOf(relation);
    if (filter != nullptr && !RuleFits(*relation.to, *filter)) return false;
    for (std::size_t i = 0; i < relation.from_columns.size() && i < relation.to_columns.size(); ++i) {
      const bool is_direct = relation.junction == nullptr;
      if (is_direct && !CanCompare(*relation.from_columns[i], *relation.to_columns[i])) return false;
    }
    return Own(*relation.to) && (relation.junction == nullptr || Own(*relation.junction));
  }

  // Also the value of a combinator or a quantifier, whose members are those of a filter again.
  bool Filter(const BoundValue& filter, const DataObject& object) const {
    for (const auto& [name, value] : filter.fields) {
      const Relation* relation = object.FindRelation(name);
      if (relation != nullptr && !Related(*relation)) return false;
      if (const Column* column = object.FindColumn(name)) {
        if (!HasForm(*column)) return false;
        continue;
      }
      if (!Filter(value, relation == nullptr ? object : *relation->to)) return false;
    }
    for (const BoundValue& item : filter.items) {
      if (!Filter(item, object)) return false;
    }
    return true;
  }

  // A sort path may lead over relations that are not selected.
  bool Order(const BoundValue& order, const DataObject& object) const {
    const BoundValue* path = order.Find("field");
    const DataObject* at = &object;
    for (const std::string_view part : SplitText(path == nullptr ? "" : path->text, '.')) {
      const Relation* relation = at->FindRelation(part);
      if (relation == nullptr) break;
      if (!Related(*relation)) return false;
      at = relation->to;
    }
    for (const BoundValue& item : order.items) {
      if (!Order(item, object)) return false;
    }
    return true;
  }

  // Arrays of arrays are rectangular there.
  static bool HasListOfLists(const BoundValue& shape, bool in_list) {
    const bool is_list = shape.kind == BoundKind::kList;
    if (is_list && in_list) return true;
    for (const auto& [name, value] : shape.fields) {
      if (HasListOfLists(value, false)) return true;
    }
    for (const BoundValue& item : shape.items) {
      if (HasListOfLists(item, is_list)) return true;
    }
    return false;
  }

  const catalog::Source& source_;
  const Access* const access_;
};

// The same for a function; what is selected below it must not lead elsewhere.
std::string FunctionSource(const BoundField& root) {
  const catalog::Function& function = *root.binding->function;
  if (function.source->type != "postgres") return {};
  const PushdownCheck check(*function.source, root.access.get());
  for (const BoundField& child : root.children) {
    if (function.rows == nullptr || !check.Field(child, *function.rows)) return {};
  }
  return function.source->name;
}

}  // namespace

std::string PushdownSource(const BoundField& root) {
  if (root.binding != nullptr && root.binding->function != nullptr) return FunctionSource(root);
  const DataObject* object = root.binding == nullptr ? nullptr : root.binding->object;
  if (object == nullptr || object->source == nullptr || object->source->type != "postgres") return {};
  return PushdownCheck(*object->source, root.access.get()).Field(root, *object) ? object->source->name : std::string();
}

bool StaysInSource(const BoundField& field, const catalog::DataObject& object, const Access* access) {
  return !field.no_pushdown && !object.no_pushdown && PushdownCheck(*object.source, access).Arguments(field, object);
}

}  // namespace eider::planner
