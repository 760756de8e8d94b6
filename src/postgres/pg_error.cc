#include "postgres/pg_error.h"

#include <string>

#include "base/text.h"

namespace eider::postgres {
namespace {

struct StateCode {
  std::string_view prefix;  // Of the SQLSTATE.
  ErrorCode code;
};

// The first that fits. Source: PostgreSQL's appendix "Error Codes".
constexpr StateCode kCodes[] = {
    {"08", ErrorCode::kSourceUnavailable},  // Connection.
    {"22", ErrorCode::kBadInput},           // Data.
    {"23", ErrorCode::kConstraint},         // Integrity.
    {"25006", ErrorCode::kForbidden},       // Read-only transaction.
    {"28", ErrorCode::kSourceUnavailable},  // Authorization of the connection.
    {"3D000", ErrorCode::kSourceUnavailable},
    {"40", ErrorCode::kConstraint},  // Serialization and deadlocks.
    {"42501", ErrorCode::kForbidden},
    {"53100", ErrorCode::kDiskFull},
    {"53200", ErrorCode::kMemoryLimit},
    {"53", ErrorCode::kSourceUnavailable},
    {"57014", ErrorCode::kTimeout},  // Cancelled by the server's own statement_timeout.
    {"57", ErrorCode::kSourceUnavailable},
    {"58", ErrorCode::kSourceUnavailable},
    {"XX", ErrorCode::kInternal},
};

ErrorCode CodeOf(std::string_view state) {
  for (const StateCode& known : kCodes) {
    if (state.starts_with(known.prefix)) return known.code;
  }
  return ErrorCode::kBadInput;
}

// Lines joined; what libpq puts on further lines explains the first.
std::string OneLine(std::string_view text) {
  std::string line;
  for (const std::string_view part : SplitText(text, '\n')) {
    const std::size_t from = part.find_first_not_of(" \t\r");
    if (from == std::string_view::npos) continue;
    if (!line.empty()) line.append("; ");
    line.append(part.substr(from, part.find_last_not_of(" \t\r") + 1 - from));
  }
  return line;
}

}  // namespace

std::string_view SqlState(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? std::string_view() : state;
}

Error ResultError(const PGresult* result) {
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string_view state = SqlState(result);
  if (primary == nullptr) {
    return Error(ErrorCode::kSourceUnavailable, RedactSecrets(OneLine(PQresultErrorMessage(result))));
  }
  const ErrorCode code = CodeOf(state);
  std::string text(primary);
  // Which key or row it was.
  const char* detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
  if (code == ErrorCode::kConstraint && detail != nullptr) text.append(": ").append(OneLine(detail));
  Error error(code, RedactSecrets(text));
  if (code == ErrorCode::kInternal) error.source = ErrorSource::kDependency;
  return error;
}

Error ConnectionError(std::string_view what, const PGconn* connection) {
  std::string reason = RedactSecrets(OneLine(PQerrorMessage(connection)));
  std::string text(what);
  if (!reason.empty()) text.append(": ").append(reason);
  return Error(ErrorCode::kSourceUnavailable, std::move(text));
}

}  // namespace eider::postgres
