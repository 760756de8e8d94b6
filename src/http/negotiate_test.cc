#include "http/negotiate.h"

#include <gtest/gtest.h>

namespace eider::http {
namespace {

TEST(ChooseEncoding, NeverCompressesWhenNotAsked) {
  EXPECT_EQ(ChooseEncoding(""), Encoding::kIdentity);
  EXPECT_EQ(ChooseEncoding("identity"), Encoding::kIdentity);
  EXPECT_EQ(ChooseEncoding("deflate, zstd"), Encoding::kIdentity);
  EXPECT_EQ(ChooseEncoding("br;q=0, gzip;q=0"), Encoding::kIdentity);
  EXPECT_EQ(ChooseEncoding("*;q=0"), Encoding::kIdentity);
  EXPECT_EQ(ChooseEncoding("identity;q=1, gzip;q=0.5"), Encoding::kIdentity);
}

TEST(ChooseEncoding, PrefersBrotliAmongEquals) {
  EXPECT_EQ(ChooseEncoding("gzip, deflate, br"), Encoding::kBrotli);
  EXPECT_EQ(ChooseEncoding("*"), Encoding::kBrotli);
  EXPECT_EQ(ChooseEncoding("BR , gzip"), Encoding::kBrotli);
}

TEST(ChooseEncoding, FollowsTheWeights) {
  EXPECT_EQ(ChooseEncoding("br;q=0.5, gzip"), Encoding::kGzip);
  EXPECT_EQ(ChooseEncoding("br; q=0, *"), Encoding::kGzip);
  EXPECT_EQ(ChooseEncoding("gzip;q=0.001"), Encoding::kGzip);
  EXPECT_EQ(ChooseEncoding("gzip;q=nonsense"), Encoding::kIdentity);
}

TEST(AcceptsGzip, IsNotImpliedByBrotli) {
  EXPECT_TRUE(AcceptsGzip("gzip"));
  EXPECT_TRUE(AcceptsGzip("br, *"));
  EXPECT_FALSE(AcceptsGzip("br"));
  EXPECT_FALSE(AcceptsGzip(""));
}

TEST(ChooseMediaType, IsJsonUnlessTheOtherIsWanted) {
  EXPECT_EQ(ChooseMediaType(""), MediaType::kJson);
  EXPECT_EQ(ChooseMediaType("*/*"), MediaType::kJson);
  EXPECT_EQ(ChooseMediaType("text/html"), MediaType::kJson);
  EXPECT_EQ(ChooseMediaType("application/json, application/graphql-response+json;q=0.9"), MediaType::kJson);
  EXPECT_EQ(ChooseMediaType("application/graphql-response+json"), MediaType::kGraphqlResponse);
  EXPECT_EQ(ChooseMediaType("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8"),
            MediaType::kGraphqlResponse);
  EXPECT_EQ(ChooseMediaType("application/graphql-response+json;q=0"), MediaType::kJson);
}

TEST(WantsOpenMetrics, OnlyWhenItIsAskedFor) {
  EXPECT_TRUE(
      WantsOpenMetrics("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"));
  EXPECT_TRUE(WantsOpenMetrics("Application/OpenMetrics-Text"));
  EXPECT_FALSE(WantsOpenMetrics("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.5"));
  EXPECT_FALSE(WantsOpenMetrics("application/openmetrics-text;q=0"));
  EXPECT_FALSE(WantsOpenMetrics("*/*"));
  EXPECT_FALSE(WantsOpenMetrics(""));
}

TEST(WantsEvents, OnlyByName) {
  EXPECT_FALSE(WantsEvents(""));
  EXPECT_TRUE(WantsEvents("application/json, Text/Event-Stream;q=0.9"));
  EXPECT_FALSE(WantsEvents("*/*"));
}

}  // namespace
}  // namespace eider::http
