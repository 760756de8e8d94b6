#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <memory>
#include <string>

#include "postgres/pg_session.h"

namespace eider::postgres::testing {

// Tests with a PostgreSQL server of their own, started once for a suite by tests/support/postgres.py. They are skipped
// where PostgreSQL is not installed.
class ServerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();
  void SetUp() override;

  std::shared_ptr<PgDatabase> Database() const;
  std::unique_ptr<engine::Session> Open() const;

  static std::string dsn;  // Empty = no server.

 private:
  static pid_t server_;
};

// All rows of a query as JSON objects by Arrow type, or the error's message.
std::string JsonOf(engine::Session& session, const std::string& sql, const engine::Parameters& parameters = {},
                   const engine::Limits& limits = {});

}  // namespace eider::postgres::testing
