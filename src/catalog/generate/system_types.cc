#include "catalog/generate/system_types.h"

#include "base/check.h"
#include "catalog/scalars.h"
#include "graphql/parser.h"

namespace eider::catalog {
namespace {

using graphql::SchemaBuilder;
using graphql::TypeBuilder;
using graphql::TypeRef;

constexpr std::string_view kFunctions[] = {"count",   "sum",          "avg",   "min",        "max",
                                           "list",    "any",          "last",  "string_agg", "bool_and",
                                           "bool_or", "intersection", "union", "extent"};

constexpr std::string_view kUnits[] = {"Int",  "BigInt",    "Float",    "String", "Boolean", "Date",
                                       "Time", "Timestamp", "DateTime", "JSON",   "Geometry"};

// Binds every aggregate function of the type called `name`.
void BindFunctions(SchemaBuilder& builder, BindingStore& bindings, std::string_view name) {
  TypeBuilder* type = builder.Find(name);
  if (type == nullptr) return;
  type->HugrType("aggregation");
  for (const std::string_view function : kFunctions) {
    if (graphql::Field* field = type->FindField(function)) {
      field->annotation = bindings.ForFunction(FieldKind::kAggregateFunction, function);
    }
  }
}

// A reference to `name` when the system defines it.
TypeRef Known(SchemaBuilder& builder, const std::string& name) {
  TypeBuilder* type = builder.Find(name);
  return type == nullptr ? TypeRef() : type->ref();
}

ScalarTypes TypesOf(SchemaBuilder& builder, ScalarKind kind) {
  const std::string family(FilterFamily(kind));
  ScalarTypes types;
  if (family.empty()) return types;
  if (!ScalarName(kind).empty()) types.scalar = builder.Ref(ScalarName(kind));
  types.filter = Known(builder, family + "Filter");
  types.list_filter = Known(builder, family + "ListFilter");
  types.aggregation = Known(builder, family + "Aggregation");
  types.sub_aggregation = Known(builder, family + "SubAggregation");
  types.sub_sub_aggregation = Known(builder, family + "SubAggregationSubAggregation");
  return types;
}

void AddArguments(SchemaBuilder& builder, SystemTypes& system) {
  const TypeRef bucket = builder.Ref("TimeBucket");
  const TypeRef interval = builder.Ref("Interval");
  system.date_arguments = builder.Arguments({{"bucket", bucket, "Truncates to the start of this period."}});
  system.time_arguments = builder.Arguments({{"bucket", bucket, "Truncates to the start of this period."},
                                             {"bucket_interval", interval, "Truncates to a period of this length."}});
  system.json_arguments = builder.Arguments({{"struct", builder.Ref("JSON"), "A template of the parts to extract."}});
  system.part_arguments = builder.Arguments({{"extract", builder.Ref("TimeExtract").NonNull(), "The part."},
                                             {"extract_divide", system.integer, "Divides the part by this integer."}});
}

// What time fields take anyway, before what cubes and hypertables add.
std::vector<graphql::InputValueSpec> TimeArguments(SchemaBuilder& builder, ScalarKind kind) {
  std::vector<graphql::InputValueSpec> arguments;
  const bool is_moment = kind == ScalarKind::kTimestamp || kind == ScalarKind::kDateTime;
  if (is_moment || kind == ScalarKind::kDate) {
    arguments.push_back({"bucket", builder.Ref("TimeBucket"), "Truncates to the start of this period."});
  }
  if (is_moment) {
    arguments.push_back({"bucket_interval", builder.Ref("Interval"), "Truncates to a period of this length."});
  }
  return arguments;
}

void AddCubeArguments(SchemaBuilder& builder, SystemTypes& system) {
  for (const ScalarKind kind :
       {ScalarKind::kInt, ScalarKind::kBigInt, ScalarKind::kFloat, ScalarKind::kString, ScalarKind::kBoolean,
        ScalarKind::kDate, ScalarKind::kTime, ScalarKind::kTimestamp, ScalarKind::kDateTime}) {
    auto arguments = TimeArguments(builder, kind);
    arguments.push_back({"measurement_func", builder.Ref(std::string(ScalarName(kind)) + "MeasurementAggregation"),
                         "Aggregates the rows that are alike in what is selected without a function."});
    system.measured_arguments[static_cast<size_t>(kind)] = builder.Arguments(arguments);
  }
  for (const ScalarKind kind : {ScalarKind::kDate, ScalarKind::kTimestamp, ScalarKind::kDateTime}) {
    auto arguments = TimeArguments(builder, kind);
    arguments.push_back({"gapfill", system.boolean, "Adds the periods without rows, where the source can."});
    system.gapfill_arguments[static_cast<size_t>(kind)] = builder.Arguments(arguments);
  }
}

void AddGeometryArguments(SchemaBuilder& builder, SystemTypes& system) {
  const TypeRef number = builder.Ref("Float");
  system.geometry_arguments =
      builder.Arguments({{"transforms", builder.Ref("GeometryTransform").NonNull().List(),
                          "What is done to the geometry, in this order."},
                         {"from", system.integer, "The SRID of the geometry; without it the field's own."},
                         {"to", system.integer, "The SRID that Transform gives."},
                         {"buffer", number, "The distance of Buffer, in the units of the SRID."},
                         {"simplify_factor", number, "The tolerance of Simplify and SimplifyTopology."}});
  system.measurement_arguments =
      builder.Arguments({{"type", builder.Ref("GeometryMeasurementTypes").NonNull(), "What is measured."},
                         {"transform", system.boolean, "Reprojects the geometry first."},
                         {"from", system.integer, "The SRID of the geometry; without it the field's own."},
                         {"to", system.integer, "The SRID to measure in."}});
}

void AddVectorArguments(SchemaBuilder& builder, SystemTypes& system) {
  system.distance_arguments =
      builder.Arguments({{"vector", builder.Ref("Vector").NonNull(), "The other vector, of the same length."},
                         {"distance", builder.Ref("VectorDistanceType").NonNull(), "What is measured."}});
  system.similarity = builder.Ref("VectorSearchInput");
}

}  // namespace

SystemTypes AddSystemTypes(SchemaBuilder& builder, BindingStore& bindings) {
  auto document = graphql::ParseSdl(SystemSdl(), "system.graphql");
  EIDER_CHECK(document.has_value());
  builder.AddSdl(**document);
  builder.Keep(*document);
  for (const std::string_view unit : kUnits) {
    BindFunctions(builder, bindings, std::string(unit) + "Aggregation");
    BindFunctions(builder, bindings, std::string(unit) + "SubAggregation");
    BindFunctions(builder, bindings, std::string(unit) + "SubAggregationSubAggregation");
  }
  SystemTypes system;
  for (size_t kind = 0; kind < system.scalars.size(); ++kind) {
    system.scalars[kind] = TypesOf(builder, static_cast<ScalarKind>(kind));
  }
  system.string = builder.Ref("String");
  system.integer = builder.Ref("Int");
  system.big_integer = builder.Ref("BigInt");
  system.boolean = builder.Ref("Boolean");
  system.operation_result = builder.Ref("OperationResult");
  system.order_by = builder.Ref("OrderByField").List();
  system.rows_count_aggregation = builder.Ref("BigIntAggregation");
  system.rows_count_sub_aggregation = builder.Ref("BigIntSubAggregation");
  AddArguments(builder, system);
  AddGeometryArguments(builder, system);
  AddVectorArguments(builder, system);
  AddCubeArguments(builder, system);
  return system;
}

}  // namespace eider::catalog
