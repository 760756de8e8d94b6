#include "postgres/dsn.h"

#include <gtest/gtest.h>

namespace eider::postgres {
namespace {

TEST(Dsn, ReadsUrlsAndKeyValueText) {
  for (const char* text : {"postgres://ann:s3cret@db:5433/lib?sslmode=disable&connect_timeout=3&pool_max_conns=4",
                           "postgresql://ann:s3cret@db:5433/lib?pool_max_conns=4&connect_timeout=3&sslmode=disable",
                           "host=db port=5433 dbname=lib user=ann password=s3cret pool_max_conns=4 sslmode=disable "
                           "connect_timeout=3"}) {
    const auto dsn = ParseDsn(text);
    ASSERT_TRUE(dsn) << text << ": " << dsn.error().message;
    EXPECT_EQ(dsn->Address(), "db:5433/lib");
    EXPECT_EQ(dsn->connect_timeout, std::chrono::seconds(3));
    EXPECT_EQ(dsn->max_sessions, 4U);
    const std::string printed = dsn->ToConnectionText();
    EXPECT_NE(printed.find("password='s3cret'"), std::string::npos);
    EXPECT_NE(printed.find("sslmode='disable'"), std::string::npos);
    EXPECT_EQ(printed.find("pool_max_conns"), std::string::npos);
  }
}

TEST(Dsn, QuotesValues) {
  const auto dsn = ParseDsn(R"(host=db password='a\'b\\ c')");
  ASSERT_TRUE(dsn);
  EXPECT_NE(dsn->ToConnectionText().find(R"(password='a\'b\\ c')"), std::string::npos);
}

TEST(Dsn, RefusesTheRestWithoutQuotingIt) {
  for (const char* text : {"", "lib", "/data/lib", "postgres://ann:s3cret@db:5433/lib?s3cret=1", "s3cret=x",
                           "host=db password=s3cret connect_timeout=soon", "host=db pool_max_conns=0 password=s3cret",
                           "postgres://ann:s3cret@db/lib?pool_max_conns=99999999999"}) {
    const auto dsn = ParseDsn(text);
    ASSERT_FALSE(dsn) << text;
    EXPECT_EQ(dsn.error().code, ErrorCode::kBadInput);
    EXPECT_EQ(dsn.error().message.find("s3cret"), std::string::npos) << dsn.error().message;
  }
}

}  // namespace
}  // namespace eider::postgres
