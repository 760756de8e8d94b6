#pragma once

#include <memory>

#include "auth/shared_buckets.h"
#include "base/result.h"
#include "config/config.h"

namespace eider::server {

// The token buckets in redis, where RATE_LIMIT_SHARED asks for them; null where it does not. Fails with kBadInput
// without redis as the place of shared results.
Result<std::unique_ptr<auth::SharedBuckets>> MakeSharedRates(const config::Config& config);

}  // namespace eider::server
