#pragma once

#include <duckdb.h>

#include "engine/text_function.h"

namespace eider::engine {

// Makes `function` known to all sessions of the connection's database. Fails with kInternal when the engine refuses it.
Status RegisterTextFunction(duckdb_connection connection, TextFunction function);

}  // namespace eider::engine
