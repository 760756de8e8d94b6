#pragma once

#include <string>

#include "auth/permissions.h"
#include "graphql/schema.h"

namespace eider::query {

// Whether a role may call a built-in function. Those that administer the node need a row that names exactly their type
// and is not disabled, unless the role is `admin`. `arguments`: the JSON object of the call.
bool MayCall(const auth::RoleRules& rules, const graphql::Type& parent, const graphql::Field& field,
             const std::string& arguments);

}  // namespace eider::query
