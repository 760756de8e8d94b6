#pragma once

#include "base/result.h"
#include "config/config.h"

namespace eider::server {

// `config` for a look at the core database that changes nothing of it: a file is only read, and what would be made
// first is a new database in memory. Fails with kCoreUnavailable, and with kBadInput for options that fit nothing.
Result<config::Config> DryCore(config::Config config);

}  // namespace eider::server
