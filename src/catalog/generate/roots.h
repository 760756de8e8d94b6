#pragma once

#include "catalog/generate/generation.h"
#include "catalog/generate/module_tree.h"

namespace eider::catalog {

// Adds the root query and mutation fields of the source's objects (6.2, 6.3).
void AddRootFields(Generation& generation, ModuleTree& modules, const CompiledSource& source);

// Adds the functions that the source declares, with the aggregations of table functions (12.2, 12.3).
void AddSourceFunctions(Generation& generation, ModuleTree& modules, const CompiledSource& source);

// Adds insert_many of 17.4; after all other fields of all sources, as a taken name is left alone.
void AddBulkFields(Generation& generation, ModuleTree& modules, const CompiledSource& source);

// Adds the fields that every query root has (3.3): `jq` and the logical schema (16.5), with their types.
void AddSystemFields(Generation& generation, ModuleTree& modules);

// Adds the built-in functions of module core with the types they answer.
void AddBuiltinFunctions(Generation& generation, ModuleTree& modules);

}  // namespace eider::catalog
