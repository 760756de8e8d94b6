#include "graphql/introspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <chrono>

#include "graphql/test_schema.h"
#include "graphql/validate.h"

namespace eider::graphql {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Schema& Library() {
  static const SchemaPtr schema = testing::MakeSchema(testing::kLibrarySdl);
  return *schema;
}

constexpr char kStandardQuery[] = R"graphql(
query IntrospectionQuery { __schema {
  description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
  types { ...FullType }
  directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
fragment FullType on __Type { kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }
)graphql";

std::string Introspect(const Schema& schema, const std::string& text, const IntrospectionOptions& options = {}) {
  auto document = *Parse(text);
  const auto errors = Validate(schema, *document);
  if (!errors.empty()) return errors[0].message;
  const Variables variables;
  const CollectContext context{schema, *document, variables};
  const auto fields = CollectFields(context, *schema.query(), document->operations()[0]->selections);
  EXPECT_TRUE(IsIntrospection(schema, fields[0]));
  std::string out;
  const auto result = WriteIntrospection(context, fields[0], options, &out);
  return result ? out : result.error().message;
}

TEST(IntrospectionTest, DescribesOneType) {
  EXPECT_EQ(
      Introspect(
          Library(),
          "{ __type(name: \"OrderByField\") { kind name k: __typename fields { name } isOneOf inputFields { name "
          "defaultValue type { kind name ofType { name } } } } }"),
      R"({"kind":"INPUT_OBJECT","name":"OrderByField","k":"__Type","fields":null,"isOneOf":false,"inputFields":[)"
      R"({"name":"field","defaultValue":null,"type":{"kind":"NON_NULL","name":null,"ofType":{"name":"String"}}},)"
      R"({"name":"direction","defaultValue":"ASC","type":{"kind":"ENUM","name":"OrderDirection","ofType":null}}]})");
  EXPECT_EQ(Introspect(Library(), "{ __type(name: \"Nope\") { name } }"), "null");
  EXPECT_EQ(Introspect(Library(), "{ __type(name: \"Node\") { possibleTypes { name } interfaces { name } } }"),
            R"({"possibleTypes":[{"name":"lib_authors"},{"name":"lib_books"}],"interfaces":[]})");
}

TEST(IntrospectionTest, ShowsDeprecatedOnRequest) {
  EXPECT_THAT(Introspect(Library(), "{ __type(name: \"lib_books\") { fields { name } } }"), Not(HasSubstr("old")));
  EXPECT_THAT(Introspect(Library(),
                         "{ __type(name: \"lib_books\") { fields(includeDeprecated: true) { name isDeprecated "
                         "deprecationReason } } }"),
              HasSubstr(R"({"name":"old","isDeprecated":true,"deprecationReason":"gone"})"));
}

TEST(IntrospectionTest, ShowsTheExtraFields) {
  SchemaBuilder builder;
  TypeBuilder* query = builder.Define(TypeKind::kObject, "Query");
  query->HugrType("query").Module("lib").Catalog("lib");
  query->AddField({.name = "a",
                   .type = builder.Ref("Int"),
                   .hugr_type = "select",
                   .catalog = "lib",
                   .field_kind = "table",
                   .mcp_exclude = true});
  query->AddField({.name = "_stub", .type = builder.Ref("Int")});
  const auto schema = *builder.Build();
  EXPECT_EQ(Introspect(*schema,
                       "{ __type(name: \"Query\") { hugr_type module catalog fields { name hugr_type catalog "
                       "mcp_exclude field_kind } } }"),
            R"({"hugr_type":"query","module":"lib","catalog":"lib","fields":[)"
            R"({"name":"a","hugr_type":"select","catalog":"lib","mcp_exclude":true,"field_kind":"table"}]})");
}

TEST(IntrospectionTest, AnswersTheStandardQuery) {
  const std::string text = Introspect(Library(), kStandardQuery);
  rapidjson::Document json;
  json.Parse(text.c_str());
  ASSERT_FALSE(json.HasParseError()) << text.substr(0, 300);
  EXPECT_STREQ(json["queryType"]["name"].GetString(), "Query");
  EXPECT_EQ(json["types"].Size(), Library().types().size());
  EXPECT_THAT(
      text,
      HasSubstr(
          R"("name":"ids","description":null,"type":{"kind":"LIST","name":null,"ofType":{"kind":"NON_NULL","name":null,"ofType":{"kind":"SCALAR","name":"Int","ofType":null}}})"));
}

TEST(IntrospectionTest, BoundsRecursion) {
  IntrospectionOptions options;
  options.max_depth = 3;
  EXPECT_EQ(
      Introspect(Library(), "{ __type(name: \"Lib\") { fields { name type { name fields { name } } } } }", options)
          .substr(0, 60),
      R"({"fields":[{"name":"books","type":{"name":null,"fields":null)");
  options = {};
  options.max_output_bytes = 1000;
  EXPECT_EQ(Introspect(Library(), kStandardQuery, options), "Introspection result is larger than 1000 bytes");
}

class HidesAuthors : public Visibility {
 public:
  bool IsVisible(const Type& type) const override { return type.name != "lib_authors"; }
  bool IsVisible(const Type&, const Field& field) const override { return field.name != "price"; }
  bool IsVisible(const Type&, const InputValue& field) const override { return field.name != "_not"; }
  bool IsVisible(const Type&, const Field&, const InputValue& argument) const override {
    return argument.name != "limit";
  }
};

TEST(IntrospectionTest, HidesWhatARoleMayNotSee) {
  const HidesAuthors visibility;
  IntrospectionOptions options;
  options.visibility = &visibility;
  const std::string text = Introspect(Library(), kStandardQuery, options);
  EXPECT_THAT(text, Not(HasSubstr("lib_authors")));
  EXPECT_THAT(text, Not(HasSubstr("\"author\"")));
  EXPECT_THAT(text, Not(HasSubstr("\"price\"")));
  EXPECT_THAT(text, Not(HasSubstr("\"_not\"")));
  EXPECT_THAT(text, Not(HasSubstr("\"limit\"")));
  EXPECT_THAT(text, HasSubstr("\"books_by_pk\""));
  EXPECT_EQ(Introspect(Library(), "{ __type(name: \"lib_authors\") { name } }", options), "null");
}

}  // namespace
}  // namespace eider::graphql
