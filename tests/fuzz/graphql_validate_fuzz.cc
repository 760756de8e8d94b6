// Any bytes as a request, and as a schema: what validates can be collected, coerced and introspected.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "graphql/collect.h"
#include "graphql/introspection.h"
#include "graphql/parser.h"
#include "graphql/print.h"
#include "graphql/schema_builder.h"
#include "graphql/validate.h"

namespace {

using namespace eider::graphql;

constexpr char kSchema[] = R"graphql(
directive @tag(name: String!) repeatable on FIELD | FRAGMENT_SPREAD | QUERY
scalar JSON
enum E { A B }
input I { a: Int! = 1 b: [I!] c: E d: JSON n: Float! }
input P @oneOf { i: Int s: String }
interface N { id: Int! }
type A implements N { id: Int! x(i: I, p: P): String a: A n: [N] u: U }
type B implements N { id: Int! x: Int e: E l: [[Int!]!] }
union U = A | B
type Query { a(i: Int, s: String, l: [Int!], o: I): A n: N u: U e: E q: Query }
type Mutation { m(o: I!): Int }
type Subscription { s: Int t: A }
)graphql";

SchemaPtr MakeSchema() {
  SchemaBuilder builder;
  builder.AddSdl(**ParseSdl(kSchema));
  return *builder.Build();
}

void CollectAll(const CollectContext& context, const std::vector<CollectedField>& fields) {
  for (const CollectedField& field : fields) {
    (void)ResolveArguments(field.definition->arguments, field.node().arguments, context.variables,
                           context.variables.arena());
    const Type& type = *field.definition->type.named();
    if (IsIntrospection(context.schema, field)) {
      std::string out;
      (void)WriteIntrospection(context, field, {.max_output_bytes = 1 << 20}, &out);
    } else if (type.kind == TypeKind::kObject) {
      CollectAll(context, CollectSubfields(context, type, field));
    } else {
      for (const Type* possible : type.possible_types) CollectAll(context, CollectSubfields(context, *possible, field));
    }
  }
}

void TrySchema(const std::string& text) {
  const auto document = ParseSdl(text);
  if (!document) return;
  SchemaBuilder builder;
  builder.AddSdl(**document);
  const auto schema = builder.Build();
  if (!schema) return;
  const std::string printed = PrintSdl(**schema);
  SchemaBuilder again;
  const auto reread = ParseSdl(printed);
  if (printed == "\n") return;
  if (!reread) std::abort();
  again.AddSdl(**reread);
  const auto second = again.Build();
  if (!second || PrintSdl(**second) != printed) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const SchemaPtr schema = MakeSchema();
  const std::string text(reinterpret_cast<const char*>(data), size);
  TrySchema(text);
  const auto document = Parse(text);
  if (!document || !Validate(*schema, **document, {.max_expanded_fields = 2000}).empty()) return 0;
  for (const OperationDefinition* operation : (*document)->operations()) {
    const auto variables = CoerceVariables(*schema, **document, *operation, static_cast<const Value*>(nullptr));
    if (!variables) continue;
    const CollectContext context{*schema, **document, *variables};
    CollectAll(context, CollectFields(context, *schema->root(operation->kind), operation->selections));
  }
  return 0;
}
