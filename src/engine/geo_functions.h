#pragma once

#include <duckdb.h>

#include "base/result.h"

namespace eider::engine {

// Adds the engine's functions for the H3 grid, for all sessions of the connection's database:
//   eider_h3_cells(wkb BLOB, resolution INTEGER, simplify BOOLEAN) -> UBIGINT[]: the cells of a geometry in degrees
//   eider_h3_boundary(cell UBIGINT) -> BLOB: the outline of a cell as WKB
// NULL gives NULL. Fails with kInternal when the engine refuses them.
Status RegisterGeoFunctions(duckdb_connection connection);

}  // namespace eider::engine
