#include "server/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "observe/audit_file.h"
#include "server/option_mapping.h"

namespace eider::server {
namespace {

using observe::AuditRecord;

constexpr std::string_view kFile = "file:";
constexpr auto kBetweenCleanings = std::chrono::hours(1);

// The table `core.eider.audit_log`. Old records are deleted when the first is written, and then every hour.
class AuditTable final : public observe::AuditSink {
 public:
  AuditTable(engine::SessionPool& sessions, std::string node, std::chrono::milliseconds retention)
      : sessions_(sessions),
        node_(std::move(node)),
        retention_(retention) {}

  Status Write(std::span<const AuditRecord> records) override {
    EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire());
    EIDER_RETURN_IF_ERROR(session->Run(InsertSql(records)));
    return Clean(*session);
  }

 private:
  static void AddText(std::string& sql, std::string_view text) {
    sql.append(", ").append(QuoteLiteral(RedactSecrets(text)));
  }

  std::string InsertSql(std::span<const AuditRecord> records) const {
    std::string sql =
        "INSERT INTO core.eider.audit_log (ts, node, request_id, client_ip, protocol, principal, user_id, user_name, "
        "role, auth_provider, impersonated_by, action, object, outcome, code, rows, duration_ms, detail) VALUES ";
    for (const AuditRecord& record : records) {
      if (sql.back() == ')') sql.append(", ");
      sql.append("(TIMESTAMPTZ ").append(QuoteLiteral(AuditTime(record)));
      for (const std::string* text : {&node_, &record.request_id, &record.client_ip, &record.protocol,
                                      &record.principal, &record.user_id, &record.user_name, &record.role,
                                      &record.auth_provider, &record.impersonated_by, &record.action, &record.object}) {
        AddText(sql, *text);
      }
      AddText(sql, AuditOutcomeName(record.outcome));
      AddText(sql, record.code);
      sql.append(", ").append(record.rows ? std::to_string(*record.rows) : "NULL");
      sql.append(fmt::format(", {:.3f}", static_cast<double>(record.duration.count()) * 1e-6));
      AddText(sql, record.detail);
      sql.push_back(')');
    }
    return sql;
  }

  Status Clean(engine::Session& session) {
    const auto now = std::chrono::steady_clock::now();
    if (retention_.count() == 0 || now < next_cleaning_) return {};
    const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(retention_).count();
    const AuditRecord oldest{.ts = std::chrono::system_clock::now() - std::chrono::seconds(seconds)};
    // A failure is none of the records', which are written already; the next hour tries again.
    (void)session.Run("DELETE FROM core.eider.audit_log WHERE ts < TIMESTAMPTZ " + QuoteLiteral(AuditTime(oldest)));
    next_cleaning_ = now + kBetweenCleanings;
    return {};
  }

  engine::SessionPool& sessions_;
  const std::string node_;
  const std::chrono::milliseconds retention_;
  std::chrono::steady_clock::time_point next_cleaning_;
};

Error BadSink(const std::string& sink) {
  return {ErrorCode::kBadInput,
          "AUDIT_SINK: \"" + sink + "\" is none of stdout, file:PATH and core; separate several by commas"};
}

}  // namespace

Result<std::unique_ptr<observe::AuditLog>> OpenAudit(const config::Config& config, AuditParts parts) {
  std::vector<std::unique_ptr<observe::AuditSink>> sinks;
  const std::string node = NodeName(config);
  bool has_file = false;
  for (const std::string& sink : config.audit_sink) {
    if (sink == "stdout") {
      sinks.push_back(
          observe::MakeAuditLines(node, [&log = parts.log](std::string_view line) { log.WriteLine(line); }));
    } else if (sink == "core") {
      if (!parts.has_core)
        return Error(ErrorCode::kBadInput,
                     "AUDIT_SINK: core needs a core database of this node alone; use stdout or file:PATH");
      sinks.push_back(std::make_unique<AuditTable>(parts.sessions, node, config.audit_retention));
    } else if (sink.starts_with(kFile) && sink.size() > kFile.size()) {
      has_file = true;
      EIDER_ASSIGN_OR_RETURN(auto file, observe::OpenAuditFile({.path = sink.substr(kFile.size()),
                                                                .node = node,
                                                                .chain = config.audit_chain,
                                                                .max_bytes = config.audit_file_size.value}));
      sinks.push_back(std::move(file));
    } else {
      return BadSink(sink);
    }
  }
  if (config.audit_chain && !has_file) {
    return Error(ErrorCode::kBadInput, "AUDIT_CHAIN links the lines of files: name one in AUDIT_SINK, as file:PATH");
  }
  if (sinks.empty()) return std::unique_ptr<observe::AuditLog>();
  observe::AuditOptions options;
  options.reads = config.audit_reads;
  options.variables = config.audit_variables;
  options.hash_key = std::move(parts.hash_key);
  options.on_problem = [&log = parts.log](const std::string& problem) {
    log.Error("audit records cannot be written, changes wait", {{"reason", problem}});
  };
  return std::make_unique<observe::AuditLog>(std::move(options), std::move(sinks));
}

}  // namespace eider::server
