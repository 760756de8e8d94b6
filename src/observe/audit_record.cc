#include "observe/audit_record.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/text.h"

namespace eider::observe {
namespace {

void AppendName(std::string& line, std::string_view name) {
  line.append(line.empty() ? "{\"" : ",\"").append(name).append("\":");
}

void AppendMember(std::string& line, std::string_view name, std::string_view text) {
  AppendName(line, name);
  AppendJsonString(line, RedactSecrets(text));
}

void AppendRaw(std::string& line, std::string_view name, std::string_view text) {
  AppendName(line, name);
  line.append(text);
}

}  // namespace

std::string_view AuditOutcomeName(AuditOutcome outcome) {
  switch (outcome) {
    case AuditOutcome::kOk: return "ok";
    case AuditOutcome::kDenied: return "denied";
    case AuditOutcome::kError: return "error";
  }
  return "error";
}

std::string AuditTime(const AuditRecord& record) {
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(record.ts.time_since_epoch()).count() % 1'000'000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z",
                     fmt::gmtime(std::chrono::time_point_cast<std::chrono::seconds>(record.ts)), micros);
}

std::string AuditLine(const AuditRecord& record, std::string_view node, const std::optional<std::string>& prev) {
  std::string line;
  if (prev) AppendMember(line, "prev", *prev);
  AppendMember(line, "ts", AuditTime(record));
  AppendMember(line, "node", node);
  AppendMember(line, "request_id", record.request_id);
  AppendMember(line, "client_ip", record.client_ip);
  AppendMember(line, "protocol", record.protocol);
  AppendMember(line, "principal", record.principal);
  AppendMember(line, "user_id", record.user_id);
  AppendMember(line, "user_name", record.user_name);
  AppendMember(line, "role", record.role);
  AppendMember(line, "auth_provider", record.auth_provider);
  AppendMember(line, "impersonated_by", record.impersonated_by);
  AppendMember(line, "action", record.action);
  AppendMember(line, "object", record.object);
  AppendMember(line, "outcome", AuditOutcomeName(record.outcome));
  AppendMember(line, "code", record.code);
  AppendRaw(line, "rows", record.rows ? std::to_string(*record.rows) : "null");
  AppendRaw(line, "duration_ms", fmt::format("{:.3f}", static_cast<double>(record.duration.count()) * 1e-6));
  AppendMember(line, "detail", record.detail);
  return line + "}";
}

}  // namespace eider::observe
