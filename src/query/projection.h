#pragma once

#include <string>

#include "base/result.h"
#include "graphql/collect.h"

namespace eider::query {

// Appends the part of `json` (a function's result as JSON text) that `field` selects. Fails with kInternal when the
// text is not JSON.
Status AppendProjected(const graphql::CollectContext& context, const graphql::CollectedField& field,
                       const std::string& json, std::string& out);

}  // namespace eider::query
