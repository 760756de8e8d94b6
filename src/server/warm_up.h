#pragma once

#include <string>
#include <vector>

#include "auth/permission_store.h"
#include "base/result.h"
#include "observe/log.h"
#include "query/service.h"

namespace eider::server {

// The GraphQL documents in a file, which lines of "---" keep apart. Fails with kBadInput when it cannot be read.
Result<std::vector<std::string>> ReadWarmUpFile(const std::string& path);

// Plans every document for every role that may use it, and runs none. A document that is wrong is told to `log`.
void WarmUp(query::QueryService& service, const auth::PermissionSnapshot& roles,
            const std::vector<std::string>& documents, observe::Log& log);

}  // namespace eider::server
