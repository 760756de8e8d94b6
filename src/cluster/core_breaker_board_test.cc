#include "cluster/core_breaker_board.h"

#include <gtest/gtest.h>

#include "cluster/memory_core_store.h"

namespace eider::cluster {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class CoreBreakerBoardTest : public testing::Test {
 protected:
  std::string Look(const std::set<std::string>& sources = {"shop", "o'hara"}) {
    auto reports = b_.Look(sources);
    if (!reports) return reports.error().message;
    std::string text;
    for (const auto& [source, told] : *reports) {
      for (const BreakerReport& report : told) {
        text.append(source + " " + report.node + " " + std::to_string(report.failures) + "; ");
      }
    }
    return text;
  }

  const std::unique_ptr<MemoryCoreStore> store_ = MemoryCoreStore::Open().value();
  CoreBreakerBoard a_{*store_, "a"};
  CoreBreakerBoard b_{*store_, "b"};
};

TEST_F(CoreBreakerBoardTest, KeepsTheLastWordOfEachNode) {
  EXPECT_EQ(Look(), "");
  ASSERT_TRUE(a_.Tell({{"shop", 1, milliseconds(0)}, {"o'hara", 2, milliseconds(5)}}));
  ASSERT_TRUE(a_.Tell({{"shop", 3, milliseconds(0)}}));
  ASSERT_TRUE(b_.Tell({{"shop", 2, seconds(1)}}));
  EXPECT_EQ(Look(), "o'hara a 2; shop a 3; shop b 2; ");
  EXPECT_EQ(Look({"o'hara"}), "o'hara a 2; ");
  ASSERT_TRUE(a_.Tell({{"shop", 0, milliseconds(0)}}));
  EXPECT_EQ(Look(), "o'hara a 2; shop b 2; ");
  ASSERT_TRUE(a_.Clear({"shop"}));
  EXPECT_EQ(Look(), "o'hara a 2; ");
}

TEST_F(CoreBreakerBoardTest, ForgetsWhatIsOld) {
  ASSERT_TRUE(a_.Tell({{"shop", 5, kBreakerWindow + seconds(1)}}));
  EXPECT_EQ(Look(), "");
  EXPECT_EQ(store_->Read("SELECT node FROM " + store_->Table("source_breakers")).value().size(), 1U);
  ASSERT_TRUE(a_.Tell({{"shop", 5, 2 * kBreakerWindow + seconds(1)}}));
  EXPECT_EQ(store_->Read("SELECT node FROM " + store_->Table("source_breakers")).value().size(), 0U);
}

}  // namespace
}  // namespace eider::cluster
