#pragma once

#include <memory>
#include <string>

#include "auth/permissions.h"
#include "planner/access.h"
#include "query/operation.h"

// What a role may ask at all, looked at before anything is planned. Verdicts are kept with the operation.
namespace eider::query {

// Null when the role has no rule at all, so that nothing has to be looked at.
std::shared_ptr<const planner::Access> AccessOf(const std::shared_ptr<const auth::RoleRules>& rules,
                                                const Operation& operation);

// Whether the role may use all members that the document names. REQUIRES: `operation` is valid.
bool AllowsDocument(const planner::Access& access, const Operation& operation);

// The first member that it may not use, for the audit log.
std::string DeniedMember(const planner::Access& access, const Operation& operation);

// What is wrong with the nesting of a document for a role that has a limit of its own; empty = nothing.
std::string DepthProblem(const auth::RoleRules& rules, const Operation& operation);

}  // namespace eider::query
