#include "sources/postgres/postgres_connector.h"

#include "base/text.h"
#include "postgres/pg_session.h"
#include "postgres/server_ping.h"
#include "sources/duckdb/introspection.h"
#include "sources/postgres/pg_column_types.h"
#include "sources/postgres/pg_relations.h"

namespace eider::sources {
namespace {

constexpr std::size_t kIdleSessions = 8;

// Attaches the database to the engine, or an empty one in its place when the engine cannot read PostgreSQL: what needs
// the engine then finds no table there.
Status RunAttach(engine::Session& session, std::string_view verb, const cluster::SourceRecord& source,
                 const std::string& catalog) {
  EIDER_ASSIGN_OR_RETURN(const postgres::Dsn dsn, postgres::ParseDsn(source.path));
  std::string sql = std::string(verb) + " ':memory:' AS " + QuoteIdentifier(catalog);
  if (session.LoadExtension("postgres_scanner")) {
    sql = std::string(verb) + " " + QuoteLiteral(dsn.ToConnectionText()) + " AS " + QuoteIdentifier(catalog) +
          " (TYPE postgres" + (source.read_only ? ", READ_ONLY)" : ")");
  }
  if (auto done = session.Run(sql); !done) {
    return Error(ErrorCode::kSourceUnavailable,
                 "the engine cannot attach PostgreSQL at " + dsn.Address() + ": " + done.error().message);
  }
  return {};
}

}  // namespace

Result<std::string> PostgresConnector::Fingerprint(const cluster::SourceRecord& source) const {
  EIDER_ASSIGN_OR_RETURN(const postgres::Dsn dsn, postgres::ParseDsn(source.path));
  return std::string(source.read_only ? "postgres read_only " : "postgres writable ") + source.path;
}

Result<std::shared_ptr<const NativeSource>> PostgresConnector::OpenNative(const cluster::SourceRecord& source) const {
  EIDER_ASSIGN_OR_RETURN(postgres::Dsn dsn, postgres::ParseDsn(source.path));
  NativeSource native;
  native.is_back = [dsn] { return postgres::TakesConnections(dsn); };
  CircuitBreaker::Options breaker = breaker_;
  breaker.name = BreakerName(source.name);
  auto database = std::make_shared<postgres::PgDatabase>(std::move(dsn), source.read_only, std::move(breaker));
  engine::SessionPool::Options options;
  options.max_open = database->dsn.max_sessions;
  options.max_idle = std::min(kIdleSessions, options.max_open);
  native.breaker = database->breaker;
  native.pulse = database->pulse;
  native.sessions = std::make_shared<engine::SessionPool>(postgres::PgSessions(std::move(database)), options);
  EIDER_ASSIGN_OR_RETURN(const auto session, native.sessions->Acquire());
  return std::shared_ptr<const NativeSource>(std::make_shared<NativeSource>(std::move(native)));
}

Status PostgresConnector::Attach(engine::Session& session, const cluster::SourceRecord& source,
                                 const std::string& catalog) const {
  return RunAttach(session, "ATTACH", source, catalog);
}

Status PostgresConnector::Replace(engine::Session& session, const cluster::SourceRecord& source,
                                  const std::string& catalog) const {
  return RunAttach(session, "ATTACH OR REPLACE", source, catalog);
}

Status PostgresConnector::Refresh(engine::Session& session, const cluster::SourceRecord& /*source*/,
                                  const std::string& /*catalog*/) const {
  // The engine remembers the tables that it has seen; without its extension there is nothing to forget.
  if (session.LoadExtension("postgres_scanner")) (void)session.Run("CALL pg_clear_cache()");
  return {};
}

std::string PostgresConnector::EngineRefusal(engine::Session& session) const {
  const Status loaded = session.LoadExtension("postgres_scanner");
  return loaded ? "" : loaded.error().message;
}

Result<std::vector<catalog::SdlFile>> PostgresConnector::Introspect(const Attachment& attachment) const {
  EIDER_ASSIGN_OR_RETURN(const auto session, attachment.native->sessions->Acquire());
  EIDER_ASSIGN_OR_RETURN(const RelationMap relations, ReadPgRelations(*session));
  std::string text = WriteIntrospectedSdl(relations, default_schema());
  std::vector<catalog::SdlFile> files;
  if (!text.empty()) files.push_back({"introspection", std::move(text)});
  return files;
}

Result<std::unique_ptr<ColumnTypeLookup>> PostgresConnector::LookUpTypes(const Attachment& attachment) const {
  return PgColumnTypes::Read(attachment.native->sessions);
}

}  // namespace eider::sources
