#pragma once

#include <string>

#include "base/result.h"
#include "cluster/source_record.h"
#include "engine/session.h"

namespace eider::sources {

// The path of `source`, or what stands for it when it is the name of a secret that the engine of `session` keeps from
// one start to the next: the settings of a PostgreSQL or MySQL server, `secret:NAME` for a lake. Secrets of servers are
// read by another engine over the same folders, which lives no longer than this call: the engine of `session` shows
// none. Fails with kSourceUnavailable when a server's path can only be such a name and there is no such secret.
Result<std::string> PathOfSecret(engine::Session& session, const cluster::SourceRecord& source);

}  // namespace eider::sources
