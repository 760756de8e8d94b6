#include "postgres/pg_session.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "postgres/parameter_text.h"
#include "postgres/pg_error.h"

namespace eider::postgres {
namespace {

constexpr std::size_t kPreparedStatements = 256;
constexpr std::size_t kDroppedAtOnce = 16;

// For calls that come without limits.
constexpr std::chrono::seconds kUnlimited{60};

// SQLSTATEs of a prepared statement that the server cannot run any more: it is not there, or its table has changed.
bool MustPrepareAgain(std::string_view sql_state, const Error& error) {
  return sql_state == "26000" || (sql_state == "0A000" && error.message.find("cached plan") != std::string::npos);
}

// After how many seconds the server ends a statement by itself, should nobody be there to cancel it: later than the
// deadline, and a power of two, so that it is seldom told anew. 0 = never.
std::int64_t ServerTimeout(const Deadline& deadline) {
  if (deadline.never()) return 0;
  constexpr std::int64_t kLongest = std::int64_t{1} << 20;
  const auto left = std::chrono::ceil<std::chrono::seconds>(deadline.Remaining()).count() + 1;
  return static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(std::min<std::int64_t>(left, kLongest))));
}

// What the role, the database or the connection's options set stays when it is shorter.
std::string TimeoutSql(std::int64_t seconds) {
  if (seconds == 0) return "RESET statement_timeout;";
  const std::string wanted = std::to_string(seconds * 1000);
  return "SELECT pg_catalog.set_config(name, CASE WHEN reset_val::bigint BETWEEN 1 AND " + wanted +
         " THEN reset_val ELSE '" + wanted +
         "' END, false) FROM pg_catalog.pg_settings WHERE name = "
         "'statement_timeout';";
}

}  // namespace

Result<std::unique_ptr<engine::Session>> PgSession::Open(std::shared_ptr<PgDatabase> database,
                                                         const engine::Limits& limits) {
  auto session = std::make_unique<PgSession>(std::move(database));
  const std::stop_callback on_stop(limits.stop, StopWaker{&session->connection_.wake_up()});
  EIDER_RETURN_IF_ERROR(session->connection_.Connect(limits));
  return std::unique_ptr<engine::Session>(std::move(session));
}

engine::SessionFactory PgSessions(std::shared_ptr<PgDatabase> database) {
  return [database = std::move(database)](const engine::Limits& limits) { return PgSession::Open(database, limits); };
}

Status PgSession::Begin(const engine::Limits& limits) {
  connection_.wake_up().Begin();
  const std::stop_callback on_stop(limits.stop, StopWaker{&connection_.wake_up()});
  // What other nodes have found is tried with a new connection, whatever this one can.
  const bool is_spared = !in_transaction_ && connection_.database().breaker->is_open_by_others();
  if (is_spared || !connection_.IsUsable()) {
    if (in_transaction_) {
      return Error(ErrorCode::kSourceUnavailable, "the connection to PostgreSQL was lost within a transaction");
    }
    index_.clear();
    statements_.clear();
    zone_.clear();
    timeout_ = 0;
    EIDER_RETURN_IF_ERROR(connection_.Connect(limits));
  }
  std::string sql;
  const std::int64_t timeout = ServerTimeout(limits.deadline);
  if (timeout != timeout_) sql = TimeoutSql(timeout);
  const bool other_zone = !wanted_zone_.empty() && wanted_zone_ != zone_;
  if (other_zone) sql.append("SET TimeZone = ").append(QuoteLiteral(wanted_zone_));
  if (sql.empty()) return {};
  EIDER_RETURN_IF_ERROR(connection_.Flush(PQsendQuery(connection_.raw(), sql.c_str()), limits));
  if (auto done = connection_.Finish(limits); !done) {
    if (done.error().code != ErrorCode::kBadInput) return std::move(done).error();
    return Error(ErrorCode::kBadInput, "unknown time zone: " + std::exchange(wanted_zone_, {}));
  }
  timeout_ = timeout;
  if (other_zone) zone_ = wanted_zone_;
  return {};
}

Result<std::shared_ptr<engine::PreparedStatement>> PgSession::Prepare(std::string_view sql) {
  const engine::Limits limits{Deadline::After(kUnlimited), {}};
  EIDER_RETURN_IF_ERROR(Begin(limits));
  EIDER_ASSIGN_OR_RETURN(auto prepared, FindOrPrepare(sql, limits));
  return std::shared_ptr<engine::PreparedStatement>(std::move(prepared));
}

Result<std::unique_ptr<engine::Cursor>> PgSession::Execute(const std::shared_ptr<engine::PreparedStatement>& statement,
                                                           const engine::Parameters& parameters,
                                                           const engine::Limits& limits) {
  // By its text, since the connection may be another one by now.
  const auto prepared = std::static_pointer_cast<PgPrepared>(statement);
  return Query(prepared->sql(), parameters, limits);
}

Result<std::unique_ptr<engine::Cursor>> PgSession::Query(std::string_view sql, const engine::Parameters& parameters,
                                                         const engine::Limits& limits) {
  EIDER_RETURN_IF_ERROR(Begin(limits));
  return SendOrPrepareAgain(sql, parameters, limits);
}

Result<std::unique_ptr<engine::Cursor>> PgSession::SendOrPrepareAgain(std::string_view sql,
                                                                      const engine::Parameters& parameters,
                                                                      const engine::Limits& limits) {
  std::vector<std::optional<std::string>> texts;
  texts.reserve(parameters.size());
  for (const engine::Value& value : parameters) {
    EIDER_ASSIGN_OR_RETURN(auto text, ParameterText(value));
    texts.push_back(std::move(text));
  }
  std::string sql_state;
  EIDER_ASSIGN_OR_RETURN(auto statement, FindOrPrepare(sql, limits));
  auto cursor = Send(statement, texts, limits, sql_state);
  if (cursor || in_transaction_ || !MustPrepareAgain(sql_state, cursor.error())) return cursor;
  Forget(sql);
  EIDER_ASSIGN_OR_RETURN(statement, FindOrPrepare(sql, limits));
  return Send(statement, texts, limits, sql_state);
}

Result<std::unique_ptr<engine::Cursor>> PgSession::Send(const std::shared_ptr<PgPrepared>& statement,
                                                        const std::vector<std::optional<std::string>>& parameters,
                                                        const engine::Limits& limits, std::string& sql_state) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const auto& text : parameters) values.push_back(text ? text->c_str() : nullptr);
  constexpr int kBinary = 1;
  const int sent = PQsendQueryPrepared(connection_.raw(), statement->name().c_str(), static_cast<int>(values.size()),
                                       values.data(), nullptr, nullptr, kBinary);
  if (sent == 1) (void)PQsetSingleRowMode(connection_.raw());
  EIDER_RETURN_IF_ERROR(connection_.Flush(sent, limits));
  auto cursor = std::make_unique<PgCursor>(connection_, statement, limits);
  EIDER_RETURN_IF_ERROR(cursor->Start(sql_state));
  return std::unique_ptr<engine::Cursor>(std::move(cursor));
}

Result<std::shared_ptr<PgPrepared>> PgSession::FindOrPrepare(std::string_view sql, const engine::Limits& limits) {
  const std::stop_callback on_stop(limits.stop, StopWaker{&connection_.wake_up()});
  if (const auto found = index_.find(sql); found != index_.end()) {
    statements_.splice(statements_.begin(), statements_, found->second);
    return statements_.front();
  }
  if (statements_.size() >= kPreparedStatements && !in_transaction_) EIDER_RETURN_IF_ERROR(DropLeastUsed(limits));
  EIDER_ASSIGN_OR_RETURN(auto prepared,
                         PgPrepared::Prepare(connection_, sql, "eider_" + std::to_string(next_name_++), limits));
  statements_.push_front(prepared);
  index_.emplace(prepared->sql(), statements_.begin());
  return prepared;
}

void PgSession::Forget(std::string_view sql) {
  const auto found = index_.find(sql);
  if (found == index_.end()) return;
  const auto statement = found->second;
  index_.erase(found);
  statements_.erase(statement);
}

Status PgSession::DropLeastUsed(const engine::Limits& limits) {
  std::string sql;
  for (std::size_t i = 0; i < kDroppedAtOnce && !statements_.empty(); ++i) {
    sql.append("DEALLOCATE ").append(statements_.back()->name()).append(";");
    index_.erase(statements_.back()->sql());
    statements_.pop_back();
  }
  EIDER_RETURN_IF_ERROR(connection_.Flush(PQsendQuery(connection_.raw(), sql.c_str()), limits));
  EIDER_ASSIGN_OR_RETURN(const ResultHandle done, connection_.Finish(limits));
  return {};
}

Result<std::int64_t> PgSession::Run(std::string_view sql, const engine::Limits& limits) {
  EIDER_RETURN_IF_ERROR(Begin(limits));
  const std::stop_callback on_stop(limits.stop, StopWaker{&connection_.wake_up()});
  EIDER_RETURN_IF_ERROR(connection_.Flush(PQsendQuery(connection_.raw(), std::string(sql).c_str()), limits));
  auto last = connection_.Finish(limits);
  // The end of a transaction may undo what was set within it.
  const bool was_open = in_transaction_;
  if (connection_.raw() != nullptr) in_transaction_ = connection_.InTransaction();
  if (was_open && !in_transaction_) {
    zone_.clear();
    timeout_ = -1;
  }
  if (!last) return std::move(last).error();
  return *last == nullptr ? 0 : ChangedRows(last->get());
}

Result<std::int64_t> PgSession::CopyIn(std::string_view sql, const engine::CopySource& rows,
                                       const engine::Limits& limits) {
  EIDER_RETURN_IF_ERROR(Begin(limits));
  const std::stop_callback on_stop(limits.stop, StopWaker{&connection_.wake_up()});
  EIDER_RETURN_IF_ERROR(connection_.Flush(PQsendQuery(connection_.raw(), std::string(sql).c_str()), limits));
  EIDER_ASSIGN_OR_RETURN(const ResultHandle started, connection_.Next(limits));
  if (started == nullptr || PQresultStatus(started.get()) != PGRES_COPY_IN) {
    Error error = started == nullptr ? Error(ErrorCode::kInternal, "PostgreSQL did not start a COPY")
                                     : ResultError(started.get());
    (void)connection_.Finish(limits);
    return error;
  }
  // The server reads one piece while the next one is written.
  std::string piece;
  while (rows(piece)) {
    int put = 0;
    while (put == 0) {
      put = PQputCopyData(connection_.raw(), piece.data(), static_cast<int>(piece.size()));
      EIDER_RETURN_IF_ERROR(connection_.Flush(put < 0 ? put : 1, limits));
    }
    piece.clear();
  }
  int ended = 0;
  while (ended == 0) {
    ended = PQputCopyEnd(connection_.raw(), nullptr);
    EIDER_RETURN_IF_ERROR(connection_.Flush(ended < 0 ? ended : 1, limits));
  }
  EIDER_ASSIGN_OR_RETURN(const ResultHandle last, connection_.Finish(limits));
  return last == nullptr ? 0 : ChangedRows(last.get());
}

Status PgSession::SetTimeZone(std::string_view zone) {
  wanted_zone_ = zone;
  return {};
}

Status PgSession::LoadExtension(std::string_view name) {
  return Error(ErrorCode::kInternal, "PostgreSQL loads no engine extension: " + std::string(name));
}

bool PgSession::reusable() const {
  return connection_.raw() != nullptr && PQstatus(connection_.raw()) == CONNECTION_OK && !in_transaction_ &&
         PQtransactionStatus(connection_.raw()) == PQTRANS_IDLE;
}

}  // namespace eider::postgres
