#include "auth/audit.h"

#include <utility>

namespace eider::auth {

void Describe(const Identity& identity, observe::AuditRecord& record) {
  record.principal = identity.principal;
  record.user_id = identity.user_id;
  record.user_name = identity.user_name;
  record.role = identity.role;
  record.auth_provider = identity.auth_provider;
  if (const Identity* by = identity.impersonated_by.get()) record.impersonated_by = by->role + ":" + by->user_id;
}

void RecordDecision(observe::AuditLog& log, const Decision& decision, observe::AuditRecord record) {
  if (decision.must_wait) return;
  if (decision.identity != nullptr) Describe(*decision.identity, record);
  // Whose rate is used up is known, who could not be recognised is not.
  if (decision.status == 429 && decision.identity != nullptr) return;
  if (decision.status == 200) {
    if (decision.identity == nullptr || decision.identity->impersonated_by == nullptr) return;
    record.action = "impersonate";
  } else {
    record.action = decision.status == 403 ? "access" : "authenticate";
    record.outcome = observe::AuditOutcome::kDenied;
    record.code = decision.code;
    record.detail = decision.message;
  }
  log.Write(std::move(record));
}

}  // namespace eider::auth
