#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/permissions.h"
#include "catalog/model.h"
#include "planner/statement.h"

// The rules of a role as parts of statements. A Level, a junction or a condition reads rows through FromText(), which
// takes the rules in, so no path to an object goes round them.
namespace eider::planner {

// What a role may do with data objects of one schema. Immutable; made for each request, the rules are shared.
class Access {
 public:
  Access(std::shared_ptr<const auth::RoleRules> rules, std::shared_ptr<const graphql::Schema> schema)
      : rules_(std::move(rules)),
        schema_(std::move(schema)) {}

  const auth::RoleRules& rules() const { return *rules_; }
  const graphql::Schema& schema() const { return *schema_; }

  // Whether `operation` is denied on `object`. What denies reading denies everything.
  bool IsDenied(const catalog::DataObject& object, auth::Operation operation) const;

  // Whether the field of an object or structural type may not be used, whichever way it is named.
  bool IsFieldDenied(std::string_view type, std::string_view field) const;

  // The same for a field of the schema: its own row, else that of the column or relation that it stands for.
  bool IsDenied(const graphql::Type& parent, const graphql::Field& field) const;
  bool IsDenied(const graphql::Type& parent, const graphql::InputValue& field) const;
  bool IsHidden(const graphql::Type& parent, const graphql::Field& field) const;
  bool IsHidden(const graphql::Type& parent, const graphql::InputValue& field) const;

  // The filter that a rule adds to the rows of a field; null = none.
  const std::string* FilterOf(const graphql::Type& parent, const graphql::Field& field) const;

  // The same for a relation that is not selected but followed, by a filter or an order.
  const std::string* FilterOf(const catalog::Relation& relation) const;

  // The filter that rows must pass for `operation`: its own, else that of reading. Empty = none.
  const std::string& FilterOf(const catalog::DataObject& object, auth::Operation operation) const;

 private:
  // The rows that decide about a member: its own, and that of what it stands for unless the first names the type.
  struct Deciding {
    const auth::Rule* own = nullptr;
    const auth::Rule* base = nullptr;
  };
  Deciding Find(const graphql::Type& parent, const graphql::Field& field) const;
  Deciding Find(const graphql::Type& parent, const graphql::InputValue& field) const;

  bool IsGuarded(const catalog::DataObject& object, auth::Operation operation) const;

  const std::shared_ptr<const auth::RoleRules> rules_;
  const std::shared_ptr<const graphql::Schema> schema_;
};

inline constexpr std::string_view kForbidden = "forbidden";

// Makes the request fail without a word about the reason; `what` is for the audit log alone.
void Forbid(Statement& statement, std::string what);

// Forbids the request when its role may not do `operation` on `object`.
void CheckAllowed(Statement& statement, const catalog::DataObject& object, auth::Operation operation);

// Forbids the request when its role may not use the field.
void CheckFieldAllowed(Statement& statement, std::string_view type, std::string_view field);

// The condition of the role's filter for `operation` on the row `alias`; empty = none. A filter that cannot be applied
// as a whole, for whatever reason, gives "false".
std::string RoleConditionSql(Statement& statement, const catalog::DataObject& object, auth::Operation operation,
                             std::string_view alias);

// The same for a filter that a rule of a field gives.
std::string RuleFilterSql(Statement& statement, const catalog::DataObject& object, std::string_view filter,
                          std::string_view alias);

// A rule's filter as a bound value of `object`'s filter type, with parameters of the session; nothing when some part of
// it does not fit. `guard` gets the placeholders that need a condition of their own.
std::optional<BoundValue> ReadRuleFilter(Statement& statement, const graphql::Schema& schema,
                                         const catalog::DataObject& object, std::string_view filter,
                                         std::vector<SessionValue>& guard);

}  // namespace eider::planner
