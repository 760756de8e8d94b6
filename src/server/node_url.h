#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "postgres/dsn.h"

namespace eider::server {

// Where the other nodes reach this one, as CLUSTER_NODE_URL=auto wants it: this machine's address on the way to the
// core database, and the port of `listening`, as in "0.0.0.0:15000". Fails with kBadInput when there is no such way
// over IP.
Result<std::string> AutomaticNodeUrl(const postgres::Dsn& core, std::string_view listening);
// The same on the way to the management node at `url`.
Result<std::string> AutomaticNodeUrl(const std::string& url, std::string_view listening);

}  // namespace eider::server
