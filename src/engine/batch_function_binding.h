#pragma once

#include <duckdb.h>

#include "engine/batch_function.h"
#include "engine/statement_calls.h"

namespace eider::engine {

// Adds `function` to the engine, for all sessions of the connection's database. `calls` outlives them. Fails with
// kInternal when the engine refuses it.
Status RegisterBatchFunction(duckdb_connection connection, CallTable& calls, const BatchFunction& function);

}  // namespace eider::engine
