#include "query/library_fixture.h"

namespace eider::query::testing {
namespace {

constexpr const char* kTables = R"sql(
ATTACH ':memory:' AS lib;
CREATE TABLE lib.authors (id INTEGER PRIMARY KEY, name VARCHAR, born DATE, mentor_id INTEGER);
CREATE TABLE lib.books (id INTEGER PRIMARY KEY, title VARCHAR, price DOUBLE, pages INTEGER DEFAULT 0, facts JSON,
  format STRUCT(cover VARCHAR, height_mm INTEGER), printed_at TIMESTAMPTZ, author_id INTEGER);
CREATE TABLE lib.genres (id INTEGER PRIMARY KEY, name VARCHAR);
CREATE TABLE lib.loans (id BIGINT PRIMARY KEY, what VARCHAR);
CREATE TABLE lib.book_genres (book_id INTEGER, genre_id INTEGER, PRIMARY KEY (book_id, genre_id));
INSERT INTO lib.authors VALUES (1, 'Bo', '1930-02-03', NULL), (2, 'Ada', '1965-08-01', 1), (3, 'Cy', NULL, 1);
INSERT INTO lib.books VALUES
  (1, 'Tides', 12.5, 100, '{"rating": 4.5, "tags": ["a"]}', {'cover': 'hard', 'height_mm': 210}, '2024-05-01 10:00:00+00', 2),
  (2, 'Sand', 30, 200, NULL, NULL, '2024-05-20 10:00:00+00', 1),
  (3, 'Reed', 7.25, 300, '{"rating": 2}', {'cover': NULL, 'height_mm': 180}, '2023-01-01 00:00:00+00', 1),
  (4, 'Anon', NULL, 50, NULL, NULL, NULL, NULL);
INSERT INTO lib.genres VALUES (1, 'Sea'), (2, 'Land');
INSERT INTO lib.book_genres VALUES (1, 1), (2, 2), (2, 1);
)sql";

constexpr const char* kSdl = R"gql(
type authors @table(name: "authors") {
  id: Int! @pk
  name: String!
  born: Date
  mentor_id: Int @field_references(references_name: "authors", field: "id", query: "mentor", references_query: "pupils")
}
type books @table(name: "books") {
  id: Int! @pk
  title: String!
  price: Float
  pages: Int! @default(value: "0")
  facts: JSON
  format: BookFormat
  printed_at: Timestamp
  author_id: Int @field_references(references_name: "authors", field: "id", query: "author", references_query: "books")
}
type BookFormat { cover: String  height_mm: Int }
type loans @view(name: "loans", sql: "SELECT * FROM lib.loans", stream: "watch_loans") { id: BigInt! @pk  what: String }
type genres @table(name: "genres") { id: Int! @pk  name: String! }
type book_genres @table(name: "book_genres", is_m2m: true) {
  book_id:  Int! @pk @field_references(references_name: "books",  field: "id", query: "book",  references_query: "genres")
  genre_id: Int! @pk @field_references(references_name: "genres", field: "id", query: "genre", references_query: "books_of_genre")
}
)gql";

}  // namespace

void LibraryTest::SetUp() {
  auto database = engine::Database::Open({});
  ASSERT_TRUE(database.ok());
  database_ = std::move(*database);
  sessions_ = std::make_unique<engine::SessionPool>(engine::EngineSessions(*database_), engine::SessionPool::Options{});
  auto session = sessions_->Acquire();
  ASSERT_TRUE(session.ok());
  const auto created = (*session)->Run(kTables);
  ASSERT_TRUE(created.ok()) << created.error().ToString();
  catalog::SourceDefinition definition;
  definition.source = {.name = "lib", .type = "duckdb", .prefix = "lib", .catalog = "lib", .as_module = true};
  definition.files.push_back({"lib.graphql", kSdl});
  auto compiled = catalog::CompileSource(definition, {});
  ASSERT_TRUE(compiled.ok()) << compiled.error().ToString();
  auto snapshot = catalog::BuildSnapshot({*compiled}, 1, {});
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().ToString();
  snapshot_.Set(*snapshot);
  helpers_ = std::make_unique<async::BlockingPool>("helpers", 2);
  router_ = std::make_unique<SessionRouter>(*sessions_);
  auto service = CreateQueryService({.sessions = *router_,
                                     .snapshot = snapshot_,
                                     .functions = functions_,
                                     .helpers = helpers_.get(),
                                     .permissions = &permissions_,
                                     .streams = &streams_},
                                    {});
  ASSERT_TRUE(service.ok());
  service_ = std::move(*service);
}

namespace {

Result<std::string> BodyOf(QueryService& service, RequestContext context, GraphqlRequest request) {
  auto execution = service.Prepare(std::move(context), std::move(request));
  if (const std::string* ready = execution->ready_body()) return *ready;
  StringSink sink;
  EIDER_RETURN_IF_ERROR(execution->Run(sink));
  return std::move(sink.text);
}

std::string Answer(QueryService& service, RequestContext context, const std::string& query,
                   const std::string& variables) {
  GraphqlRequest request;
  request.query = query;
  request.variables.Parse(variables.c_str());
  const auto body = BodyOf(service, std::move(context), std::move(request));
  return body ? *body : "aborted: " + body.error().ToString();
}

}  // namespace

std::vector<std::string> LibraryTest::MessagesOf(Subscription& subscription, GraphqlRequest request,
                                                 RequestContext context) {
  std::vector<std::string> messages;
  const auto emit = [&](std::string message) { messages.push_back(std::move(message)); };
  const auto body = BodyOf(*service_, std::move(context), std::move(request));
  EXPECT_TRUE(body);
  EXPECT_TRUE(subscription.Take(body.value_or(""), emit));
  subscription.End(emit);
  return messages;
}

std::string LibraryTest::AskAs(const std::vector<cluster::PermissionRecord>& rows, const std::string& query,
                               const std::string& variables) {
  cluster::RoleRecords records;
  records.roles.push_back({.name = "admin"});
  records.roles.push_back({.name = "reader", .rows = rows});
  permissions_.Set(std::make_shared<const auth::PermissionSnapshot>(std::move(records), permissions_.Get().get()));
  RequestContext context;
  context.identity = std::make_shared<const auth::Identity>(reader_);
  return Answer(*service_, std::move(context), query, variables);
}

std::string LibraryTest::Ask(const std::string& query, const std::string& variables, const std::string& zone) {
  RequestContext context;
  context.time_zone = zone;
  return Answer(*service_, std::move(context), query, variables);
}

}  // namespace eider::query::testing
