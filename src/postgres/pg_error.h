#pragma once

#include <libpq-fe.h>

#include <string_view>

#include "base/error.h"

namespace eider::postgres {

// The error of a failed result: the server's primary message, and a code by its SQLSTATE.
Error ResultError(const PGresult* result);

// The error of a connection that cannot be made or was lost, in one line and without secrets.
Error ConnectionError(std::string_view what, const PGconn* connection);

// The SQLSTATE of a failed result; empty when it has none.
std::string_view SqlState(const PGresult* result);

}  // namespace eider::postgres
