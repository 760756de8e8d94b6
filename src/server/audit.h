#pragma once

#include <memory>

#include "base/result.h"
#include "config/config.h"
#include "engine/session_pool.h"
#include "observe/audit_log.h"
#include "observe/log.h"

namespace eider::server {

// What the audit log needs of the node; outlives it.
struct AuditParts {
  observe::Log& log;              // Standard output, and where problems are told.
  engine::SessionPool& sessions;  // Of the engine that has the core database.
  bool has_core = false;          // Of this node alone.
  std::string hash_key;           // Of hashes of variables.
};

// The audit log with the sinks that are configured; null when there are none. Fails with kBadInput for options that fit
// nothing, and for a file that cannot be written.
Result<std::unique_ptr<observe::AuditLog>> OpenAudit(const config::Config& config, AuditParts parts);

}  // namespace eider::server
