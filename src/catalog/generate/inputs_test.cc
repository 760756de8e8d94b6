#include "catalog/testing/compile.h"
#include "catalog/testing/library.h"

namespace eider::catalog {
namespace {

using testing::kLibrary;
using testing::Members;
using testing::PublishLibrary;

std::string InputType(const Snapshot& snapshot, std::string_view type, std::string_view member) {
  const graphql::Type* found = snapshot.schema->FindType(type);
  const graphql::InputValue* field = found == nullptr ? nullptr : found->FindInputField(member);
  return field == nullptr ? "" : field->type.ToString();
}

TEST(FilterInputsTest, MembersOfTheLibrary) {
  const auto snapshot = PublishLibrary(kLibrary);
  EXPECT_EQ(Members(*snapshot, "lib_books_filter"),
            "id title price pages facts format printed_at author_id author genres _and _or _not");
  EXPECT_EQ(InputType(*snapshot, "lib_books_filter", "id"), "IntFilter");
  EXPECT_EQ(InputType(*snapshot, "lib_books_filter", "format"), "lib_BookFormat_filter");
  EXPECT_EQ(InputType(*snapshot, "lib_books_filter", "author"), "lib_authors_filter");
  EXPECT_EQ(InputType(*snapshot, "lib_books_filter", "genres"), "lib_genres_list_filter");
  EXPECT_EQ(InputType(*snapshot, "lib_books_filter", "_and"), "[lib_books_filter]");
  EXPECT_EQ(Members(*snapshot, "lib_books_list_filter"), "any_of all_of none_of");
  EXPECT_EQ(Members(*snapshot, "lib_BookFormat_filter"), "cover height_mm");
}

TEST(FilterInputsTest, OperatorsOfScalars) {
  const auto snapshot = PublishLibrary(kLibrary);
  EXPECT_EQ(Members(*snapshot, "StringFilter"), "eq in like ilike regex is_null");
  EXPECT_EQ(Members(*snapshot, "IntFilter"), "eq gt gte lt lte in is_null");
  EXPECT_EQ(Members(*snapshot, "FloatFilter"), "eq ne gt gte lt lte in is_null");
  EXPECT_EQ(Members(*snapshot, "BooleanFilter"), "eq is_null");
  EXPECT_EQ(Members(*snapshot, "TimestampFilter"), "eq gt gte lt lte is_null");
  EXPECT_EQ(Members(*snapshot, "DateFilter"), "eq gt gte lt lte in is_null");
  EXPECT_EQ(Members(*snapshot, "JSONFilter"), "eq has has_all contains is_null");
  EXPECT_EQ(Members(*snapshot, "IntListFilter"), "eq contains intersects is_null");
  EXPECT_EQ(Members(*snapshot, "IntRangeFilter"),
            "eq contains intersects includes is_null upper lower upper_inclusive lower_inclusive upper_inf lower_inf");
  EXPECT_EQ(InputType(*snapshot, "TimestampRangeFilter", "contains"), "Timestamp");
  EXPECT_EQ(InputType(*snapshot, "BigIntRangeFilter", "excludes"), "BigIntRange");
}

TEST(FilterInputsTest, FieldDirectives) {
  const auto snapshot = PublishLibrary(R"GQL(
    enum color { RED }
    type t @table(name: "t") {
      a: Int @exclude_filter(operations: ["in", "is_null"])
      b: Int @exclude_filter
      c: String @filter_required
      d: [Int!]!
      e: color
      f: String @sql(exp: "upper([c])")
      g: Geometry
      h: [s]
    }
    type s { x: Int })GQL");
  EXPECT_EQ(Members(*snapshot, "lib_t_filter"), "a c d e f g h _and _or _not");
  EXPECT_EQ(Members(*snapshot, "lib_t_a_filter"), "eq gt gte lt lte");
  EXPECT_EQ(InputType(*snapshot, "lib_t_filter", "c"), "StringFilter!");
  EXPECT_EQ(InputType(*snapshot, "lib_t_filter", "d"), "IntListFilter");
  EXPECT_EQ(InputType(*snapshot, "lib_t_filter", "e"), "StringFilter");
  EXPECT_EQ(InputType(*snapshot, "lib_t_filter", "h"), "lib_s_list_filter");
}

TEST(MutationInputsTest, MembersOfTheLibrary) {
  const auto snapshot = PublishLibrary(kLibrary);
  EXPECT_EQ(Members(*snapshot, "lib_books_mut_input_data"),
            "id title price pages facts format printed_at author_id author genres");
  EXPECT_EQ(Members(*snapshot, "lib_books_mut_data"), "id title price pages facts format printed_at author_id");
  EXPECT_EQ(InputType(*snapshot, "lib_books_mut_input_data", "title"), "String");
  EXPECT_EQ(InputType(*snapshot, "lib_books_mut_input_data", "format"), "lib_BookFormat_mut_input_data");
  EXPECT_EQ(InputType(*snapshot, "lib_books_mut_data", "format"), "lib_BookFormat_mut_data");
  EXPECT_EQ(InputType(*snapshot, "lib_books_mut_input_data", "author"), "lib_authors_mut_input_data");
  EXPECT_EQ(InputType(*snapshot, "lib_books_mut_input_data", "genres"), "[lib_genres_mut_input_data]");
  EXPECT_EQ(Members(*snapshot, "lib_BookFormat_mut_data"), "cover height_mm paper");
  EXPECT_EQ(snapshot->schema->FindType("lib_books_by_price_mut_data"), nullptr);
}

TEST(MutationInputsTest, ReadOnlySourceHasNone) {
  SourceDefinition definition = testing::LibraryDefinition(kLibrary);
  definition.source.read_only = true;
  const auto snapshot = testing::Publish(definition);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ((*snapshot)->schema->FindType("lib_books_mut_data"), nullptr);
  EXPECT_EQ((*snapshot)->schema->FindType("_module_lib_mutation"), nullptr);
}

}  // namespace
}  // namespace eider::catalog
