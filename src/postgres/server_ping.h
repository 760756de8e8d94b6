#pragma once

#include "postgres/dsn.h"

namespace eider::postgres {

// Whether a server at `dsn` takes connections; nobody logs in. Blocks for some seconds at most for each of its hosts.
bool TakesConnections(const Dsn& dsn);

}  // namespace eider::postgres
