#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/session.h"

namespace eider::sources {

// Whether the source has a table or view of that name; an empty schema means the default one.
using RelationExists = std::function<bool(std::string_view schema, std::string_view table)>;

// `sql` of a view with `catalog` put before every table name that is written without one and that the source has, so
// that it means the source's own table wherever the statement runs. Names of CTEs and placeholders `[$…]` stay as they
// are; a text that the engine does not parse as a query is given back unchanged.
std::string QualifyTableNames(engine::Session& session, const std::string& sql, const std::string& catalog,
                              const RelationExists& exists, std::string_view default_schema = "main");

}  // namespace eider::sources
