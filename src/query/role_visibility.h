#pragma once

#include <string>
#include <unordered_set>

#include "catalog/model.h"
#include "graphql/introspection.h"
#include "planner/access.h"

namespace eider::query {

// Hides from introspection what the rows of a role hide: members, whole objects, and whatever answers with these.
// Made for one request.
class RoleVisibility final : public graphql::Visibility {
 public:
  RoleVisibility(const planner::Access& access, const catalog::Snapshot& snapshot);

  bool IsVisible(const graphql::Type& type) const override;
  bool IsVisible(const graphql::Type& parent, const graphql::Field& field) const override;
  bool IsVisible(const graphql::Type& parent, const graphql::InputValue& input_field) const override;
  bool IsVisible(const graphql::Type& parent, const graphql::Field& field,
                 const graphql::InputValue& argument) const override;

  bool IsVisible(const catalog::DataObject& object) const { return !hidden_.contains(object.name); }

 private:
  const planner::Access& access_;
  std::unordered_set<std::string> hidden_;  // Names of objects and of the types made from them.
};

}  // namespace eider::query
