#include "graphql/collect.h"

#include <gtest/gtest.h>

#include "graphql/test_schema.h"
#include "graphql/validate.h"

namespace eider::graphql {
namespace {

const Schema& Library() {
  static const SchemaPtr schema = testing::MakeSchema(testing::kLibrarySdl);
  return *schema;
}

void Describe(const CollectContext& context, const std::vector<CollectedField>& fields, std::string* out) {
  for (const CollectedField& field : fields) {
    if (!out->empty() && !out->ends_with("{")) out->push_back(' ');
    out->append(field.response_name);
    if (field.response_name != field.name()) out->append(":").append(field.name());
    const Type& type = *field.definition->type.named();
    if (type.kind != TypeKind::kObject) continue;
    out->append("{");
    Describe(context, CollectSubfields(context, type, field), out);
    out->append("}");
  }
}

std::string Collect(const std::string& text, const char* json = "{}") {
  auto document = *Parse(text);
  EXPECT_TRUE(Validate(Library(), *document).empty());
  const OperationDefinition& operation = *document->operations()[0];
  Arena arena;
  auto variables = CoerceVariables(Library(), *document, operation, *ParseJson(json, arena));
  const CollectContext context{Library(), *document, *variables};
  std::string out;
  Describe(context, CollectFields(context, *Library().query(), operation.selections), &out);
  return out;
}

TEST(CollectTest, MergesInOrderOfFirstAppearance) {
  EXPECT_EQ(Collect("{ lib { books { id } } echo lib { authors { id } books { t: title id } } __typename }"),
            "lib{books{id t:title} authors{id}} echo __typename");
}

TEST(CollectTest, FlattensFragmentsAndAppliesDirectives) {
  EXPECT_EQ(
      Collect(
          "query ($y: Boolean!, $n: Boolean = false) { ...F lib @skip(if: $y) { need } ... @include(if: $n) { echo } "
          "... on Query { e: echo @include(if: $y) } } fragment F on Query { lib { books { ...B @skip(if: false) } } } "
          "fragment B on lib_books { id }",
          R"({"y": true})"),
      "lib{books{id}} e:echo");
}

TEST(CollectTest, AppliesTypeConditions) {
  const auto document =
      *Parse("{ things { ... on Node { n: id } ... on lib_rooms { floor } ... on lib_books { title } __typename } }");
  const Variables variables;
  const CollectContext context{Library(), *document, variables};
  const auto root = CollectFields(context, *Library().query(), document->operations()[0]->selections);
  const auto on = [&](const char* type) {
    std::string names;
    for (const CollectedField& field : CollectSubfields(context, *Library().FindType(type), root[0])) {
      names.append(field.response_name).append(" ");
    }
    return names;
  };
  EXPECT_EQ(on("lib_books"), "n title __typename ");
  EXPECT_EQ(on("lib_rooms"), "floor __typename ");
}

TEST(CollectTest, ManyFieldsAndDirectivesOfAnyNode) {
  std::string text = "{ lib { need @stats } lib { ";
  std::string expected = "lib{need";
  for (int i = 0; i < 40; ++i) {
    const std::string alias = "a" + std::to_string(i % 30);
    text += alias + ": need ";
    if (i < 30) expected += " " + alias + ":need";
  }
  EXPECT_EQ(Collect(text + "need } }"), expected + "}");
  const auto document = *Parse("{ echo echo @cache }");
  const Variables variables;
  const CollectContext context{Library(), *document, variables};
  const auto fields = CollectFields(context, *Library().query(), document->operations()[0]->selections);
  EXPECT_EQ(fields[0].nodes.size(), 2u);
  EXPECT_NE(fields[0].FindDirective("cache"), nullptr);
  EXPECT_EQ(fields[0].FindDirective("stats"), nullptr);
}

}  // namespace
}  // namespace eider::graphql
