#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eider::observe {

enum class AuditOutcome { kOk, kDenied, kError };

// "ok", "denied" or "error".
std::string_view AuditOutcomeName(AuditOutcome outcome);

// What somebody did, or was refused. Texts that are not known stay empty.
struct AuditRecord {
  std::chrono::system_clock::time_point ts = std::chrono::system_clock::now();
  std::string request_id;
  std::string client_ip;
  std::string protocol;
  std::string principal;
  std::string user_id;
  std::string user_name;
  std::string role;
  std::string auth_provider;
  std::string impersonated_by;  // "ROLE:USER" of who acts.
  std::string action;           // Such as "mutation"; docs/audit.md lists them.
  std::string object;
  AuditOutcome outcome = AuditOutcome::kOk;
  std::string code;  // Of a refusal or failure.
  std::optional<std::int64_t> rows;
  std::chrono::nanoseconds duration{0};
  std::string detail;
};

// The time of a record as in 2024-05-01T12:00:00.123456Z.
std::string AuditTime(const AuditRecord& record);

// The record as one JSON object without line feed; secrets in its texts are redacted. `prev` is written in front when
// it is given: the SHA-256 of the line before.
std::string AuditLine(const AuditRecord& record, std::string_view node, const std::optional<std::string>& prev = {});

}  // namespace eider::observe
