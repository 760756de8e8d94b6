#pragma once

#include "auth/permission_store.h"
#include "base/snapshot.h"
#include "catalog/model.h"
#include "query/function_registry.h"

namespace eider::server {

// Registers what a role may ask about its permissions, and what administrators may ask about all (`core.auth`). Both
// arguments after the registry outlive it.
void RegisterAccessFunctions(query::FunctionRegistry& functions, const auth::PermissionStore& permissions,
                             const SnapshotHolder<catalog::Snapshot>& snapshot);

}  // namespace eider::server
