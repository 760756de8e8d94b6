#include "catalog/testing/compile.h"
#include "catalog/testing/library.h"

namespace eider::catalog {
namespace {

using testing::FieldOf;
using testing::kLibrary;
using testing::Members;
using testing::PublishLibrary;
using testing::Signature;

TEST(AggregationTypesTest, MembersOfTheLibrary) {
  const auto snapshot = PublishLibrary(kLibrary);
  EXPECT_EQ(Members(*snapshot, "_lib_books_aggregation"),
            "_rows_count id title price pages facts format printed_at author_id _printed_at_part "
            "author genres genres_aggregation _join");
  EXPECT_EQ(Signature(*snapshot, "_lib_books_aggregation", "_rows_count"), "_rows_count: BigInt");
  EXPECT_EQ(Signature(*snapshot, "_lib_books_aggregation", "price"), "price: FloatAggregation");
  EXPECT_EQ(Signature(*snapshot, "_lib_books_aggregation", "printed_at"),
            "printed_at(bucket: TimeBucket, bucket_interval: Interval): TimestampAggregation");
  EXPECT_EQ(Signature(*snapshot, "_lib_books_aggregation", "_printed_at_part"),
            "_printed_at_part(extract: TimeExtract!, extract_divide: Int): BigIntAggregation");
  EXPECT_EQ(Signature(*snapshot, "_lib_books_aggregation", "format"), "format: _lib_BookFormat_aggregation");
  EXPECT_EQ(Members(*snapshot, "_lib_BookFormat_aggregation"), "cover height_mm paper");
  EXPECT_EQ(Signature(*snapshot, "_lib_books_aggregation", "author"),
            "author(inner: Boolean): _lib_authors_aggregation");
  EXPECT_EQ(FieldOf(*snapshot, "_lib_authors_aggregation", "books")->type.ToString(), "_lib_books_aggregation");
  EXPECT_EQ(FieldOf(*snapshot, "_lib_authors_aggregation", "books_aggregation")->type.ToString(),
            "_lib_books_aggregation_sub_aggregation");
}

TEST(AggregationTypesTest, SubAggregations) {
  const auto snapshot = PublishLibrary(kLibrary);
  const std::string type = "_lib_books_aggregation_sub_aggregation";
  EXPECT_EQ(Signature(*snapshot, type, "_rows_count"), "_rows_count: BigIntAggregation");
  EXPECT_EQ(Signature(*snapshot, type, "price"), "price: FloatSubAggregation");
  EXPECT_EQ(Signature(*snapshot, type, "format"), "format: _lib_BookFormat_aggregation_sub_aggregation");
  EXPECT_EQ(Signature(*snapshot, "IntSubAggregation", "count"), "count: BigIntAggregation");
  EXPECT_EQ(Signature(*snapshot, "IntSubAggregation", "sum"), "sum: IntAggregation");
}

TEST(AggregationTypesTest, FunctionsOfScalars) {
  const auto snapshot = PublishLibrary(kLibrary);
  EXPECT_EQ(Members(*snapshot, "IntAggregation"), "count sum avg min max list any last");
  EXPECT_EQ(Signature(*snapshot, "IntAggregation", "avg"), "avg: Float");
  EXPECT_EQ(Signature(*snapshot, "StringAggregation", "string_agg"),
            "string_agg(sep: String!, distinct: Boolean = false): String");
  EXPECT_EQ(Signature(*snapshot, "JSONAggregation", "sum"), "sum(path: String!): Float");
  EXPECT_EQ(Members(*snapshot, "BooleanAggregation"), "count bool_and bool_or list any last");
  EXPECT_EQ(snapshot->schema->FindType("IntervalAggregation"), nullptr);
}

TEST(AggregationTypesTest, Buckets) {
  const auto snapshot = PublishLibrary(kLibrary);
  EXPECT_EQ(Signature(*snapshot, "_lib_books_aggregation_bucket", "key"), "key: lib_books");
  EXPECT_EQ(Signature(*snapshot, "_lib_books_aggregation_bucket", "aggregations"),
            "aggregations(filter: lib_books_filter, order_by: [OrderByField]): _lib_books_aggregation");
}

TEST(AggregationTypesTest, Bindings) {
  const auto snapshot = PublishLibrary(kLibrary);
  const auto kind = [&](std::string_view type, std::string_view field) {
    return BindingOf(*FieldOf(*snapshot, type, field))->kind;
  };
  EXPECT_EQ(kind("_lib_authors_aggregation", "_rows_count"), FieldKind::kRowsCount);
  EXPECT_EQ(kind("_lib_authors_aggregation", "born"), FieldKind::kAggregateColumn);
  EXPECT_EQ(kind("_lib_authors_aggregation", "_born_part"), FieldKind::kAggregateTimePart);
  EXPECT_EQ(kind("_lib_authors_aggregation", "books"), FieldKind::kAggregateRelation);
  EXPECT_EQ(kind("_lib_authors_aggregation", "books_aggregation"), FieldKind::kSubAggregate);
  EXPECT_EQ(kind("_lib_authors_aggregation_bucket", "key"), FieldKind::kBucketKey);
  EXPECT_EQ(kind("_lib_authors_aggregation_bucket", "aggregations"), FieldKind::kBucketAggregations);
  EXPECT_EQ(BindingOf(*FieldOf(*snapshot, "FloatSubAggregation", "avg"))->function_name, "avg");
}

}  // namespace
}  // namespace eider::catalog
