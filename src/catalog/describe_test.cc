#include "catalog/describe.h"

#include <gtest/gtest.h>

namespace eider::catalog {
namespace {

TEST(DescribeSourceTest, PrintsAsDeclaredWithTabs) {
  SourceDefinition definition;
  definition.files.push_back({"a.graphql", R"(
    # A comment.
    extend type genres { note: String @sql(exp: """a
b""") }
    type genres @table(name:"genres",is_m2m:false)   @unique(fields:["name"]) @unique(fields: ["id","name"]) {
      id: Int! @pk @default(sequence: "genres_id_seq")
      "What it is called."
      name: String!
    }
    input price_window { lo: Float! hi: Float! = 2.50 }
    enum color { RED GREEN }
  )"});
  EXPECT_EQ(DescribeSource(definition, false),
            "type genres @table(name: \"genres\", is_m2m: false) @unique(fields: [\"name\"]) "
            "@unique(fields: [\"id\", \"name\"]) {\n"
            "\tid: Int! @pk @default(sequence: \"genres_id_seq\")\n"
            "\t\"\"\"\n\tWhat it is called.\n\t\"\"\"\n"
            "\tname: String!\n"
            "}\n"
            "input price_window {\n\tlo: Float!\n\thi: Float! = 2.50\n}\n"
            "enum color {\n\tRED\n\tGREEN\n}\n"
            "extend type genres {\n\tnote: String @sql(exp: \"a\\nb\")\n}\n");
}

TEST(DescribeSourceTest, SelfIsWhatIntrospectionGives) {
  SourceDefinition definition;
  definition.introspected.push_back({"self", "type a @table(name: \"a\") { id: Int }"});
  definition.files.push_back({"b.graphql", "type b @table(name: \"b\") { id: Int }"});
  EXPECT_EQ(DescribeSource(definition, true), "type a @table(name: \"a\") {\n\tid: Int\n}\n");
  EXPECT_EQ(DescribeSource(definition, false),
            "type a @table(name: \"a\") {\n\tid: Int\n}\ntype b @table(name: \"b\") {\n\tid: Int\n}\n");
}

}  // namespace
}  // namespace eider::catalog
