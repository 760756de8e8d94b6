#include "engine/session.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/engine_fixture.h"

namespace eider::engine {
namespace {

using SessionTest = EngineTest;

std::int64_t Count(Cursor& cursor) {
  std::int64_t rows = 0;
  while (true) {
    auto batch = cursor.Next();
    if (!batch.ok() || !*batch) return rows;
    rows += (**batch).rows();
  }
}

TEST_F(SessionTest, ReturnsRows) {
  EXPECT_EQ(Ask("SELECT 42 AS a, 'x' AS b, NULL AS c"), R"({"a":42,"b":"x","c":null})");
  EXPECT_EQ(Ask("SELECT 1 AS a WHERE false"), "");
}

TEST_F(SessionTest, StreamsManyBatches) {
  auto cursor = session_->Query("SELECT range AS n FROM range(1000000)", {}, {});
  ASSERT_TRUE(cursor.ok());
  EXPECT_EQ(Count(**cursor), 1'000'000);
  EXPECT_EQ((*cursor)->rows_changed(), 0);
  EXPECT_FALSE(*(*cursor)->Next());
}

TEST_F(SessionTest, SeesWhatCameAfterAStatementWasPrepared) {
  ASSERT_TRUE(session_->Run("CREATE TABLE t (id INTEGER, a VARCHAR); INSERT INTO t VALUES (2, 'b'), (1, 'a')").ok());
  const std::string sorted = "SELECT id, a FROM t WHERE id >= 1 ORDER BY a";
  const std::string missing = "SELECT id FROM t WHERE a IS NULL";
  const std::string count = "SELECT count(*) AS n, max(id) AS m FROM t";
  EXPECT_EQ(Ask(sorted), R"({"id":1,"a":"a"},{"id":2,"a":"b"})");
  EXPECT_EQ(Ask(missing), "");
  EXPECT_EQ(Ask(count), R"({"n":2,"m":2})");
  ASSERT_TRUE(session_->Run("INSERT INTO t VALUES (3, 'a text of more than fifteen bytes'), (4, NULL), (0, 'z')").ok());
  EXPECT_EQ(Ask(sorted),
            R"({"id":1,"a":"a"},{"id":3,"a":"a text of more than fifteen bytes"},{"id":2,"a":"b"},{"id":4,"a":null})");
  EXPECT_EQ(Ask(missing), R"({"id":4})");
  EXPECT_EQ(Ask(count), R"({"n":5,"m":4})");
}

TEST_F(SessionTest, CountsChangedRows) {
  auto created = session_->Run(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR); INSERT INTO t SELECT i, 'x' FROM range(10) r(i)");
  ASSERT_TRUE(created.ok());
  EXPECT_EQ(*created, 10);
  auto updated = session_->Query("UPDATE t SET a = $1 WHERE id < 4", {std::string("y")}, {});
  ASSERT_TRUE(updated.ok());
  EXPECT_EQ(Count(**updated), 0);
  EXPECT_EQ((*updated)->rows_changed(), 4);
  auto returned = session_->Query("DELETE FROM t WHERE id < 3 RETURNING id", {}, {});
  ASSERT_TRUE(returned.ok());
  EXPECT_EQ(Count(**returned), 3);
  EXPECT_EQ((*returned)->rows_changed(), 3);
}

TEST_F(SessionTest, ReportsErrorsByKind) {
  ASSERT_TRUE(session_->Run("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)").ok());
  ASSERT_TRUE(session_->Run("INSERT INTO t VALUES (1, 1)").ok());
  EXPECT_EQ(Ask("INSERT INTO t VALUES (1, 2)"),
            "error CONSTRAINT: Duplicate key \"id: 1\" violates primary key constraint.");
  EXPECT_EQ(Ask("INSERT INTO t VALUES (2, NULL)"), "error CONSTRAINT: NOT NULL constraint failed: t.n");
  EXPECT_EQ(Ask("SELEC 1"), "error BAD_INPUT: syntax error at or near \"SELEC\"");
  EXPECT_EQ(Ask("SELECT * FROM nowhere"), "error BAD_INPUT: Table with name nowhere does not exist!");
  EXPECT_EQ(Ask("SELECT CAST('a' || n AS INTEGER) FROM t"), "error BAD_INPUT: Could not convert string 'a1' to INT32");
  EXPECT_EQ(Ask("SELECT 1; SELECT 2").substr(0, 15), "error BAD_INPUT");
  EXPECT_EQ(Ask("ATTACH '/nonexistent/x.db'").substr(0, 24), "error SOURCE_UNAVAILABLE");
  EXPECT_EQ(Ask("SELECT 1 AS a"), R"({"a":1})");
}

TEST_F(SessionTest, ReportsAnErrorInTheMiddleOfAStream) {
  auto cursor =
      session_->Query("SELECT CASE WHEN range = 900000 THEN error('boom') ELSE 1 END FROM range(1000000)", {}, {});
  ASSERT_TRUE(cursor.ok());
  auto batch = (*cursor)->Next();
  while (batch.ok() && *batch) batch = (*cursor)->Next();
  ASSERT_FALSE(batch.ok());
  EXPECT_EQ(batch.error().message, "boom");
  EXPECT_EQ((*cursor)->Next().error().message, "boom");
  cursor->reset();
  EXPECT_EQ(Ask("SELECT 1 AS a"), R"({"a":1})");
}

TEST_F(SessionTest, EndsAStatementWhoseCursorIsDropped) {
  ASSERT_TRUE(session_->Run("CREATE TABLE t AS SELECT range AS n FROM range(1000000)").ok());
  {
    auto cursor = session_->Query("SELECT * FROM t a, range(100) b", {}, {});
    ASSERT_TRUE(cursor.ok());
    ASSERT_TRUE(*(*cursor)->Next());
  }
  // Its transaction is over: another session may drop the table, and this one sees that.
  auto other = OpenSession();
  ASSERT_TRUE(other->Run("DROP TABLE t").ok());
  EXPECT_EQ(Ask("SELECT * FROM t"), "error BAD_INPUT: Table with name t does not exist!");
}

TEST_F(SessionTest, KeepsAnOpenTransactionOverADroppedCursor) {
  ASSERT_TRUE(session_->Run("CREATE TABLE t (a INTEGER); BEGIN; INSERT INTO t VALUES (7)").ok());
  {
    auto cursor = session_->Query("SELECT * FROM range(100000000), t", {}, {});
  }
  EXPECT_EQ(Ask("SELECT a FROM t"), R"({"a":7})");
  ASSERT_TRUE(session_->Run("ROLLBACK").ok());
  EXPECT_EQ(Ask("SELECT a FROM t"), "");
}

TEST_F(SessionTest, KeepsOneSchemaForAStatement) {
  auto statement = session_->Prepare("SELECT $1::INTEGER AS a, [1] AS l, {'x': 1.5} AS s");
  ASSERT_TRUE(statement.ok());
  auto first = (*session_->Execute(*statement, {std::int64_t{1}}, {}))->schema();
  auto second = (*session_->Execute(*statement, {std::int64_t{2}}, {}))->schema();
  EXPECT_EQ(first, second);
}

TEST_F(SessionTest, SeesAChangedTableThroughAPreparedStatement) {
  ASSERT_TRUE(session_->Run("CREATE TABLE t AS SELECT 1 AS a").ok());
  EXPECT_EQ(Ask("SELECT * FROM t"), R"({"a":1})");
  ASSERT_TRUE(session_->Run("ALTER TABLE t ADD COLUMN b VARCHAR DEFAULT 'x'").ok());
  EXPECT_EQ(Ask("SELECT * FROM t"), R"({"a":1,"b":"x"})");
  ASSERT_TRUE(session_->Run("ALTER TABLE t ALTER a TYPE VARCHAR").ok());
  EXPECT_EQ(Ask("SELECT * FROM t"), R"({"a":"1","b":"x"})");
}

TEST_F(SessionTest, PreparesOncePerTimeZone) {
  const std::string sql = "SELECT strftime(TIMESTAMPTZ '2024-05-01 10:00:00+00', '%H:%M') AS t";
  EXPECT_EQ(Ask(sql), R"({"t":"10:00"})");
  ASSERT_TRUE(session_->SetTimeZone("Europe/Berlin").ok());
  EXPECT_EQ(Ask(sql), R"({"t":"12:00"})");
  ASSERT_TRUE(session_->SetTimeZone("UTC").ok());
  EXPECT_EQ(Ask(sql), R"({"t":"10:00"})");
  ASSERT_TRUE(session_->Run("SET TimeZone = 'Asia/Tokyo'").ok());
  EXPECT_EQ(Ask(sql), R"({"t":"19:00"})");
  auto unknown = session_->SetTimeZone("Nowhere/City");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kBadInput);
}

TEST_F(SessionTest, EvictsOldStatementsAndKeepsHeldOnes) {
  auto small = Session::Open(*database_, SessionOptions{2});
  ASSERT_TRUE(small.ok());
  auto held = (*small)->Prepare("SELECT 0 AS n");
  ASSERT_TRUE(held.ok());
  for (int i = 1; i < 5; ++i) ASSERT_TRUE((*small)->Prepare("SELECT " + std::to_string(i)).ok());
  EXPECT_NE(*(*small)->Prepare("SELECT 0 AS n"), *held);
  EXPECT_EQ(*(*small)->Prepare("SELECT 4"), *(*small)->Prepare("SELECT 4"));
  auto cursor = (*small)->Execute(*held, {}, {});
  ASSERT_TRUE(cursor.ok());
  EXPECT_EQ(Rows(**cursor), R"({"n":0})");
}

TEST_F(SessionTest, OutlivesItsDatabaseWhenIdle) {
  EXPECT_EQ(Ask("SELECT 1 AS a"), R"({"a":1})");
  database_.reset();
  session_.reset();
}

}  // namespace
}  // namespace eider::engine
