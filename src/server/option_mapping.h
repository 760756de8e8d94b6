#pragma once

#include <vector>

#include "cluster/pg_core_store.h"
#include "cluster/source_record.h"
#include "config/config.h"
#include "engine/database.h"
#include "http/server.h"
#include "observe/log.h"
#include "query/query_service.h"
#include "sources/http/http_options.h"

// What the options of a node mean to each of its parts.
namespace eider::server {

cluster::PgCoreOptions PgCoreOptionsOf(const config::Config& config);

// Whether the core database is never written to: told so, or a file in an object storage.
bool IsReadOnlyCore(const config::Config& config);

// Whether the nodes of a cluster share a core database that lies in a file and is only read.
bool IsReadOnlyCluster(const config::Config& config);

// The key of a core database in PostgreSQL when none was given: that of the cluster's secret. Empty for a file in
// db_home_directory. Fails with kBadInput when there is neither.
Result<std::string> SharedCoreKey(const config::Config& config, observe::Log* log);

engine::DatabaseOptions DatabaseOptionsOf(const config::Config& config);
query::QueryServiceOptions QueryOptionsOf(const config::Config& config);
async::AdmissionOptions AdmissionOptionsOf(const config::Config& config);
// Nothing when no result is to be kept.
std::optional<cache::CacheOptions> CacheOptionsOf(const config::Config& config);
http::ServerOptions HttpOptionsOf(const config::Config& config);
sources::HttpDefaults HttpDefaultsOf(const config::Config& config);
observe::LogOptions LogOptionsOf(const config::Config& config);
std::vector<cluster::SourceRecord> DeclaredSources(const config::Config& config);

// The name of this node: as configured, else the host's.
std::string NodeName(const config::Config& config);

}  // namespace eider::server
