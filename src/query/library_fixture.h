#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "catalog/compiler.h"
#include "engine/database.h"
#include "engine/session_pool.h"
#include "query/query_service.h"

// A small library served by a whole query service over an in-memory engine.
namespace eider::query::testing {

class StringSink : public ResponseSink {
 public:
  Status Write(std::string_view bytes) override {
    text.append(bytes);
    ++pieces;
    return {};
  }
  std::string text;
  int pieces = 0;
};

class LibraryTest : public ::testing::Test {
 protected:
  void SetUp() override;

  // The body of the answer to one request.
  std::string Ask(const std::string& query, const std::string& variables = "null", const std::string& zone = "");

  // The same for somebody whose role has these permissions.
  std::string AskAs(const std::vector<cluster::PermissionRecord>& rows, const std::string& query,
                    const std::string& variables = "null");

  // Runs one request of a subscription and gives the messages that its answer becomes.
  std::vector<std::string> MessagesOf(Subscription& subscription, GraphqlRequest request, RequestContext context = {});

  // Who AskAs() is; the role is "reader".
  auth::Identity reader_{.user_id = "2", .user_name = "Ada", .role = "reader", .auth_type = "apiKey"};

  std::unique_ptr<engine::Database> database_;
  std::unique_ptr<engine::SessionPool> sessions_;
  std::unique_ptr<SessionRouter> router_;
  SnapshotHolder<catalog::Snapshot> snapshot_;
  FunctionRegistry functions_;
  StreamRegistry streams_;
  auth::PermissionStore permissions_{nullptr};
  std::unique_ptr<async::BlockingPool> helpers_;
  std::unique_ptr<EngineQueryService> service_;
};

}  // namespace eider::query::testing
