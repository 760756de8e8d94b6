#pragma once

#include <memory>

#include "base/result.h"
#include "cluster/pg_core_store.h"
#include "config/config.h"
#include "engine/session_pool.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "observe/query_history.h"

namespace eider::server {

// What the history of requests needs of the node; outlives it.
struct HistoryParts {
  engine::SessionPool& sessions;        // Of the engine that has the core database.
  cluster::CoreStore* store = nullptr;  // The shared core database; null = the engine has it.
  observe::Metrics& metrics;
  observe::Log& log;
};

// What writes requests into the core database; null without QUERY_HISTORY. Fails with kBadInput for options that fit
// nothing.
Result<std::unique_ptr<observe::QueryHistory>> OpenHistory(const config::Config& config, const HistoryParts& parts);

// Lets statements read what nodes have written into a shared core database in PostgreSQL; `store` may be null.
Status AddHistoryRows(engine::Database& database, cluster::PgCoreStore* store);

}  // namespace eider::server
