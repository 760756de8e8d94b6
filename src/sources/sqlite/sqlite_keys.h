#pragma once

#include <string>

#include "sources/duckdb/relation_info.h"

namespace eider::sources {

// Adds to the relations of the attached SQLite database `catalog` what the engine does not tell: unique keys, foreign
// keys, and which columns SQLite fills by itself. Takes SQLite's own tables out.
Status AddSqliteKeys(engine::Session& session, const std::string& catalog, RelationMap& relations);

}  // namespace eider::sources
