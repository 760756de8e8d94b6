#include "postgres/pg_connection.h"

#include <poll.h>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/pg_error.h"
#include "postgres/user_types.h"

namespace eider::postgres {
namespace {

// What every session relies on. A transaction that is forgotten ends by itself.
constexpr std::string_view kSetUp =
    "SET client_encoding = 'UTF8'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; "
    "SET extra_float_digits = 1; SET bytea_output = 'hex'; SET standard_conforming_strings = on; SET jit = off; "
    "SET idle_in_transaction_session_timeout = '10min'";

constexpr std::string_view kReadOnly = "; SET default_transaction_read_only = on";

// A server that has kept a connection waiting for so long counts as one that does not answer.
constexpr std::chrono::seconds kLongWait{2};

bool EndsConnecting(PostgresPollingStatusType status) {
  return status == PGRES_POLLING_OK || status == PGRES_POLLING_FAILED;
}

void IgnoreNotice(void* /*unused*/, const PGresult* /*notice*/) {}

}  // namespace

PgConnection::~PgConnection() { GiveUp(); }

void PgConnection::GiveUp() {
  if (handle_ == nullptr) return;
  const bool runs = PQtransactionStatus(raw()) == PQTRANS_ACTIVE;
  if (runs) {
    database_->reaper.Take(std::move(handle_));
  } else {
    handle_.reset();
  }
}

Status PgConnection::Connect(const engine::Limits& limits) {
  GiveUp();
  EIDER_ASSIGN_OR_RETURN(auto attempt, database_->breaker->Admit());
  engine::Limits bounded = limits;
  const auto began = Deadline::Clock::now();
  const Deadline own = Deadline::After(database_->dsn.connect_timeout);
  const bool own_is_first = own.at() < limits.deadline.at();
  if (own_is_first) bounded.deadline = own;
  Status done = Open(bounded);
  if (done) done = SetUp(bounded);
  if (done) {
    ++generation_;
    attempt.Succeeded();
    return {};
  }
  GiveUp();
  if (done.error().code == ErrorCode::kTimeout && own_is_first) {
    done =
        Error(ErrorCode::kSourceUnavailable, "PostgreSQL at " + database_->dsn.Address() + " did not answer within " +
                                                 std::to_string(database_->dsn.connect_timeout.count()) + " s");
  }
  // A request that had little time says nothing about the server.
  const bool took_long = done.error().code == ErrorCode::kTimeout && Deadline::Clock::now() - began >= kLongWait;
  if (took_long || done.error().code == ErrorCode::kSourceUnavailable) attempt.Failed(done.error());
  return done;
}

Status PgConnection::Open(const engine::Limits& limits) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : database_->dsn.parameters) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  handle_.reset(PQconnectStartParams(names.data(), values.data(), 0));
  if (handle_ == nullptr) return Error(ErrorCode::kMemoryLimit, "no memory for a connection");
  PostgresPollingStatusType status = PQstatus(raw()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (!EndsConnecting(status)) {
    const short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    EIDER_RETURN_IF_ERROR(wake_up_.Wait(PQsocket(raw()), events, limits));
    status = PQconnectPoll(raw());
  }
  if (status == PGRES_POLLING_FAILED) return ConnectionError("cannot connect to PostgreSQL", raw());
  database_->pulse->SetPeer(PQsocket(raw()));
  PQsetNoticeReceiver(raw(), IgnoreNotice, nullptr);
  if (PQsetnonblocking(raw(), 1) != 0) return Lost();
  return {};
}

Status PgConnection::SetUp(const engine::Limits& limits) {
  std::string sql(kSetUp);
  if (database_->read_only) sql.append(kReadOnly);
  EIDER_RETURN_IF_ERROR(Flush(PQsendQuery(raw(), sql.c_str()), limits));
  EIDER_ASSIGN_OR_RETURN(const ResultHandle last, Finish(limits));
  if (database_->types.is_complete()) return {};
  return LoadUserTypes(*this, limits);
}

bool PgConnection::IsUsable() {
  if (handle_ == nullptr || PQstatus(raw()) != CONNECTION_OK) return false;
  // An idle server says something when it closes the connection, or when a setting changes.
  constexpr int kLooks = 8;
  for (int look = 0; look < kLooks; ++look) {
    pollfd watched{PQsocket(raw()), POLLIN, 0};
    if (::poll(&watched, 1, 0) == 0) return true;
    if (PQconsumeInput(raw()) != 1 || PQstatus(raw()) != CONNECTION_OK) return false;
    (void)PQisBusy(raw());
  }
  return false;
}

Error PgConnection::Lost() {
  Error error = ConnectionError("the connection to PostgreSQL was lost", raw());
  handle_.reset();
  return error;
}

Status PgConnection::Flush(int sent, const engine::Limits& limits) {
  if (sent != 1) return Lost();
  while (true) {
    const int left = PQflush(raw());
    if (left == 0) return {};
    if (left < 0) return Lost();
    if (Status waited = wake_up_.Wait(PQsocket(raw()), POLLIN | POLLOUT, limits); !waited) {
      GiveUp();
      return waited;
    }
    // The server may want to be read before it takes more.
    if (PQconsumeInput(raw()) != 1) return Lost();
  }
}

Result<ResultHandle> PgConnection::Next(const engine::Limits& limits) {
  while (PQisBusy(raw()) == 1) {
    if (Status waited = wake_up_.Wait(PQsocket(raw()), POLLIN, limits); !waited) {
      GiveUp();
      return std::move(waited).error();
    }
    if (PQconsumeInput(raw()) != 1) return Lost();
  }
  ResultHandle result(PQgetResult(raw()));
  if (PQstatus(raw()) == CONNECTION_OK) return result;
  Error error = result == nullptr || SqlState(result.get()).empty() ? Lost() : ResultError(result.get());
  error.code = ErrorCode::kSourceUnavailable;
  handle_.reset();
  return error;
}

Result<ResultHandle> PgConnection::Finish(const engine::Limits& limits) {
  ResultHandle last;
  std::optional<Error> failure;
  while (true) {
    auto next = Next(limits);
    if (!next) return failure ? *failure : next.error();
    ResultHandle result = std::move(*next);
    if (result == nullptr) break;
    const ExecStatusType status = PQresultStatus(result.get());
    const bool failed = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
    if (failed && !failure) failure = ResultError(result.get());
    last = std::move(result);
  }
  if (failure) return *failure;
  return last;
}

}  // namespace eider::postgres
