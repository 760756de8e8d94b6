#include "planner/field_value.h"

#include "planner/call.h"

namespace eider::planner {

using catalog::Column;
using catalog::FieldKind;

Value FieldValue(Statement& statement, const BoundField& field, const catalog::DataObject& object,
                 std::string_view alias) {
  const catalog::FieldBinding& binding = *field.binding;
  switch (binding.kind) {
    case FieldKind::kColumn:
    case FieldKind::kAggregateColumn:
      return ApplyFieldArguments(statement, field, ShownValue(statement, object, *binding.column, alias));
    case FieldKind::kTimePart:
    case FieldKind::kAggregateTimePart:
    case FieldKind::kMeasurement:
    case FieldKind::kAggregateMeasurement:
      return ExtraValue(statement, field, ColumnValue(object, *binding.column, alias));
    case FieldKind::kFunctionCall:
    case FieldKind::kAggregateCall: {
      const auto column = [&](const Column& mapped) { return ColumnValue(object, mapped, alias).sql; };
      return CallValue(statement, *binding.call->function, {&field, binding.call, column, std::string(alias)});
    }
    default: return {};
  }
}

}  // namespace eider::planner
