#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "graphql/introspection.h"
#include "graphql/parser.h"
#include "graphql/schema_builder.h"
#include "graphql/validate.h"

namespace eider::graphql {
namespace {

// A schema of the size 1,000 tables with 20 columns bring: about 11,000 types and 280,000 members.
SchemaPtr MakeLargeSchema() {
  SchemaBuilder builder;
  const TypeRef int_type = builder.Ref("Int");
  const TypeRef scalars[] = {int_type, builder.Ref("String"), builder.Ref("Float"), builder.Ref("Boolean")};
  TypeBuilder* query = builder.Define(TypeKind::kObject, "Query");
  builder.Define(TypeKind::kInputObject, "IntFilter")->AddInputField({.name = "eq", .type = int_type});
  const TypeRef filter = builder.Ref("IntFilter");
  for (int t = 0; t < 1000; ++t) {
    const std::string name = fmt::format("library_table_{}", t);
    const auto arguments = builder.Arguments({{.name = "filter", .type = builder.Ref(name + "_filter")},
                                              {.name = "order_by", .type = builder.Ref("String").List()},
                                              {.name = "limit", .type = int_type, .default_text = "2000"},
                                              {.name = "offset", .type = int_type, .default_text = "0"},
                                              {.name = "distinct_on", .type = builder.Ref("String").List()}});
    for (const char* suffix : {"", "_aggregation", "_sub_aggregation", "_sub_sub_aggregation", "_bucket", "_extra"}) {
      TypeBuilder* type = builder.Define(TypeKind::kObject, name + suffix);
      type->Description("A table of the library").Module("lib").Catalog("lib").HugrType("table");
      for (int c = 0; c < 20; ++c) {
        type->AddField({.name = fmt::format("column_{}", c),
                        .type = scalars[c % 4].NonNull(),
                        .description = fmt::format("Column {} of table {}", c, t),
                        .hugr_type = "column",
                        .catalog = "lib"});
      }
      for (int r = 0; r < 4; ++r) {
        const TypeRef target = builder.Ref(fmt::format("library_table_{}", (t + r) % 1000));
        type->AddField({.name = fmt::format("relation_{}", r),
                        .type = target.List(),
                        .arguments = arguments,
                        .hugr_type = "select",
                        .catalog = "lib"});
      }
    }
    for (const char* suffix : {"_filter", "_list_filter", "_mut_input_data", "_mut_data", "_args"}) {
      TypeBuilder* type = builder.Define(TypeKind::kInputObject, name + suffix);
      for (int c = 0; c < 24; ++c) type->AddInputField({.name = fmt::format("column_{}", c), .type = filter});
    }
    query->AddField({.name = name, .type = builder.Ref(name).List(), .arguments = arguments});
    query->AddField({.name = name + "_by_pk",
                     .type = builder.Ref(name),
                     .arguments = builder.Arguments({{.name = "id", .type = int_type.NonNull()}})});
  }
  return *builder.Build();
}

const SchemaPtr& LargeSchema() {
  static const SchemaPtr schema = MakeLargeSchema();
  return schema;
}

constexpr char kQuery[] =
    "query Recent($limit: Int = 20, $id: Int!) {\n  library_table_7(limit: $limit, offset: 10, filter: {column_1: {eq: "
    "$id}}) {\n"
    "    column_0\n    column_1\n    column_2\n    relation_1(limit: 5) {\n      column_3\n      title: column_4\n    "
    "}\n  }\n"
    "  one: library_table_9_by_pk(id: $id) {\n    column_0\n    column_5\n  }\n}\n";

constexpr char kIntrospection[] =
    "{ __schema { queryType { name } mutationType { name } types { kind name description fields(includeDeprecated: "
    "true) "
    "{ name description args { ...I } type { ...T } isDeprecated deprecationReason } inputFields { ...I } interfaces { "
    "...T } "
    "enumValues { name description isDeprecated deprecationReason } possibleTypes { ...T } } directives { name "
    "description locations args { ...I } } } } "
    "fragment I on __InputValue { name description type { ...T } defaultValue } "
    "fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } "
    "} } }";

void BM_Parse(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Parse(kQuery));
}
BENCHMARK(BM_Parse);

void BM_ParseAndValidate(benchmark::State& state) {
  const Schema& schema = *LargeSchema();
  for (auto _ : state) {
    auto document = Parse(kQuery);
    auto errors = Validate(schema, **document);
    if (!errors.empty()) state.SkipWithError(errors[0].message.c_str());
  }
}
BENCHMARK(BM_ParseAndValidate);

void BM_BuildLargeSchema(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(MakeLargeSchema());
}
BENCHMARK(BM_BuildLargeSchema)->Unit(benchmark::kMillisecond);

class ShowsAll : public Visibility {
 public:
  bool IsVisible(const Type&) const override { return true; }
  bool IsVisible(const Type&, const Field&) const override { return true; }
  bool IsVisible(const Type&, const InputValue&) const override { return true; }
  bool IsVisible(const Type&, const Field&, const InputValue&) const override { return true; }
};

void Introspect(benchmark::State& state, const IntrospectionOptions& options) {
  const Schema& schema = *LargeSchema();
  const auto document = *Parse(kIntrospection);
  const Variables variables;
  const CollectContext context{schema, *document, variables};
  const auto fields = CollectFields(context, *schema.query(), document->operations()[0]->selections);
  size_t bytes = 0;
  for (auto _ : state) {
    std::string out;
    if (!WriteIntrospection(context, fields[0], options, &out)) state.SkipWithError("failed");
    bytes = out.size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}

void BM_IntrospectLargeSchema(benchmark::State& state) { Introspect(state, {}); }
BENCHMARK(BM_IntrospectLargeSchema)->Unit(benchmark::kMillisecond);

void BM_IntrospectLargeSchemaAsRole(benchmark::State& state) {
  const ShowsAll visibility;
  IntrospectionOptions options;
  options.visibility = &visibility;
  Introspect(state, options);
}
BENCHMARK(BM_IntrospectLargeSchemaAsRole)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace eider::graphql
