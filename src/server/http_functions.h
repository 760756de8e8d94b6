#pragma once

#include "engine/database.h"
#include "query/function_registry.h"
#include "sources/source_registry.h"

namespace eider::server {

// Makes http_data_source_request_scalar, http_data_source_request and http_data_source_request_batch known to SQL
// (14.2). `sources` outlives the
// database's statements. Fails when the engine refuses them.
Status AddHttpFunctions(engine::Database& database, sources::SourceRegistry& sources);

// Registers the fields of the same names in the module `core`. `sources` outlives the functions.
void RegisterHttpFunctions(query::FunctionRegistry& functions, sources::SourceRegistry& sources);

}  // namespace eider::server
