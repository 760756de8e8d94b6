#include "http/node_health.h"

#include <gtest/gtest.h>

namespace eider::http {
namespace {

class NodeHealthTest : public ::testing::Test {
 protected:
  std::string Ask(std::string_view path, bool detailed = false) {
    const Response response = health_.Answer(path, detailed);
    return std::to_string(response.status) + " " + response.body;
  }

  async::Admission admission_{async::AdmissionOptions()};
  std::vector<Reason> reasons_;
  bool alive_ = true;
  NodeHealth health_{admission_, [this] { return reasons_; }, [this] { return alive_; }};
};

TEST_F(NodeHealthTest, StartsOnceItWasReady) {
  reasons_ = {{"starting", "2 of 3 sources"}};
  EXPECT_EQ(Ask("/health"), "503 starting");
  EXPECT_EQ(Ask("/health/ready"), "503 starting");
  EXPECT_EQ(Ask("/ready", true),
            R"(503 {"ready":false,"status":"starting","reasons":[{"code":"starting","detail":"2 of 3 sources"}]})");
  reasons_.clear();
  EXPECT_EQ(Ask("/ready", true), R"(200 {"ready":true,"status":"up","reasons":[]})");
  reasons_ = {{"core_stale", ""}};
  EXPECT_EQ(Ask("/health"), "200 OK");
  EXPECT_EQ(Ask("/health/ready"), "503 core_stale");
}

TEST_F(NodeHealthTest, SomeReasonsOnlyDegrade) {
  reasons_ = {{"source_failed", "nyc", false}};
  EXPECT_EQ(Ask("/health/ready"), "200 degraded");
  EXPECT_EQ(Ask("/health/ready", true),
            R"(200 {"ready":true,"status":"degraded","reasons":[{"code":"source_failed","detail":"nyc"}]})");
}

TEST_F(NodeHealthTest, DrainingBlocks) {
  health_.set_phase(Phase::kAnnounced);
  EXPECT_EQ(Ask("/health/ready"), "503 draining");
}

TEST_F(NodeHealthTest, TellsOfAStuckLoop) {
  EXPECT_EQ(Ask("/health/live"), "200 OK");
  alive_ = false;
  EXPECT_EQ(Ask("/health/live"), "503 deadlock detected");
}

}  // namespace
}  // namespace eider::http
