#include "planner/order.h"

#include <span>

#include "base/text.h"
#include "planner/access.h"
#include "planner/aggregate.h"
#include "planner/dialect.h"
#include "planner/field_value.h"
#include "planner/filter.h"
#include "planner/json_template.h"
#include "planner/level.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::FieldKind;
using catalog::Relation;
using catalog::ScalarKind;
using Path = std::span<const std::string_view>;

std::vector<OrderTerm> ReadOrder(Statement& statement, const BoundValue& order) {
  std::vector<OrderTerm> terms;
  auto read = [&](const BoundValue& entry) {
    if (entry.IsNull()) return;
    const BoundValue* field = entry.Find("field");
    const BoundValue* direction = entry.Find("direction");
    if (field == nullptr || field->IsNull()) {
      statement.Fail(entry.position, "order_by needs a \"field\"");
      return;
    }
    terms.push_back({field->text, direction != nullptr && direction->text == "DESC", field->position});
  };
  if (order.kind == BoundKind::kObject) read(order);
  for (const BoundValue& entry : order.items) read(entry);
  return terms;
}

namespace {

const BoundField* FindSelected(const std::vector<BoundField>& selection, std::string_view name) {
  for (const BoundField& field : selection) {
    if (field.response_name == name) return &field;
  }
  return nullptr;
}

// The order of hashes means nothing.
bool IsHashedKey(const Column* column) { return column != nullptr && column->secret == catalog::SecretKind::kKey; }

class OrderCompiler {
 public:
  explicit OrderCompiler(Statement& statement) : statement_(statement) {}

  Value Compile(const DataObject& object, std::string_view alias, const std::vector<BoundField>& selection, Path path) {
    const BoundField* selected = FindSelected(selection, path[0]);
    if (IsHashedKey(object.FindColumn(path[0])) ||
        (selected != nullptr && selected->binding != nullptr && IsHashedKey(selected->binding->column))) {
      return {};
    }
    if (selected != nullptr && selected->binding != nullptr) return Selected(object, alias, *selected, path);
    CheckFieldAllowed(statement_, object.name, path[0]);
    if (const Column* column = object.FindColumn(path[0])) {
      return Member(ColumnValue(object, *column, alias), {}, path.subspan(1));
    }
    const Relation* relation = object.FindRelation(path[0]);
    if (relation != nullptr && relation->single && path.size() > 1) {
      return Related(*relation, alias, {}, nullptr, path.subspan(1));
    }
    return {};
  }

 private:
  Value Selected(const DataObject& object, std::string_view alias, const BoundField& field, Path path) {
    const catalog::FieldBinding& binding = *field.binding;
    switch (binding.kind) {
      case FieldKind::kColumn: {
        Value value = ApplyFieldArguments(statement_, field, ColumnValue(object, *binding.column, alias));
        const BoundValue* shape = field.Argument("struct");
        if (shape != nullptr && !shape->IsNull()) {
          return TemplateLeaf(*shape, value, path.subspan(1));
        }
        return Member(value, field.children, path.subspan(1));
      }
      case FieldKind::kTimePart:
      case FieldKind::kMeasurement:
        if (path.size() > 1) return {};
        return ExtraValue(statement_, field, ColumnValue(object, *binding.column, alias));
      case FieldKind::kRelation:
        if (!binding.relation->single || path.size() < 2) return {};
        return Related(*binding.relation, alias, field.children, &field, path.subspan(1));
      case FieldKind::kRelationAggregate: return Aggregated(alias, field, path.subspan(1));
      case FieldKind::kFunctionCall:
        return path.size() > 1 ? Value{} : Member(FieldValue(statement_, field, object, alias), {}, {});
      case FieldKind::kDynamicSpatial:
      case FieldKind::kDynamicJoin:
        return path.size() < 2 ? Value{} : Compile(object, alias, field.children, path.subspan(1));
      default: return {};
    }
  }

  // A leaf of a JSON template.
  Value TemplateLeaf(const BoundValue& shape, const Value& json, Path path) {
    const BoundValue* leaf = &shape;
    for (const std::string_view name : path) leaf = leaf == nullptr ? nullptr : leaf->Find(name);
    const TemplateWord* word = leaf == nullptr ? nullptr : FindTemplateWord(*leaf);
    if (word == nullptr || path.empty()) return {};
    const std::vector<std::string_view> names(path.begin(), path.end());
    return {statement_.dialect().JsonTemplateLeaf(statement_, shape, json.sql, names), word->kind};
  }

  // A member of a structural value; a scalar when the path ends here.
  Value Member(const Value& value, const std::vector<BoundField>& selection, Path path) {
    if (value.is_list || value.kind == ScalarKind::kGeometry) return {};
    if (value.kind != ScalarKind::kStruct) return path.empty() && value.kind != ScalarKind::kJson ? value : Value{};
    if (path.empty()) return {};
    const BoundField* selected = FindSelected(selection, path[0]);
    const Column* member = selected != nullptr && selected->binding != nullptr ? selected->binding->column
                                                                               : value.structure->Find(path[0]);
    if (member == nullptr) return {};
    if (selected == nullptr) CheckFieldAllowed(statement_, value.structure->name, path[0]);
    static const std::vector<BoundField> kNone;
    const Value next = selected != nullptr && selected->binding != nullptr && selected->binding->column == member
                           ? SelectedMember(statement_, value, *selected)
                           : MemberValue(statement_, value, *member);
    return Member(next, selected == nullptr ? kNone : selected->children, path.subspan(1));
  }

  Value Related(const Relation& relation, std::string_view alias, const std::vector<BoundField>& selection,
                const BoundField* field, Path path) {
    const std::string target = statement_.Name("t");
    const RelatedRows rows = RelatedTo(statement_, relation, alias, target, field);
    Value value = Compile(*relation.to, target, selection, path);
    if (value.sql.empty()) return {};
    if (!IsUniqueKey(*relation.to, relation.to_columns)) {
      value.sql = statement_.dialect().Aggregate({"any", value, false, {}, {}, {}});
    }
    const std::string where = JoinConditions(
        {rows.condition, VisibleSql(*relation.to, target, field != nullptr && field->with_deleted)}, "AND");
    value.sql = "(SELECT " + value.sql + " FROM " + rows.from + " WHERE " + where + ")";
    value.non_null = false;
    return value;
  }

  // `books_aggregation._rows_count`, `books_aggregation.price.avg`.
  Value Aggregated(std::string_view alias, const BoundField& field, Path path) {
    const Relation& relation = *field.binding->relation;
    const std::string target = statement_.Name("t");
    const RelatedRows rows = RelatedTo(statement_, relation, alias, target, &field);
    Value value = Aggregate(*relation.to, target, field.children, path);
    if (value.sql.empty()) return {};
    std::vector<std::string> conditions{rows.condition, VisibleSql(*relation.to, target, field.with_deleted)};
    if (const BoundValue* filter = field.Argument("filter")) {
      conditions.push_back(FilterSql(statement_, *relation.to, target, *filter));
    }
    // Without related rows the aggregation is null, and so is its count.
    const std::string shown = value.sql == "count(*)" ? "nullif(count(*), 0)" : value.sql;
    value.sql = "(SELECT " + shown + " FROM " + rows.from + " WHERE " + JoinConditions(conditions, "AND") + ")";
    value.non_null = false;
    return value;
  }

  Value Aggregate(const DataObject& object, std::string_view alias, const std::vector<BoundField>& selection,
                  Path path) {
    if (path.empty()) return {};
    const BoundField* field = FindSelected(selection, path[0]);
    if (field == nullptr || field->binding == nullptr) return {};
    if (field->binding->kind == FieldKind::kRowsCount) return {"count(*)", ScalarKind::kBigInt};
    Value value = FieldValue(statement_, *field, object, alias);
    for (path = path.subspan(1); path.size() > 1 && value.kind == ScalarKind::kStruct; path = path.subspan(1)) {
      field = FindSelected(field->children, path[0]);
      if (field == nullptr || field->binding == nullptr || field->binding->column == nullptr) return {};
      value = SelectedMember(statement_, value, *field);
    }
    if (path.size() != 1 || value.sql.empty()) return {};
    const BoundField* function = FindSelected(field->children, path[0]);
    if (function == nullptr || function->binding == nullptr) return {};
    return AggregateCall(statement_, *function, value, {});
  }

  Statement& statement_;
};

}  // namespace

Value OrderValue(Statement& statement, const DataObject& object, std::string_view alias,
                 const std::vector<BoundField>& selection, const OrderTerm& term) {
  const std::vector<std::string_view> path = SplitText(term.path, '.');
  Value value;
  if (!path.empty()) value = OrderCompiler(statement).Compile(object, alias, selection, path);
  if (value.sql.empty()) statement.Fail(term.position, "field " + term.path + " not found or not sortable");
  return value;
}

}  // namespace eider::planner
