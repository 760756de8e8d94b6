#include "catalog/testing/compile.h"
#include "catalog/testing/library.h"

namespace eider::catalog {
namespace {

using testing::FieldOf;
using testing::kLibrary;
using testing::Members;
using testing::PublishLibrary;
using testing::Signature;

constexpr char kListArguments[] =
    "order_by: [OrderByField], limit: Int = 2000, offset: Int = 0, distinct_on: [String], inner: Boolean = false, "
    "nested_order_by: [OrderByField], nested_limit: Int, nested_offset: Int";

TEST(ObjectTypesTest, MembersOfTheLibrary) {
  const auto snapshot = PublishLibrary(kLibrary);
  EXPECT_EQ(Members(*snapshot, "lib_books"),
            "id title price pages facts format printed_at author_id author genres genres_aggregation "
            "genres_bucket_aggregation _printed_at_part _join");
  EXPECT_EQ(Members(*snapshot, "lib_genres"),
            "id name books_of_genre books_of_genre_aggregation books_of_genre_bucket_aggregation _join");
  EXPECT_EQ(Members(*snapshot, "lib_authors"),
            "id name born mentor_id mentor pupils pupils_aggregation pupils_bucket_aggregation "
            "books books_aggregation books_bucket_aggregation _born_part _join");
  EXPECT_EQ(Members(*snapshot, "lib_book_genres"), "book_id genre_id");
  EXPECT_EQ(FieldOf(*snapshot, "_module_lib_query", "book_genres_by_pk"), nullptr);
}

TEST(ObjectTypesTest, RelationArguments) {
  const auto snapshot = PublishLibrary(kLibrary);
  EXPECT_EQ(Signature(*snapshot, "lib_books", "author"), "author(inner: Boolean): lib_authors");
  EXPECT_EQ(Signature(*snapshot, "lib_authors", "books"),
            std::string("books(filter: lib_books_filter, ") + kListArguments + "): [lib_books]");
  EXPECT_EQ(Signature(*snapshot, "lib_books", "genres_bucket_aggregation"),
            std::string("genres_bucket_aggregation(filter: lib_genres_filter, ") + kListArguments +
                "): [_lib_genres_aggregation_bucket]");
}

TEST(ObjectTypesTest, FieldArguments) {
  const auto snapshot = PublishLibrary(kLibrary);
  EXPECT_EQ(Signature(*snapshot, "lib_books", "printed_at"),
            "printed_at(bucket: TimeBucket, bucket_interval: Interval): Timestamp");
  EXPECT_EQ(Signature(*snapshot, "lib_authors", "born"), "born(bucket: TimeBucket): Date");
  EXPECT_EQ(Signature(*snapshot, "lib_books", "facts"), "facts(struct: JSON): JSON");
  EXPECT_EQ(Signature(*snapshot, "lib_books", "_printed_at_part"),
            "_printed_at_part(extract: TimeExtract!, extract_divide: Int): BigInt");
  EXPECT_EQ(Signature(*snapshot, "lib_books", "id"), "id: Int!");
  EXPECT_EQ(Signature(*snapshot, "lib_books", "format"), "format: lib_BookFormat");
}

TEST(ObjectTypesTest, BindingsOfRelationsAndColumns) {
  const auto snapshot = PublishLibrary(kLibrary);
  const FieldBinding* twin = BindingOf(*FieldOf(*snapshot, "lib_books", "genres_aggregation"));
  EXPECT_EQ(twin->kind, FieldKind::kRelationAggregate);
  EXPECT_EQ(twin->object, snapshot->FindObject("lib_genres"));
  EXPECT_EQ(twin->relation, snapshot->FindObject("lib_books")->FindRelation("genres"));
  const FieldBinding* member = BindingOf(*FieldOf(*snapshot, "lib_BookFormat", "height_mm"));
  EXPECT_EQ(member->kind, FieldKind::kColumn);
  EXPECT_EQ(member->column->name, "height_mm");
  const auto* type = static_cast<const TypeBinding*>(snapshot->schema->FindType("lib_BookFormat")->annotation);
  EXPECT_EQ(type->structure->name, "lib_BookFormat");
}

TEST(ObjectTypesTest, ParameterisedViewTakesArgsEverywhere) {
  const auto snapshot = PublishLibrary(std::string(kLibrary) + R"(
    extend type books_by_price @references(references_name: "books", source_fields: ["id"], references_fields: ["id"],
      query: "book", references_query: "priced")
    type marks @table(name: "marks") {
      id: Int @field_references(references_name: "books_by_price", query: "priced_book", references_query: "marks") })");
  for (const std::string_view field :
       {"books_by_price", "books_by_price_by_pk", "books_by_price_aggregation", "books_by_price_bucket_aggregation"}) {
    const graphql::InputValue* args = FieldOf(*snapshot, "_module_lib_query", field)->FindArgument("args");
    ASSERT_NE(args, nullptr) << field;
    EXPECT_EQ(args->type.ToString(), "lib_price_window!");
  }
  EXPECT_EQ(Signature(*snapshot, "lib_marks", "priced_book"),
            "priced_book(inner: Boolean, args: lib_price_window!): lib_books_by_price");
  EXPECT_NE(FieldOf(*snapshot, "lib_books", "priced_aggregation")->FindArgument("args"), nullptr);
  EXPECT_EQ(snapshot->schema->FindType("lib_books_filter")->FindInputField("priced"), nullptr);
  EXPECT_EQ(snapshot->schema->FindType("lib_marks_filter")->FindInputField("priced_book"), nullptr);
  EXPECT_NE(snapshot->schema->FindType("lib_books_by_price_filter")->FindInputField("book"), nullptr);
  const DataObject* view = snapshot->FindObject("lib_books_by_price");
  EXPECT_TRUE(view->args_required);
  EXPECT_EQ(view->args->members.size(), 2U);
  EXPECT_TRUE(view->relation_sql.empty());
}

TEST(ObjectTypesTest, NoDefaultLimit) {
  const auto snapshot = testing::Publish(testing::LibraryDefinition(kLibrary), {.default_limit = 0});
  ASSERT_TRUE(snapshot.ok());
  const graphql::InputValue* limit = FieldOf(**snapshot, "_module_lib_query", "books")->FindArgument("limit");
  EXPECT_EQ(limit->default_value, nullptr);
}

}  // namespace
}  // namespace eider::catalog
