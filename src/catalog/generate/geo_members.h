#pragma once

#include <memory>
#include <span>

#include "catalog/generate/generation.h"
#include "catalog/generate/module_tree.h"

namespace eider::catalog {

// Defines _spatial, _spatial_aggregation and what `Query.h3` gives, with members for every object that has a geometry.
// After the types of all objects are defined.
void DefineGeoMembers(Generation& generation, std::span<const std::shared_ptr<const CompiledSource>> sources);

// Adds `_spatial` to an object's type, or to its aggregation type, when the object has a geometry.
void AddSpatialField(Generation& generation, graphql::TypeBuilder* type, const DataObject& object, bool aggregation);

// Adds `Query.h3`.
void AddHexagons(Generation& generation, ModuleTree& modules);

}  // namespace eider::catalog
