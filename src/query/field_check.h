#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "catalog/model.h"
#include "graphql/ast.h"
#include "graphql/coerce.h"
#include "planner/access.h"

namespace eider::query {

// Looks for members that a role may not use, in a whole document before anything of it runs. Used for one document.
class FieldCheck {
 public:
  FieldCheck(const planner::Access& access, const graphql::Document& document) : access_(access), document_(document) {}

  // Whether every field and every literal of all operations and fragments may be used. REQUIRES: a valid document.
  bool AllowsDocument();

  // The same for the values that variables have.
  bool AllowsVariables(const graphql::OperationDefinition& operation, const graphql::Variables& variables);

  // What was not allowed, as TYPE.FIELD, for the audit log alone; empty when all was.
  const std::string& denied() const { return denied_; }

 private:
  // `denied`: a module around the selections is; only what nobody can be denied may stand in it.
  bool Allows(const graphql::Type& type, graphql::SelectionSet selections, bool denied);
  bool AllowsField(const graphql::Type& type, const graphql::FieldNode& node, bool denied);
  bool AllowsValue(const graphql::Value& value, graphql::TypeRef type);
  // Remembers the first member that was denied; false.
  bool Deny(std::string_view type, std::string_view field);

  const planner::Access& access_;
  const graphql::Document& document_;
  std::set<std::pair<std::string_view, bool>> seen_;  // Fragments that were looked into.
  std::string denied_;
};

}  // namespace eider::query
