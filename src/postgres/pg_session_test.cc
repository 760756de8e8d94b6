#include "postgres/pg_session.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "postgres/server_fixture.h"

namespace eider::postgres {
namespace {

using engine::Limits;
using engine::Value;
using engine::ValueList;
using std::chrono::milliseconds;
using testing::JsonOf;

using PgSessionTest = testing::ServerTest;

Limits Within(milliseconds time) { return {Deadline::After(time), {}}; }

TEST_F(PgSessionTest, ReadsEveryScalarType) {
  const auto session = Open();
  ASSERT_TRUE(session->Run("CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN cents AS numeric(10,2)", {}));
  EXPECT_EQ(JsonOf(*session,
                   "SELECT true AS a, 1::int2 AS b, -2::int4 AS c, 9223372036854775807 AS d, 0.1::float4 AS e, "
                   "1e-300::float8 AS f, 'NaN'::float8 AS g, 'x'::varchar AS h, 'y'::char(3) AS i"),
            R"({"a":true,"b":1,"c":-2,"d":9223372036854775807,"e":0.1,"f":1e-300,"g":null,"h":"x","i":"y  "})");
  EXPECT_EQ(JsonOf(*session,
                   "SELECT 123456789012345678901234567890.123456789000 AS a, -0.000000000001 AS b, "
                   "'NaN'::numeric AS c, 1e30::numeric AS d, 12.50::cents AS e, 100::numeric AS f"),
            R"({"a":123456789012345678901234567890.123456789,"b":-0.000000000001,"c":null,)"
            R"("d":1000000000000000000000000000000,"e":12.5,"f":100})");
  EXPECT_EQ(JsonOf(*session,
                   "SELECT 'happy'::mood AS a, '01234567-89ab-cdef-0123-456789abcdef'::uuid AS b, "
                   "'\\x0102'::bytea AS c, '{\"a\":1}'::jsonb AS d, 'n'::name AS e, null::int AS f"),
            R"({"a":"happy","b":"01234567-89ab-cdef-0123-456789abcdef","c":"AQI=","d":"{\"a\": 1}","e":"n","f":null})");
  EXPECT_EQ(JsonOf(*session,
                   "SELECT date '9999-12-31' AS a, date '0001-01-01' AS b, date 'infinity' AS c, "
                   "timestamp '-infinity' AS d, timestamptz '2024-05-01 10:00:00.5+03' AS e, "
                   "time '18:30' AS f, interval '14 mons 2 days 25:00:00.5' AS g, "
                   "timestamp '0044-03-15 12:00:00 BC' AS h"),
            R"({"a":"9999-12-31","b":"0001-01-01","c":"infinity","d":"-infinity","e":"2024-05-01T07:00:00.5Z",)"
            R"("f":"18:30:00.000000000","g":"P14M2DT25H0.5S","h":"-0043-03-15T12:00:00Z"})");
}

TEST_F(PgSessionTest, ReadsListsAndRecords) {
  const auto session = Open();
  EXPECT_EQ(JsonOf(*session, "SELECT array[1,2,null] AS a, '{}'::text[] AS b, array['x','y'] AS c, array[1.50] AS d"),
            R"({"a":[1,2,null],"b":[],"c":["x","y"],"d":[1.5]})");
  EXPECT_EQ(JsonOf(*session,
                   "SELECT g AS n, CASE WHEN g > 1 THEN (SELECT array_agg(ROW(i, 't' || i, array[i], "
                   "CASE WHEN i > 1 THEN ROW(true) END) ORDER BY i) FROM generate_series(1, g) i) END AS l "
                   "FROM generate_series(1, 2) g"),
            R"({"n":1,"l":null},{"n":2,"l":[{"f1":1,"f2":"t1","f3":[1],"f4":null},)"
            R"({"f1":2,"f2":"t2","f3":[2],"f4":{"f1":true}}]})");
  ASSERT_TRUE(session->Run("CREATE TYPE cover AS (kind text, height int)", {}));
  const auto other = Open();
  EXPECT_EQ(JsonOf(*other, "SELECT ROW('hard', 210)::cover AS a, array[ROW('soft', null)::cover] AS b"),
            R"({"a":{"kind":"hard","height":210},"b":[{"kind":"soft","height":null}]})");
}

// What a record holds may show in a later batch only.
TEST_F(PgSessionTest, WidensTheSchemaBetweenBatches) {
  const auto session = Open();
  const std::string sql = "SELECT CASE WHEN g = 5000 THEN ROW(g) END AS r FROM generate_series(1, 5000) g";
  auto cursor = session->Query(sql, {}, {});
  ASSERT_TRUE(cursor);
  const auto first = (*cursor)->Next();
  ASSERT_TRUE(first);
  EXPECT_STREQ((*first)->schema()->c_schema().children[0]->format, "n");
  std::shared_ptr<const columnar::BatchSchema> last;
  while (true) {
    const auto batch = (*cursor)->Next();
    ASSERT_TRUE(batch);
    if (!*batch) break;
    last = (*batch)->schema();
  }
  EXPECT_STREQ(last->c_schema().children[0]->format, "+s");
  cursor->reset();
  cursor = session->Query(sql, {}, {});
  EXPECT_EQ((*cursor)->schema(), last);  // Remembered with the statement.
}

TEST_F(PgSessionTest, AsksForTextWhereItCannotRead) {
  const auto session = Open();
  EXPECT_EQ(JsonOf(*session, "SELECT '10.0.0.1'::inet AS \"an ip\", 1 AS n, int4range(1, 5) AS r ORDER BY n"),
            R"x({"an ip":"10.0.0.1/32","n":1,"r":"[1,5)"})x");
  ASSERT_TRUE(session->Run("CREATE TABLE hosts (ip inet)", {}));
  EXPECT_EQ(JsonOf(*session, "INSERT INTO hosts VALUES ('10.0.0.1') RETURNING ip"), R"({"ip":"10.0.0.1/32"})");
  EXPECT_EQ(JsonOf(*session, "SELECT ROW('10.0.0.1'::inet) AS r"),
            "values of PostgreSQL type number 869 cannot be read; cast them to text");
  EXPECT_EQ(JsonOf(*session, "SELECT 1 AS n"), R"({"n":1})");
}

TEST_F(PgSessionTest, KnowsTypesMadeAfterItWasOpened) {
  const auto session = Open();
  ASSERT_TRUE(session->Run("CREATE TYPE late AS ENUM ('x')", {}));
  EXPECT_EQ(JsonOf(*session, "SELECT 'x'::late AS v"), R"({"v":"x"})");
}

TEST_F(PgSessionTest, BindsParameters) {
  const auto session = Open();
  EXPECT_EQ(JsonOf(*session, "SELECT $1::int8 AS a, $2::text AS b, $3::numeric AS c, $4::date AS d, $5::bool AS e",
                   {Value(std::int64_t{5}), Value(std::string("it's")), Value(std::string("1.25")),
                    Value(std::string("2024-05-01")), Value()}),
            R"({"a":5,"b":"it's","c":1.25,"d":"2024-05-01","e":null})");
  EXPECT_EQ(
      JsonOf(*session, "SELECT k, n FROM unnest($1::int8[], $2::text[]) WITH ORDINALITY AS u(k, v, n) WHERE k = 7",
             {Value(ValueList{Value(std::int64_t{3}), Value(std::int64_t{7})}),
              Value(ValueList{Value(std::string("a,\"")), Value()})}),
      R"({"k":7,"n":2})");
  EXPECT_EQ(JsonOf(*session, "SELECT $1::text AS a", {Value(std::string("a\0", 2))}),
            "a text with a NUL character cannot be stored in PostgreSQL");
  EXPECT_NE(JsonOf(*session, "SELECT $1::int8 AS a", {}).find("1"), std::string::npos);
  EXPECT_EQ(JsonOf(*session, "SELECT 1 AS a"), R"({"a":1})");
}

TEST_F(PgSessionTest, GivesTheServersWordsAndStaysUsable) {
  const auto session = Open();
  const auto code = [&](const std::string& sql) {
    const auto cursor = session->Query(sql, {}, {});
    return cursor ? ErrorCode::kInternal : cursor.error().code;
  };
  ASSERT_TRUE(
      session->Run("CREATE TABLE IF NOT EXISTS keys (id int PRIMARY KEY); TRUNCATE keys; INSERT INTO keys "
                   "VALUES (1)",
                   {}));
  EXPECT_EQ(code("SELEC 1"), ErrorCode::kBadInput);
  EXPECT_EQ(code("SELECT * FROM nowhere"), ErrorCode::kBadInput);
  EXPECT_EQ(code("SELECT 1/0"), ErrorCode::kBadInput);
  EXPECT_EQ(code("INSERT INTO keys VALUES (1)"), ErrorCode::kConstraint);
  EXPECT_EQ(code("COPY keys TO STDOUT"), ErrorCode::kBadInput);
  EXPECT_EQ(JsonOf(*session, "SELECT * FROM nowhere"), "relation \"nowhere\" does not exist");
  EXPECT_EQ(JsonOf(*session, "SELECT 10/(g - 3000) AS v FROM generate_series(1, 3000) g"), "division by zero");
  EXPECT_EQ(JsonOf(*session, "SELECT 1 AS a"), R"({"a":1})");
  EXPECT_TRUE(session->reusable());
}

TEST_F(PgSessionTest, CountsChangedRows) {
  const auto session = Open();
  EXPECT_EQ(*session->Run("CREATE TABLE counted (n int); INSERT INTO counted SELECT generate_series(1, 5)", {}), 5);
  const auto cursor = session->Query("UPDATE counted SET n = n + 1 WHERE n > 2", {}, {});
  ASSERT_TRUE(cursor);
  EXPECT_FALSE((*cursor)->Next().value());
  EXPECT_EQ((*cursor)->rows_changed(), 3);
}

TEST_F(PgSessionTest, EndsAtTheDeadline) {
  const auto session = Open();
  const auto start = std::chrono::steady_clock::now();
  const auto slow = session->Query("SELECT pg_sleep(30)", {}, Within(milliseconds(100)));
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(slow.error().message, "query timeout");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_FALSE(session->reusable());
  EXPECT_EQ(JsonOf(*session, "SELECT 1 AS a"), R"({"a":1})");
}

// The number of statements that run `text` elsewhere, asked until there is none or two seconds have passed.
std::string RunningElsewhere(engine::Session& session, const std::string& text) {
  std::string answer;
  for (int i = 0; i < 100; ++i) {
    answer = JsonOf(session,
                    "SELECT count(*) AS n FROM pg_stat_activity WHERE state = 'active' AND pid <> "
                    "pg_backend_pid() AND query LIKE '%" +
                        text + "%'");
    if (answer == R"({"n":0})") break;
    std::this_thread::sleep_for(milliseconds(20));
  }
  return answer;
}

TEST_F(PgSessionTest, CancelsOnTheServer) {
  const auto session = Open();
  const auto watcher = Open();
  StopSource stop;
  std::thread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.request_stop();
  });
  const auto stopped = session->Query("SELECT pg_sleep(31)", {}, {Deadline::Never(), stop.get_token()});
  stopper.join();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(RunningElsewhere(*watcher, "pg_sleep(31)"), R"({"n":0})");

  std::thread interrupter([&] {
    std::this_thread::sleep_for(milliseconds(50));
    session->Interrupt();
  });
  const auto interrupted = session->Query("SELECT pg_sleep(32)", {}, {});
  interrupter.join();
  ASSERT_FALSE(interrupted);
  EXPECT_EQ(interrupted.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(JsonOf(*session, "SELECT 1 AS a"), R"({"a":1})");
}

TEST_F(PgSessionTest, IsSparedWhatOtherNodesCannotReach) {
  const auto database = Database();
  const auto session = PgSession::Open(database, {}).value();
  EXPECT_EQ(JsonOf(*session, "SELECT 1 AS a"), R"({"a":1})");
  database->breaker->OpenByOthers("nodes a, b cannot reach it");
  const auto refused = session->Query("SELECT 1 AS a", {}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kSourceCircuitOpen);
  database->breaker->Reset();
  EXPECT_EQ(JsonOf(*session, "SELECT 1 AS a"), R"({"a":1})");
  // What has begun goes on.
  ASSERT_TRUE(session->Run("BEGIN"));
  database->breaker->OpenByOthers("nodes a, b cannot reach it");
  EXPECT_EQ(JsonOf(*session, "SELECT 2 AS a"), R"({"a":2})");
  EXPECT_TRUE(session->Run("COMMIT"));
  EXPECT_FALSE(session->Query("SELECT 1 AS a", {}, {}));
  // A new connection shows that the server is there.
  database->breaker->TryNow();
  EXPECT_EQ(JsonOf(*session, "SELECT 1 AS a"), R"({"a":1})");
  EXPECT_FALSE(database->breaker->is_open());
}

TEST_F(PgSessionTest, DropsACursorBeforeItsEnd) {
  const auto session = Open();
  const auto watcher = Open();
  {
    const auto cursor = session->Query("SELECT g, repeat('x', 1000) FROM generate_series(1, 10000000) g", {}, {});
    ASSERT_TRUE(cursor);
    EXPECT_TRUE((*cursor)->Next().value());
  }
  EXPECT_EQ(RunningElsewhere(*watcher, "generate_series(1, 10000000)"), R"({"n":0})");
  EXPECT_EQ(JsonOf(*session, "SELECT 1 AS a"), R"({"a":1})");
}

TEST_F(PgSessionTest, ConnectsAnewAfterTheServerClosedAnIdleSession) {
  const auto session = Open();
  const auto watcher = Open();
  ASSERT_TRUE(session->SetTimeZone("Europe/Berlin"));
  const std::string before = JsonOf(*session, "SELECT pg_backend_pid() AS p");
  const std::string pid = before.substr(5, before.size() - 6);
  EXPECT_EQ(JsonOf(*watcher, "SELECT pg_terminate_backend(" + pid + ", 2000) AS t"), R"({"t":true})");
  EXPECT_NE(JsonOf(*session, "SELECT pg_backend_pid() AS p"), before);
  EXPECT_EQ(JsonOf(*session, "SELECT current_setting('TimeZone') AS z"), R"({"z":"Europe/Berlin"})");
}

TEST_F(PgSessionTest, NeverConnectsAnewWithinATransaction) {
  const auto session = Open();
  const auto watcher = Open();
  ASSERT_TRUE(session->Run("CREATE TABLE IF NOT EXISTS once (n int); TRUNCATE once", {}));
  ASSERT_TRUE(session->Run("BEGIN", {}));
  ASSERT_TRUE(session->Run("INSERT INTO once VALUES (1)", {}));
  const std::string row = JsonOf(*session, "SELECT pg_backend_pid() AS p");
  (void)JsonOf(*watcher, "SELECT pg_terminate_backend(" + row.substr(5, row.size() - 6) + ", 2000) AS t");
  const auto lost = session->Run("INSERT INTO once VALUES (2)", {});
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kSourceUnavailable);
  EXPECT_FALSE(session->Run("COMMIT", {}));
  EXPECT_FALSE(session->reusable());
  EXPECT_EQ(JsonOf(*watcher, "SELECT count(*) AS n FROM once"), R"({"n":0})");
}

TEST_F(PgSessionTest, KeepsTransactions) {
  const auto session = Open();
  const auto watcher = Open();
  ASSERT_TRUE(session->Run("CREATE TABLE IF NOT EXISTS kept (n int); TRUNCATE kept", {}));
  ASSERT_TRUE(session->Run("BEGIN TRANSACTION", {}));
  ASSERT_TRUE(session->Query("INSERT INTO kept VALUES ($1::int8)", {Value(std::int64_t{1})}, {}));
  EXPECT_FALSE(session->reusable());
  EXPECT_EQ(JsonOf(*session, "SELECT n FROM kept"), R"({"n":1})");
  EXPECT_EQ(JsonOf(*watcher, "SELECT n FROM kept"), "");
  ASSERT_TRUE(session->Run("ROLLBACK", {}));
  EXPECT_TRUE(session->reusable());
  EXPECT_EQ(JsonOf(*session, "SELECT n FROM kept"), "");
}

TEST_F(PgSessionTest, PreparesAgainWhenATableHasChanged) {
  const auto session = Open();
  const auto other = Open();
  ASSERT_TRUE(
      session->Run("CREATE TABLE IF NOT EXISTS changing (n int); TRUNCATE changing; INSERT INTO changing "
                   "VALUES (1)",
                   {}));
  EXPECT_EQ(JsonOf(*session, "SELECT * FROM changing"), R"({"n":1})");
  ASSERT_TRUE(other->Run("ALTER TABLE changing ADD COLUMN t text DEFAULT 'x'", {}));
  EXPECT_EQ(JsonOf(*session, "SELECT * FROM changing"), R"({"n":1,"t":"x"})");
  ASSERT_TRUE(session->Run("DEALLOCATE ALL", {}));
  EXPECT_EQ(JsonOf(*session, "SELECT * FROM changing"), R"({"n":1,"t":"x"})");
}

TEST_F(PgSessionTest, DropsStatementsThatWereNotUsedForLong) {
  const auto session = Open();
  for (int i = 0; i < 600; ++i) {
    ASSERT_EQ(JsonOf(*session, "SELECT " + std::to_string(i) + " AS n"), "{\"n\":" + std::to_string(i) + "}");
  }
  EXPECT_EQ(JsonOf(*session, "SELECT count(*) <= 257 AS few FROM pg_prepared_statements"), R"({"few":true})");
}

TEST_F(PgSessionTest, SetsTheTimeZone) {
  const auto session = Open();
  ASSERT_TRUE(session->SetTimeZone("Asia/Tokyo"));
  EXPECT_EQ(JsonOf(*session, "SELECT timestamptz '2024-01-01 00:00Z'::text AS t"), R"({"t":"2024-01-01 09:00:00+09"})");
  ASSERT_TRUE(session->SetTimeZone("Mars/Olympus"));
  EXPECT_EQ(JsonOf(*session, "SELECT 1 AS a"), "unknown time zone: Mars/Olympus");
  ASSERT_TRUE(session->SetTimeZone("UTC"));
  EXPECT_EQ(JsonOf(*session, "SELECT 1 AS a"), R"({"a":1})");
}

TEST_F(PgSessionTest, TellsTheServerHowLongAStatementMayTake) {
  const auto session = Open();
  const std::string sql = "SELECT setting AS s FROM pg_settings WHERE name = 'statement_timeout'";
  EXPECT_EQ(JsonOf(*session, sql), R"({"s":"0"})");
  const auto within = [&](milliseconds time) { return JsonOf(*session, sql, {}, Within(time)); };
  EXPECT_EQ(within(milliseconds(2500)), R"({"s":"4000"})");
  EXPECT_EQ(within(milliseconds(30'000)), R"({"s":"32000"})");
  ASSERT_TRUE(session->Run("BEGIN", Within(milliseconds(30'000))));
  EXPECT_EQ(within(milliseconds(500)), R"({"s":"2000"})");
  ASSERT_TRUE(session->Run("ROLLBACK", Within(milliseconds(30'000))));
  EXPECT_EQ(within(milliseconds(500)), R"({"s":"2000"})");
  EXPECT_EQ(JsonOf(*session, sql), R"({"s":"0"})");
  // A shorter setting of the role stays.
  ASSERT_TRUE(session->Run("ALTER ROLE CURRENT_USER SET statement_timeout = 3000", {}));
  const auto other = Open();
  EXPECT_EQ(JsonOf(*other, sql, {}, Within(milliseconds(30'000))), R"({"s":"3000"})");
  ASSERT_TRUE(session->Run("ALTER ROLE CURRENT_USER RESET statement_timeout", {}));
}

TEST_F(PgSessionTest, RefusesWritesWhenItOnlyReads) {
  auto session = PgSession::Open(std::make_shared<PgDatabase>(ParseDsn(dsn).value(), true), {});
  ASSERT_TRUE(session);
  const auto written = (*session)->Run("CREATE TABLE forbidden (n int)", {});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kForbidden);
}

TEST_F(PgSessionTest, SaysWhyItCannotConnect) {
  const auto reason = [](const std::string& path) {
    const auto session = PgSession::Open(std::make_shared<PgDatabase>(ParseDsn(path).value(), false), {});
    if (session) return std::string("connected");
    EXPECT_EQ(session.error().code, ErrorCode::kSourceUnavailable);
    EXPECT_EQ(session.error().message.find("s3cret"), std::string::npos);
    return session.error().message;
  };
  std::string wrong = dsn;
  wrong.replace(wrong.find(":eider@"), 7, ":s3cret@");
  EXPECT_NE(reason(wrong).find("password authentication failed"), std::string::npos) << reason(wrong);
  EXPECT_NE(reason(dsn.substr(0, dsn.rfind('/')) + "/missing").find("database \"missing\" does not exist"),
            std::string::npos);
  EXPECT_NE(reason("postgres://a:s3cret@127.0.0.1:1/x").find("Connection refused"), std::string::npos);
}

// A server that takes connections and never says a word.
TEST(PgConnection, GivesUpOnASilentServer) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 8), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string path =
      "host=127.0.0.1 port=" + std::to_string(ntohs(address.sin_port)) + " dbname=x connect_timeout=1";
  const auto database = std::make_shared<PgDatabase>(ParseDsn(path).value(), false);
  EXPECT_EQ(database->breaker->failures().count, 0);
  const auto own = PgSession::Open(database, {});
  ASSERT_FALSE(own);
  EXPECT_NE(own.error().message.find("did not answer within 1 s"), std::string::npos) << own.error().message;
  EXPECT_EQ(database->breaker->failures().count, 1);
  const auto request = PgSession::Open(database, Within(milliseconds(50)));
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, ErrorCode::kTimeout);
  StopSource stop;
  stop.request_stop();
  const auto stopped = PgSession::Open(database, {Deadline::Never(), stop.get_token()});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(database->breaker->failures().count, 1) << "neither says anything about the server";
  ::close(listener);
}

}  // namespace
}  // namespace eider::postgres
