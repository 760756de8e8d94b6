#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/compiler.h"
#include "sources/duckdb/relation_info.h"

namespace eider::sources {

// Writes the SDL of a self-defined source: a type with @table or @view for each relation, object types for STRUCT
// columns, keys and relations from the constraints. Columns and relations without a counterpart are left out. Names
// are made unique within their scope; the order is by schema and name, hence stable.
// Relations outside of `default_schema` become modules.
std::string WriteIntrospectedSdl(const RelationMap& relations, std::string_view default_schema = "main");

// The same as SDL files; none when there are no relations.
std::vector<catalog::SdlFile> IntrospectedFiles(const RelationMap& relations, std::string_view default_schema);

// The same of the attached database `catalog`.
Result<std::vector<catalog::SdlFile>> IntrospectDatabase(engine::Session& session, const std::string& catalog);

}  // namespace eider::sources
