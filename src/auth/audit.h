#pragma once

#include "auth/authenticator.h"
#include "auth/identity.h"
#include "observe/audit_log.h"

namespace eider::auth {

// Fills in who asks: the members from `principal` to `impersonated_by`.
void Describe(const Identity& identity, observe::AuditRecord& record);

// Writes down what a decision about a request says when it must not be forgotten: that nobody was recognised, that a
// role may not use an endpoint, or that somebody acts as another. `record` has the request's members.
void RecordDecision(observe::AuditLog& log, const Decision& decision, observe::AuditRecord record);

}  // namespace eider::auth
