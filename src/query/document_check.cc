#include "query/document_check.h"

#include <algorithm>

#include "graphql/validate.h"
#include "query/field_check.h"

namespace eider::query {

std::shared_ptr<const planner::Access> AccessOf(const std::shared_ptr<const auth::RoleRules>& rules,
                                                const Operation& operation) {
  if (rules->is_free()) return nullptr;
  return std::make_shared<const planner::Access>(rules, operation.snapshot->schema);
}

bool AllowsDocument(const planner::Access& access, const Operation& operation) {
  if (!access.rules().has_field_rules()) return true;
  const std::uint64_t role = access.rules().id();
  if (const auto known = operation.verdicts.Find(role)) return *known;
  const bool allowed = FieldCheck(access, *operation.document).AllowsDocument();
  operation.verdicts.Put(role, allowed);
  return allowed;
}

std::string DeniedMember(const planner::Access& access, const Operation& operation) {
  FieldCheck check(access, *operation.document);
  (void)check.AllowsDocument();
  return check.denied();
}

std::string DepthProblem(const auth::RoleRules& rules, const Operation& operation) {
  const auto& limit = rules.limits().max_depth;
  if (!limit || *limit < 0 || operation.depths.Find(rules.id()).value_or(false)) return {};
  graphql::ValidationOptions options;
  options.max_depth = static_cast<std::size_t>(std::max<std::int64_t>(1, *limit));
  const auto errors = graphql::Validate(*operation.snapshot->schema, *operation.document, options);
  if (!errors.empty()) return errors.front().message;
  operation.depths.Put(rules.id(), true);
  return {};
}

}  // namespace eider::query
