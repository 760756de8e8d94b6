#pragma once

#include "sources/duckdb/relation_info.h"

namespace eider::sources {

// Reads tables, views and materialized views that the user of `session` may see, with their columns and keys. Column
// types are given as the engine would print their counterparts; those without one have an empty type. What belongs to
// an extension, and the partitions of a table, are left out.
Result<RelationMap> ReadPgRelations(engine::Session& session);

}  // namespace eider::sources
