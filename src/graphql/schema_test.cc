#include "graphql/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graphql/print.h"
#include "graphql/test_schema.h"

namespace eider::graphql {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;

TEST(TypeRefTest, PrintsAndUnwraps) {
  Type type;
  type.name = "T";
  const TypeRef ref = TypeRef(&type).NonNull().List().NonNull();
  EXPECT_EQ(ref.ToString(), "[T!]!");
  EXPECT_TRUE(ref.IsNonNull());
  EXPECT_EQ(ref.Nullable().ToString(), "[T!]");
  EXPECT_TRUE(ref.Inner().IsList());
  EXPECT_EQ(ref.Inner().Inner().ToString(), "T!");
  EXPECT_EQ(ref.NonNull(), ref);
}

TEST(SchemaBuilderTest, ResolvesForwardReferencesAndFindsMembers) {
  SchemaBuilder builder;
  TypeBuilder* query = builder.Define(TypeKind::kObject, "Query");
  const auto arguments = builder.Arguments({{.name = "limit", .type = builder.Ref("Int"), .default_text = "2000"},
                                            {.name = "by", .type = builder.Ref("Order"), .default_text = "ASC"}});
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(
        query->AddField({.name = "f" + std::to_string(i), .type = builder.Ref("Late").List(), .arguments = arguments}));
  }
  EXPECT_FALSE(query->AddField({.name = "f7", .type = builder.Ref("Int")}));
  EXPECT_TRUE(query->HasField("f39"));
  builder.Define(TypeKind::kObject, "Late")
      ->AddField({.name = "id", .type = builder.Ref("Int").NonNull(), .hugr_type = "column"});
  builder.Define(TypeKind::kEnum, "Order")->AddEnumValue({.name = "ASC"});
  EXPECT_EQ(builder.Define(TypeKind::kEnum, "Order"), nullptr);
  const auto schema = builder.Build();
  ASSERT_TRUE(schema.has_value());
  const Type& root = *(*schema)->query();
  EXPECT_EQ(root.FindField("f33")->type.ToString(), "[Late]");
  EXPECT_EQ(root.FindField("f40"), nullptr);
  EXPECT_EQ(root.FindField("f0")->arguments.data(), root.FindField("f1")->arguments.data());
  EXPECT_EQ(root.FindField("f0")->FindArgument("limit")->default_value->text, "2000");
  EXPECT_EQ(root.FindField("f0")->type.named()->FindField("id")->hugr_type, "column");
  EXPECT_EQ((*schema)->FindSelectable(root, "__typename")->type.ToString(), "String!");
  EXPECT_NE((*schema)->FindSelectable(root, "__schema"), nullptr);
  EXPECT_EQ((*schema)->FindSelectable(*root.FindField("f0")->type.named(), "__schema"), nullptr);
}

TEST(SchemaBuilderTest, ReportsEverythingWrong) {
  SchemaBuilder builder;
  builder.Define(TypeKind::kObject, "Thing")->AddField({.name = "a", .type = builder.Ref("Missing")});
  builder.Arguments({{.name = "x", .type = builder.Ref("Int"), .default_text = "{"}});
  const auto schema = builder.Build();
  ASSERT_FALSE(schema.has_value());
  EXPECT_THAT(schema.error(), Contains(Field(&GraphqlError::message, "Unknown type \"Missing\".")));
  EXPECT_THAT(schema.error(), Contains(Field(&GraphqlError::message, "Query root type must be provided.")));
  EXPECT_THAT(schema.error(),
              Contains(Field(&GraphqlError::message, "Default of \"x\" is no literal: Expected Name, found <EOF>")));
}

TEST(SchemaBuilderTest, RefusesTypesInWrongPlaces) {
  const auto document = ParseSdl("type Query { a: I b(x: Query): Int } input I { q: Query }");
  SchemaBuilder builder;
  builder.AddSdl(**document);
  const auto schema = builder.Build();
  ASSERT_FALSE(schema.has_value());
  EXPECT_THAT(schema.error(),
              ElementsAre(Field(&GraphqlError::message, "The type of \"Query.a\" must be an output type but is \"I\"."),
                          Field(&GraphqlError::message, "The type of \"I.q\" must be an input type.")));
}

TEST(SchemaBuilderTest, SdlErrorsHaveLocations) {
  const auto document = ParseSdl("type Query { a: Int }\ntype Query { b: Int a: Int }\nextend type X { a: Int }");
  SchemaBuilder builder;
  builder.AddSdl(**document);
  const auto schema = builder.Build();
  ASSERT_FALSE(schema.has_value());
  EXPECT_EQ(schema.error()[0].message, "There can be only one type named \"Query\".");
  EXPECT_EQ(schema.error()[0].locations[0], (Location{2, 6}));
  EXPECT_EQ(schema.error()[1].message, "Cannot extend type \"X\" because it is not defined.");
}

TEST(SchemaTest, KnowsSubtypes) {
  const auto schema = testing::MakeSchema(testing::kLibrarySdl);
  const auto type = [&](const char* name) -> const Type& { return *schema->FindType(name); };
  EXPECT_TRUE(schema->IsSubtype(type("lib_books"), type("Node")));
  EXPECT_FALSE(schema->IsSubtype(type("lib_rooms"), type("Node")));
  EXPECT_TRUE(schema->IsSubtype(type("lib_rooms"), type("Thing")));
  EXPECT_TRUE(schema->TypesOverlap(type("Thing"), type("Node")));
  EXPECT_TRUE(schema->TypesOverlap(type("Named"), type("Node")));
  EXPECT_FALSE(schema->TypesOverlap(type("lib_rooms"), type("Named")));
  EXPECT_TRUE(schema->IsSubtype(TypeRef(&type("Int")).NonNull().List(), TypeRef(&type("Int")).List()));
  EXPECT_FALSE(schema->IsSubtype(TypeRef(&type("Int")).List(), TypeRef(&type("Int")).NonNull().List()));
}

TEST(PrintSdlTest, PrintedSchemaReadsBackTheSame) {
  const std::string sdl = std::string(testing::kLibrarySdl) +
                          "\"\"\"\nSeveral\n  lines \\\"\"\" with \"quotes\"\n\"\"\"\ntype Extra {\n  \" led by a "
                          "blank\"\n  a(\"arg\" x: Int = 1, y: [Pick!]): Int\n}\n"
                          "scalar Url @specifiedBy(url: \"https://x.test\")\n";
  const auto schema = testing::MakeSchema(sdl);
  const std::string printed = PrintSdl(*schema);
  const auto again = testing::MakeSchema(printed);
  EXPECT_EQ(PrintSdl(*again), printed);
  EXPECT_EQ(again->FindType("Extra")->description, "Several\n  lines \"\"\" with \"quotes\"");
  EXPECT_EQ(again->FindType("Extra")->fields[0].description, " led by a blank");
  EXPECT_NE(printed.find("input Pick @oneOf {"), std::string::npos);
  EXPECT_NE(printed.find("  old: Int @deprecated(reason: \"gone\")"), std::string::npos);
  EXPECT_EQ(printed.find("__Type"), std::string::npos);
  const std::string sorted = PrintSdl(*schema, {.sorted = true});
  EXPECT_LT(sorted.find("scalar BigInt"), sorted.find("type Extra"));
  EXPECT_EQ(PrintType(*schema->FindType("OrderByField")),
            "input OrderByField {\n  field: String!\n  direction: OrderDirection = ASC\n}\n");
}

}  // namespace
}  // namespace eider::graphql
