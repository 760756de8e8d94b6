#include "observe/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <utility>

namespace eider::observe {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What a sink has taken, and whether it takes more. Outlives the log that writes to it.
class SinkState {
 public:
  void Block(bool blocked) {
    MutexLock lock(mutex_);
    blocked_ = blocked;
  }
  Status Take(std::span<const AuditRecord> records) {
    MutexLock lock(mutex_);
    ++calls_;
    if (blocked_) return Error(ErrorCode::kBadInput, "the sink is full");
    for (const AuditRecord& record : records) actions_.push_back(record.action);
    return {};
  }
  std::vector<std::string> actions() const {
    MutexLock lock(mutex_);
    return actions_;
  }
  int calls() const {
    MutexLock lock(mutex_);
    return calls_;
  }

 private:
  mutable Mutex mutex_;
  bool blocked_ GUARDED_BY(mutex_) = false;
  int calls_ GUARDED_BY(mutex_) = 0;
  std::vector<std::string> actions_ GUARDED_BY(mutex_);
};

class FakeSink final : public AuditSink {
 public:
  explicit FakeSink(SinkState& state) : state_(state) {}
  Status Write(std::span<const AuditRecord> records) override { return state_.Take(records); }

 private:
  SinkState& state_;
};

AuditRecord RecordOf(std::string action) {
  AuditRecord record;
  record.action = std::move(action);
  return record;
}

class AuditLogTest : public ::testing::Test {
 protected:
  void Open(std::size_t queue) {
    AuditOptions options;
    options.queue = queue;
    options.on_problem = [this](const std::string& problem) {
      MutexLock lock(mutex_);
      problems_.push_back(problem);
    };
    std::vector<std::unique_ptr<AuditSink>> sinks;
    sinks.push_back(std::make_unique<FakeSink>(first_));
    sinks.push_back(std::make_unique<FakeSink>(second_));
    log_ = std::make_unique<AuditLog>(std::move(options), std::move(sinks));
  }
  Result<AuditLog::Places> Reserve(std::size_t count, milliseconds patience = milliseconds(100)) {
    return log_->Reserve(count, Deadline::After(patience), StopToken());
  }

  SinkState first_;
  SinkState second_;
  Mutex mutex_;
  std::vector<std::string> problems_ GUARDED_BY(mutex_);
  std::unique_ptr<AuditLog> log_;
};

TEST_F(AuditLogTest, WritesInOrderToEverySinkBeforeItEnds) {
  Open(10);
  for (const char* action : {"a", "b", "c"}) log_->Write(RecordOf(action));
  auto places = Reserve(1);
  ASSERT_TRUE(places);
  places->Write(RecordOf("d"));
  log_.reset();
  EXPECT_THAT(first_.actions(), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(second_.actions(), ElementsAre("a", "b", "c", "d"));
}

TEST_F(AuditLogTest, ChangesWaitForRoomAndTheRestIsDropped) {
  first_.Block(true);
  Open(2);
  log_->Write(RecordOf("a"));
  auto places = Reserve(1);
  ASSERT_TRUE(places);
  log_->Write(RecordOf("dropped"));
  EXPECT_EQ(log_->dropped(), 1u);
  const auto refused = Reserve(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTimeout);
  EXPECT_THAT(refused.error().message, HasSubstr("audit log"));
  places->Write(RecordOf("b"));
  first_.Block(false);
  EXPECT_TRUE(Reserve(1, std::chrono::seconds(10)));
  log_.reset();
  EXPECT_THAT(first_.actions(), ElementsAre("a", "b"));
  MutexLock lock(mutex_);
  EXPECT_THAT(problems_, ElementsAre("the sink is full"));
}

TEST_F(AuditLogTest, PlacesThatAreNotFilledAreGivenBack) {
  Open(2);
  {
    auto places = Reserve(2);
    ASSERT_TRUE(places);
    EXPECT_FALSE(Reserve(1, milliseconds(10)));
    places->Write(RecordOf("a"));
  }
  EXPECT_TRUE(Reserve(2, std::chrono::seconds(10)));
}

TEST_F(AuditLogTest, MoreChangesThanPlacesWaitForAnEmptyQueue) {
  Open(2);
  EXPECT_TRUE(Reserve(5));
  auto one = Reserve(1);
  ASSERT_TRUE(one);
  EXPECT_FALSE(Reserve(5, milliseconds(10)));
}

TEST_F(AuditLogTest, OnlyTheSinkThatFailedIsTriedAgain) {
  first_.Block(true);
  Open(10);
  log_->Write(RecordOf("a"));
  while (first_.calls() < 2) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(second_.calls(), 1);
  first_.Block(false);
  log_.reset();
  EXPECT_THAT(first_.actions(), ElementsAre("a"));
  EXPECT_THAT(second_.actions(), ElementsAre("a"));
}

TEST_F(AuditLogTest, ASinkThatTakesNothingDoesNotHoldUpTheEnd) {
  first_.Block(true);
  Open(5000);
  for (int i = 0; i < 5000; ++i) log_->Write(RecordOf("a"));
  const auto start = std::chrono::steady_clock::now();
  log_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST_F(AuditLogTest, AStopEndsTheWaitForRoom) {
  first_.Block(true);
  Open(1);
  log_->Write(RecordOf("a"));
  StopSource stop;
  stop.request_stop();
  const auto refused = log_->Reserve(1, Deadline::Never(), stop.get_token());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCancelled);
  first_.Block(false);
}

}  // namespace
}  // namespace eider::observe
