#include <gmock/gmock.h>

#include "query/library_fixture.h"

namespace eider::query::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Loans of the library, told of by `mark_`, which the test moves.
class StreamSubscriptionTest : public LibraryTest {
 protected:
  void SetUp() override {
    LibraryTest::SetUp();
    streams_.Register("lib.watch_loans", [this] { return mark_; });
  }

  void Write(const std::string& sql) {
    auto session = sessions_->Acquire();
    ASSERT_TRUE(session.ok());
    const auto done = (*session)->Run(sql);
    ASSERT_TRUE(done.ok()) << done.error().ToString();
  }
  void Lend(std::int64_t id) {
    Write("INSERT INTO lib.loans VALUES (" + std::to_string(id) + ", 'loan " + std::to_string(id) + "')");
    mark_->newest = std::max(mark_->newest, id);
    ++mark_->rows;
  }

  Subscribed Begin(const std::string& query, const std::string& variables = "null") {
    GraphqlRequest request;
    request.query = query;
    request.variables.Parse(variables.c_str());
    return service_->Subscribe({}, std::move(request), {});
  }

  // The messages of the next run, and whether there was one.
  std::vector<std::string> Run(Subscription& subscription) {
    auto request = subscription.Begin();
    asked_ = request.has_value();
    if (!asked_) return {};
    return MessagesOf(subscription, *std::move(request));
  }

  static std::string Loan(std::int64_t id) {
    return R"({"data":{"lib":{"watch_loans":{"id":)" + std::to_string(id) + "}}}}";
  }

  std::optional<StreamMark> mark_ = StreamMark{};
  bool asked_ = false;
};

constexpr const char* kWatch = "subscription { lib { watch_loans { id } } }";

TEST_F(StreamSubscriptionTest, GivesRowsThatAreAdded) {
  Lend(1);
  const auto subscribed = Begin(kWatch);
  ASSERT_NE(subscribed.subscription, nullptr) << subscribed.errors;
  Subscription& loans = *subscribed.subscription;
  EXPECT_EQ(loans.interval(), std::chrono::milliseconds(250));
  EXPECT_THAT(Run(loans), IsEmpty());
  EXPECT_TRUE(asked_);
  EXPECT_THAT(Run(loans), IsEmpty());
  EXPECT_FALSE(asked_);
  Lend(2);
  Lend(3);
  EXPECT_THAT(Run(loans), ElementsAre(Loan(2), Loan(3)));
  Run(loans);
  EXPECT_FALSE(asked_);
  EXPECT_FALSE(loans.is_over());
}

TEST_F(StreamSubscriptionTest, GivesRowsThatComeLateOnce) {
  for (int id : {1, 4, 6}) Lend(id);
  const auto subscribed = Begin(kWatch);
  Run(*subscribed.subscription);
  Lend(5);
  EXPECT_THAT(Run(*subscribed.subscription), ElementsAre(Loan(5)));
  Lend(7);
  Lend(2);
  EXPECT_THAT(Run(*subscribed.subscription), ElementsAre(Loan(2), Loan(7)));
}

TEST_F(StreamSubscriptionTest, GoesOnAfterARow) {
  for (int id : {1, 2, 3}) Lend(id);
  const auto subscribed = Begin("subscription($a: BigInt) { lib { watch_loans(after: $a) { id } } }", R"({"a": 1})");
  ASSERT_NE(subscribed.subscription, nullptr) << subscribed.errors;
  EXPECT_THAT(Run(*subscribed.subscription), ElementsAre(Loan(2), Loan(3)));
  EXPECT_THAT(Begin("subscription { lib { watch_loans(after: \"x\") { id } } }").errors, HasSubstr("is no key"));
}

TEST_F(StreamSubscriptionTest, TakesManyRowsByPages) {
  Write("INSERT INTO lib.loans SELECT range, '' FROM range(1, 2501)");
  mark_ = StreamMark{0, 2500, 200};
  const auto subscribed = Begin("subscription { lib { watch_loans(after: 0) { id } } }");
  std::vector<std::string> all;
  for (int run = 0; run < 10; ++run) {
    for (std::string& row : Run(*subscribed.subscription)) all.push_back(std::move(row));
  }
  ASSERT_EQ(all.size(), 2500u);
  for (int i = 0; i < 2500; ++i) EXPECT_EQ(all[i], Loan(i + 1));
  EXPECT_FALSE(asked_);
}

TEST_F(StreamSubscriptionTest, KeepsNamesAndSelections) {
  const auto subscribed = Begin(
      "subscription Watch($no: Boolean!, $x: Int) { l: lib { ...On } }"
      " fragment On on _module_lib_subscription { w: watch_loans { _stream_key: what ...Row } }"
      " fragment Row on lib_loans { __typename id @skip(if: $no) }",
      R"({"no": true})");
  ASSERT_NE(subscribed.subscription, nullptr) << subscribed.errors;
  Run(*subscribed.subscription);
  Lend(1);
  EXPECT_THAT(Run(*subscribed.subscription),
              ElementsAre(R"({"data":{"l":{"w":{"_stream_key":"loan 1","__typename":"lib_loans"}}}})"));
}

TEST_F(StreamSubscriptionTest, SurvivesAnOutageAndATableThatBeginsAnew) {
  for (int id : {1, 2, 3}) Lend(id);
  const auto subscribed = Begin(kWatch);
  Run(*subscribed.subscription);
  const auto known = mark_;
  mark_.reset();
  Write("INSERT INTO lib.loans VALUES (4, '')");
  EXPECT_THAT(Run(*subscribed.subscription), IsEmpty());
  EXPECT_FALSE(asked_);
  mark_ = known;
  mark_->newest = 4;
  EXPECT_THAT(Run(*subscribed.subscription), ElementsAre(Loan(4)));

  Write("DELETE FROM lib.loans");
  mark_ = StreamMark{1, 0, 0};
  Lend(1);
  EXPECT_THAT(Run(*subscribed.subscription), ElementsAre(Loan(1)));
}

TEST_F(StreamSubscriptionTest, FollowsOneFieldOfAKnownStream) {
  EXPECT_THAT(Begin("subscription { lib { a: watch_loans { id } b: watch_loans { id } } }").errors,
              HasSubstr("follows one field"));
  EXPECT_THAT(Begin("subscription { lib { __typename } }").errors, HasSubstr("nothing to subscribe to"));
  EXPECT_THAT(Begin("subscription { lib { watch_loans @cache(ttl: 1) { id } } }").errors,
              HasSubstr("@cache has no effect"));
  streams_ = {};
  EXPECT_THAT(Begin(kWatch).errors, HasSubstr("no stream \\\"lib.watch_loans\\\""));
}

}  // namespace
}  // namespace eider::query::testing
