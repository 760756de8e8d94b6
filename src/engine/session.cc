#include "engine/session.h"

#include <algorithm>

#include "base/text.h"
#include "engine/cursor.h"
#include "engine/duck_session.h"
#include "engine/engine_error.h"

namespace eider::engine {
namespace {

// These functions keep what belongs to one execution in the prepared statement; a second one would crash in them.
bool RunsOnce(std::string_view sql) {
  return sql.find("mysql_query") != std::string_view::npos || sql.find("sqlite_query") != std::string_view::npos;
}

bool ChangesSettings(duckdb_statement_type type) {
  switch (type) {
    case DUCKDB_STATEMENT_TYPE_SET:
    case DUCKDB_STATEMENT_TYPE_VARIABLE_SET:
    case DUCKDB_STATEMENT_TYPE_PRAGMA:
    case DUCKDB_STATEMENT_TYPE_LOAD: return true;
    default: return false;
  }
}

}  // namespace

Result<std::unique_ptr<Session>> Session::Open(Database& database, const SessionOptions& options) {
  auto& implementation = static_cast<DuckDatabase&>(database);
  EIDER_ASSIGN_OR_RETURN(auto connection, Connection::Open(implementation.instance()));
  return std::make_unique<DuckSession>(std::move(connection), options);
}

Result<std::int64_t> Session::CopyIn(std::string_view /*sql*/, const CopySource& /*rows*/, const Limits& /*limits*/) {
  return Error(ErrorCode::kInternal, "the engine takes no COPY FROM STDIN");
}

SessionFactory EngineSessions(Database& database, SessionOptions options) {
  return [&database, options](const Limits& /*limits*/) { return Session::Open(database, options); };
}

DuckSession::DuckSession(std::shared_ptr<Connection> connection, const SessionOptions& options)
    : connection_(std::move(connection)),
      cache_(options.prepared_cache_size),
      casts_(connection_) {
  ZoneIs(connection_->instance().time_zone);
}

Result<std::shared_ptr<PreparedStatement>> DuckSession::Prepare(std::string_view sql) {
  const std::uint64_t data_version = connection_->instance().data_version;
  auto cached = cache_.Find(zone_, sql);
  if (cached != nullptr && cached->IsCurrent(data_version))
    return std::shared_ptr<PreparedStatement>(std::move(cached));
  EIDER_ASSIGN_OR_RETURN(auto prepared, DuckPrepared::Prepare(connection_->raw(), sql));
  prepared->MadeAt(data_version, sql);
  if (!RunsOnce(LowerAscii(sql))) cache_.Put(zone_, sql, prepared);
  return std::shared_ptr<PreparedStatement>(std::move(prepared));
}

Result<std::unique_ptr<Cursor>> DuckSession::Execute(const std::shared_ptr<PreparedStatement>& statement,
                                                     const Parameters& parameters, const Limits& limits) {
  auto prepared = std::static_pointer_cast<DuckPrepared>(statement);
  EIDER_RETURN_IF_ERROR(prepared->binder().Bind(parameters, casts_));
  const bool changes_settings = ChangesSettings(prepared->type());
  EIDER_ASSIGN_OR_RETURN(auto cursor, DuckCursor::Open(connection_, std::move(prepared), limits));
  if (changes_settings) ZoneIs("");
  return std::unique_ptr<Cursor>(std::move(cursor));
}

Result<std::unique_ptr<Cursor>> DuckSession::Query(std::string_view sql, const Parameters& parameters,
                                                   const Limits& limits) {
  EIDER_ASSIGN_OR_RETURN(const auto statement, Prepare(sql));
  return Execute(statement, parameters, limits);
}

Result<std::int64_t> DuckSession::Run(std::string_view sql, const Limits& limits) {
  const std::string text(sql);
  ExtractedHandle statements;
  const idx_t count = duckdb_extract_statements(connection_->raw(), text.c_str(), statements.Out());
  if (count == 0) {
    const char* message = duckdb_extract_statements_error(statements.get());
    if (message == nullptr) return 0;
    return EngineError(message);
  }
  std::int64_t changed = 0;
  for (idx_t i = 0; i < count; ++i) {
    EIDER_ASSIGN_OR_RETURN(changed, RunExtracted(statements.get(), i, limits));
  }
  return changed;
}

Result<std::int64_t> DuckSession::RunExtracted(duckdb_extracted_statements statements, idx_t index,
                                               const Limits& limits) {
  PreparedHandle handle;
  if (duckdb_prepare_extracted_statement(connection_->raw(), statements, index, handle.Out()) != DuckDBSuccess) {
    const char* message = duckdb_prepare_error(handle.get());
    return EngineError(message == nullptr ? "the statement cannot be prepared" : message);
  }
  auto prepared = std::make_shared<DuckPrepared>(std::move(handle));
  if (prepared->parameter_count() > 0)
    return Error(ErrorCode::kBadInput, "a statement run as text takes no parameters");
  const bool changes_settings = ChangesSettings(prepared->type());
  EIDER_ASSIGN_OR_RETURN(const auto cursor, DuckCursor::Open(connection_, std::move(prepared), limits));
  while (true) {
    EIDER_ASSIGN_OR_RETURN(const auto batch, cursor->Next());
    if (!batch) break;
  }
  if (changes_settings) ZoneIs("");
  return cursor->rows_changed();
}

Status DuckSession::SetTimeZone(std::string_view zone) {
  if (zone == zones_[static_cast<std::size_t>(zone_)]) return {};
  const std::string sql = "SET SESSION TimeZone = " + QuoteLiteral(zone);
  ResultHandle result;
  if (zone.empty() || duckdb_query(connection_->raw(), sql.c_str(), result.Out()) != DuckDBSuccess) {
    return Error(ErrorCode::kBadInput, "unknown time zone: " + std::string(zone));
  }
  ZoneIs(zone);
  return {};
}

void DuckSession::ZoneIs(std::string_view zone) {
  if (zone.empty()) cache_.Clear();
  const auto found = std::find(zones_.begin(), zones_.end(), zone);
  zone_ = static_cast<int>(found - zones_.begin());
  if (found == zones_.end()) zones_.emplace_back(zone);
  casts_.SetZone(zone == "UTC" || zone == "Etc/UTC");
  connection_->SettingsChanged();
}

}  // namespace eider::engine
