#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "columnar/json_encoder.h"
#include "postgres/server_fixture.h"

namespace eider::postgres::testing {

std::string ServerTest::dsn;
pid_t ServerTest::server_ = 0;

void ServerTest::SetUpTestSuite() {
  int output[2];
  ASSERT_EQ(::pipe2(output, O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  std::string script = std::string(EIDER_SOURCE_DIR) + "/tests/support/postgres.py";
  std::string python = "python3";
  char* arguments[] = {python.data(), script.data(), nullptr};
  ASSERT_EQ(::posix_spawnp(&server_, "python3", &actions, nullptr, arguments, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  ::close(output[1]);
  // The line may come in pieces.
  char text[512];
  ssize_t size = 0;
  dsn.clear();
  while (!dsn.ends_with('\n') && (size = ::read(output[0], text, sizeof text)) > 0) {
    dsn.append(text, static_cast<std::size_t>(size));
  }
  ::close(output[0]);
  while (!dsn.empty() && dsn.back() == '\n') dsn.pop_back();
}

void ServerTest::TearDownTestSuite() {
  ::kill(server_, SIGTERM);
  ::waitpid(server_, nullptr, 0);
  dsn.clear();
}

void ServerTest::SetUp() {
  if (dsn.empty()) GTEST_SKIP() << "no PostgreSQL server";
}

std::shared_ptr<PgDatabase> ServerTest::Database() const {
  return std::make_shared<PgDatabase>(ParseDsn(dsn).value(), false);
}

std::unique_ptr<engine::Session> ServerTest::Open() const {
  auto session = PgSession::Open(Database(), {});
  EXPECT_TRUE(session) << session.error().message;
  return session ? std::move(*session) : nullptr;
}

namespace {

columnar::Shape ShapeOf(const columnar::BatchSchema& schema) {
  columnar::Shape root;
  root.form = columnar::JsonForm::kObject;
  for (std::int64_t i = 0; i < schema.column_count(); ++i) {
    columnar::Shape member;
    member.key = schema.c_schema().children[i]->name;
    member.column = static_cast<int>(i);
    root.members.push_back(std::move(member));
  }
  return root;
}

}  // namespace

std::string JsonOf(engine::Session& session, const std::string& sql, const engine::Parameters& parameters,
                   const engine::Limits& limits) {
  const auto cursor = session.Query(sql, parameters, limits);
  if (!cursor) return cursor.error().message;
  std::string text;
  while (true) {
    const auto batch = (*cursor)->Next();
    if (!batch) return batch.error().message;
    if (!*batch) return text;
    const columnar::BatchSchema& schema = *(*batch)->schema();
    const auto encoder = columnar::JsonEncoder::Create(ShapeOf(schema), schema, {});
    if (!encoder) return encoder.error().message;
    if (!text.empty()) text.push_back(',');
    (*encoder)->AppendRows(**batch, 0, (*batch)->rows(), text);
  }
}

}  // namespace eider::postgres::testing
