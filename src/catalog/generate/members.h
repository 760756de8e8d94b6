#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "catalog/generate/generation.h"

namespace eider::catalog {

// A type that all objects share, with members for the data objects of the whole schema (6.1): _join, _spatial,
// _h3_data_query and the types of the same name inside aggregations.
struct MemberType {
  std::string_view name;
  std::string_view description;
  // What every member takes besides the arguments of 6.4, such as `fields`; they come first.
  std::vector<graphql::InputValueSpec> arguments;
  // Which objects have members; null = all. Junctions never have.
  std::function<bool(const DataObject&)> has_members;
  // For use inside aggregation types: only `T`, which gives `_T_aggregation`, without limit and offset.
  bool inside_aggregation = false;
};

// Defines the type and adds its members: `T`, `T_aggregation`, `T_bucket_aggregation` of every object, bound as
// relation fields without a relation. One argument list per object is shared by its members. Null when no object has
// members.
graphql::TypeBuilder* DefineMembers(Generation& generation, const MemberType& type,
                                    std::span<const std::shared_ptr<const CompiledSource>> sources);

// Defines _join and _join_aggregation. After the types of all objects are defined.
void DefineJoins(Generation& generation, std::span<const std::shared_ptr<const CompiledSource>> sources);

// Adds the field of a member type to an object's type, or to its aggregation type.
void AddJoinField(Generation& generation, graphql::TypeBuilder* type, const DataObject& object, bool aggregation);

}  // namespace eider::catalog
