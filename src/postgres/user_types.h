#pragma once

#include "base/result.h"
#include "engine/session.h"
#include "postgres/pg_connection.h"

namespace eider::postgres {

// Reads users' types of the connection's database into the catalog that its sessions share.
Status LoadUserTypes(PgConnection& connection, const engine::Limits& limits);

}  // namespace eider::postgres
