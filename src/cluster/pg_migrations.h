#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cluster/pg_core_store.h"

namespace eider::cluster {

// The newest version of the core tables that this program knows, as it stands in `cluster_nodes.binary_schema`.
int CoreSchemaVersion();

struct PgMigrationOptions {
  bool contract = false;  // Also what old programs would miss.
  bool dry_run = false;   // Only print.
  int to_version = 0;     // 0 = the newest.
  std::string applied_by;
  std::string scripts;  // A folder with further *.sql files, run in the order of their names.
  std::function<void(std::string_view)> print = {};  // Takes what was or would be done; empty = nobody.
};

// Brings the core tables to the wanted version under an advisory lock; whoever comes second finds nothing to do. Fails
// with kCoreUnavailable, and a message for the operator when a node is too old for a contract part or an applied part
// has another checksum.
Status MigratePg(PgCoreStore& store, const PgMigrationOptions& options);

// Whether this program can work with the tables as they are. Fails with kCoreUnavailable and what to do.
Status CheckPgVersion(PgCoreStore& store);

}  // namespace eider::cluster
