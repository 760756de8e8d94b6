#include "catalog/testing/compile.h"
#include "catalog/testing/library.h"

namespace eider::catalog {
namespace {

using testing::kLibrary;
using testing::LibraryDefinition;
using testing::PublishLibrary;

std::string Names(const std::vector<const Column*>& columns) {
  std::string text;
  for (const Column* column : columns) text += (text.empty() ? "" : " ") + column->name;
  return text;
}

TEST(ModelTest, ForwardAndBack) {
  const auto snapshot = PublishLibrary(kLibrary);
  const DataObject* books = snapshot->FindObject("lib_books");
  const Relation* author = books->FindRelation("author");
  ASSERT_NE(author, nullptr);
  EXPECT_EQ(author->name, "lib_authors_author_id");
  EXPECT_EQ(author->kind, RelationKind::kForward);
  EXPECT_TRUE(author->single);
  EXPECT_EQ(Names(author->from_columns), "author_id");
  EXPECT_EQ(Names(author->to_columns), "id");
  const Relation* back = author->to->FindRelation("books");
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(back->kind, RelationKind::kBack);
  EXPECT_FALSE(back->single);
  EXPECT_EQ(back->to, books);
  EXPECT_EQ(back->name, author->name);
  EXPECT_EQ(Names(back->from_columns), "id");
  EXPECT_EQ(Names(back->to_columns), "author_id");
}

TEST(ModelTest, SelfReferenceGivesBothDirections) {
  const auto snapshot = PublishLibrary(kLibrary);
  const DataObject* authors = snapshot->FindObject("lib_authors");
  EXPECT_EQ(authors->FindRelation("mentor")->to, authors);
  EXPECT_TRUE(authors->FindRelation("mentor")->single);
  EXPECT_EQ(authors->FindRelation("pupils")->to, authors);
  EXPECT_FALSE(authors->FindRelation("pupils")->single);
}

TEST(ModelTest, ManyToManyIsNamedByTheLeg) {
  const auto snapshot = PublishLibrary(kLibrary);
  const DataObject* junction = snapshot->FindObject("lib_book_genres");
  const Relation* genres = snapshot->FindObject("lib_books")->FindRelation("genres");
  ASSERT_NE(genres, nullptr);
  EXPECT_EQ(genres->kind, RelationKind::kManyToMany);
  EXPECT_EQ(genres->to->name, "lib_genres");
  EXPECT_EQ(genres->junction, junction);
  EXPECT_EQ(Names(genres->from_columns), "id");
  EXPECT_EQ(Names(genres->junction_from), "book_id");
  EXPECT_EQ(Names(genres->junction_to), "genre_id");
  EXPECT_EQ(Names(genres->to_columns), "id");
  EXPECT_TRUE(junction->relations.empty());
}

TEST(ModelTest, DefaultNamesAreCompiledTypeNames) {
  const auto snapshot = PublishLibrary(R"(
    type a @table(name: "a") { id: BigInt! @pk }
    type b @table(name: "b") { a_id: Int @field_references(references_name: "a") }
    type c @table(name: "c") @references(references_name: "d", source_fields: ["x", "y"], references_fields: ["x", "y"],
      name: "c_of_d") { x: Int y: String }
    type d @view(name: "d") { x: Int! @pk y: String! @pk })");
  EXPECT_EQ(snapshot->FindObject("lib_b")->relations.front().field, "lib_a");
  EXPECT_EQ(snapshot->FindObject("lib_a")->relations.front().field, "lib_b");
  EXPECT_EQ(snapshot->FindObject("lib_c")->FindRelation("lib_d")->name, "c_of_d");
  EXPECT_EQ(Names(snapshot->FindObject("lib_c")->FindRelation("lib_d")->to_columns), "x y");
}

TEST(ModelTest, Joins) {
  const auto snapshot = PublishLibrary(std::string(kLibrary) + R"(
    extend type books {
      similar: [books] @join(references_name: "books", source_fields: ["author_id"], references_fields: ["author_id"],
        sql: "[source.price] < [dest.price]")
      namesake: authors @join(references_name: "authors", source_fields: ["format.height_mm"], references_fields: ["id"])
    })");
  const DataObject* books = snapshot->FindObject("lib_books");
  const Relation* similar = books->FindRelation("similar");
  EXPECT_EQ(similar->kind, RelationKind::kJoin);
  EXPECT_FALSE(similar->single);
  EXPECT_FALSE(similar->in_filters);
  EXPECT_EQ(Names(similar->from_columns), "author_id");
  EXPECT_EQ(similar->join_sql, "[source.price] < [dest.price]");
  const Relation* namesake = books->FindRelation("namesake");
  EXPECT_TRUE(namesake->single);
  EXPECT_TRUE(namesake->from_columns.empty());
  EXPECT_EQ(namesake->join_sql, "[source.format.height_mm] = [dest.id]");
}

TEST(ModelTest, ColumnsKeepWhatTheirDirectivesSay) {
  const auto snapshot = PublishLibrary(R"GQL(
    enum color { RED GREEN }
    type t @table(name: "shop.items", soft_delete: true, soft_delete_cond: "gone IS NULL", soft_delete_set: "gone = now()") {
      id: Int! @pk @default(sequence: "s")
      code: String @field_source(field: "the code") @default(insert_exp: "uuid()", update_exp: "upper([$code])")
      n: Int! @default(value: 7)
      flag: Boolean @default(value: "false")
      color: color
      tags: [String!]
      _stub: Boolean
    })GQL");
  const DataObject* t = snapshot->FindObject("lib_t");
  EXPECT_EQ(t->relation_sql, R"("lib"."shop"."items")");
  EXPECT_EQ(t->soft_delete_cond, "gone IS NULL");
  EXPECT_EQ(t->FindColumn("_stub"), nullptr);
  EXPECT_EQ(t->FindColumn("code")->column, "the code");
  EXPECT_EQ(t->FindColumn("code")->update_exp, "upper([$code])");
  EXPECT_EQ(t->FindColumn("id")->default_sequence, "s");
  EXPECT_TRUE(t->FindColumn("n")->has_default_value);
  EXPECT_EQ(t->FindColumn("n")->default_value, "7");
  EXPECT_FALSE(t->FindColumn("id")->has_default_value);
  EXPECT_EQ(t->FindColumn("color")->enumeration->values.size(), 2U);
  EXPECT_TRUE(t->FindColumn("tags")->is_list);
  EXPECT_TRUE(t->FindColumn("tags")->item_non_null);
}

TEST(ModelTest, QuotedRelationNames) {
  const auto snapshot = PublishLibrary(R"(
    type a @table(name: "\"my.schema\".\"a \"\"b\"") { id: Int }
    type b @table(name: "\"a.b\"") { id: Int })");
  EXPECT_EQ(snapshot->FindObject("lib_a")->relation_sql, R"("lib"."my.schema"."a ""b")");
  EXPECT_EQ(snapshot->FindObject("lib_b")->relation_sql, R"("lib"."main"."a.b")");
}

TEST(ModelTest, StorageFollowsTheDescription) {
  SourceDefinition definition = LibraryDefinition(R"(
    type t @table(name: "t") { a: s b: s c: s d: [s] at: Timestamp }
    type s { x: Int })");
  definition.describe = [](const DataObject& object) {
    EXPECT_EQ(object.table, "t");
    return std::optional<std::vector<std::pair<std::string, std::string>>>(
        {{"A", "STRUCT(x INTEGER)"}, {"b", "JSON"}, {"d", "STRUCT(x INTEGER)[]"}, {"at", "TIMESTAMP WITH TIME ZONE"}});
  };
  const auto snapshot = testing::Publish(definition);
  const DataObject* t = (*snapshot)->FindObject("lib_t");
  EXPECT_EQ(t->FindColumn("a")->storage, StructStorage::kStruct);
  EXPECT_EQ(t->FindColumn("b")->storage, StructStorage::kJson);
  EXPECT_EQ(t->FindColumn("c")->storage, StructStorage::kStruct);
  EXPECT_EQ(t->FindColumn("d")->storage, StructStorage::kStruct);
  EXPECT_EQ(t->FindColumn("at")->sql_type, "TIMESTAMP WITH TIME ZONE");
  definition.source.type = "postgres";
  definition.describe = nullptr;
  const auto other = testing::Publish(definition);
  EXPECT_EQ((*other)->FindObject("lib_t")->FindColumn("c")->storage, StructStorage::kJson);
}

}  // namespace
}  // namespace eider::catalog
