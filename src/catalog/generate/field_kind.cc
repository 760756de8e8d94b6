#include "catalog/generate/field_kind.h"

#include "catalog/model.h"

namespace eider::catalog {

std::string_view FieldKindName(const graphql::Annotation* binding) {
  if (binding == nullptr) return {};
  switch (static_cast<const FieldBinding*>(binding)->kind) {
    case FieldKind::kModule: return "module";
    case FieldKind::kSelect:
    case FieldKind::kSelectByPk:
    case FieldKind::kSelectUnique: return "query";
    case FieldKind::kAggregate:
    case FieldKind::kSourceFunctionAggregate:
    case FieldKind::kRelationAggregate:
    case FieldKind::kSubAggregate:
    case FieldKind::kAggregateRelation: return "aggregation";
    case FieldKind::kBucketAggregate:
    case FieldKind::kSourceFunctionBucketAggregate:
    case FieldKind::kRelationBucketAggregate: return "bucket_aggregation";
    case FieldKind::kInsert:
    case FieldKind::kInsertMany:
    case FieldKind::kUpsert:
    case FieldKind::kUpsertMany:
    case FieldKind::kUpdate:
    case FieldKind::kDelete: return "mutation";
    case FieldKind::kFunction:
    case FieldKind::kMutationFunction:
    case FieldKind::kSourceFunction:
    case FieldKind::kSourceMutationFunction:
    case FieldKind::kFunctionCall: return "function";
    case FieldKind::kColumn: {
      const Column* column = static_cast<const FieldBinding*>(binding)->column;
      return column != nullptr && !column->sql.empty() ? "computed" : "column";
    }
    case FieldKind::kTimePart:
    case FieldKind::kMeasurement: return "extra";
    case FieldKind::kRelation: return "relation";
    case FieldKind::kDynamicJoin:
    case FieldKind::kDynamicSpatial: return "join";
    case FieldKind::kJq:
    case FieldKind::kLogical: return "system";
    case FieldKind::kAggregateColumn:
    case FieldKind::kAggregateTimePart:
    case FieldKind::kAggregateMeasurement:
    case FieldKind::kAggregateCall:
    case FieldKind::kAggregateFunction:
    case FieldKind::kRowsCount: return "aggregate";
    default: return {};
  }
}

}  // namespace eider::catalog
