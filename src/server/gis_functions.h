#pragma once

#include "query/function_registry.h"

namespace eider::server {

// Registers the built-in functions of the module `core.gis`. They compute; no data source is asked.
void RegisterGisFunctions(query::FunctionRegistry& functions);

}  // namespace eider::server
