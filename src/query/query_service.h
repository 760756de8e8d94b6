#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "async/blocking_pool.h"
#include "auth/permission_store.h"
#include "base/snapshot.h"
#include "cache/result_cache.h"
#include "catalog/model.h"
#include "observe/audit_log.h"
#include "query/function_registry.h"
#include "query/service.h"
#include "query/session_router.h"
#include "query/stream_registry.h"

namespace eider::query {

// What the service works with; all outlive it.
struct QueryServiceParts {
  const SessionRouter& sessions;
  const SnapshotHolder<catalog::Snapshot>& snapshot;
  const FunctionRegistry& functions;
  async::BlockingPool* helpers = nullptr;        // Runs further root fields of a request; null = one after another.
  auth::PermissionStore* permissions = nullptr;  // Null = there is no role but `admin`.
  cache::ResultCache* cache = nullptr;           // Null = no result is kept.
  async::BlockingPool* flights = nullptr;        // Computes what several requests wait for; given with `cache`.
  observe::AuditLog* audit = nullptr;            // Where changes and refusals are written down; null = nowhere.
  // Called after a change of the core database was committed and before its answer is sent; empty = nobody cares.
  std::function<void()> core_changed = {};
  // Whether a source is in the schema without being reachable, and whether any is; empty = none ever is.
  std::function<bool(std::string_view)> is_away = {};
  std::function<bool()> any_away = {};
  // Whether an administrator has taken this node out of service: only the module core is served; empty = never.
  std::function<bool()> is_drained = {};
  cluster::CoreMirror* core_mirror = nullptr;  // Null = the core database is here alone.
  const StreamRegistry* streams = nullptr;     // Null = no table gives its rows as they are added.
};

struct QueryServiceOptions {
  std::int64_t default_limit = 2000;  // Root lists without a limit; 0 = none.
  std::size_t max_depth = 20;         // Of an operation; 0 = none.
  std::size_t introspection_depth = 7;
  int max_parallel = 0;                // Root fields of one request at once; 0 = all that helpers take.
  std::string time_zone = "UTC";       // Default session zone.
  bool core_only = false;              // Requests for other data than that of the module core are not served.
  std::size_t operation_cache = 4096;  // Parsed and validated documents kept.
  std::size_t plan_cache = 4096;       // Compiled plans kept.
  int coalescing_threads = 1;          // Threads that answer look-ups together; 0 = off.
  int native_coalescing_threads = 2;   // The same for each source that runs statements itself, besides its reserves.
};

// Numbers since the start, for metrics.
struct QueryCounters {
  std::uint64_t plan_cache_hits = 0;
  std::uint64_t plan_cache_misses = 0;
  std::uint64_t operation_cache_hits = 0;
  std::uint64_t operation_cache_misses = 0;
  std::uint64_t coalesced_requests = 0;  // Look-ups that were answered by a shared statement.
  std::uint64_t coalesced_statements = 0;
};

// The query service of a node, with access to its counters.
class EngineQueryService : public QueryService {
 public:
  virtual QueryCounters counters() const = 0;
  // Forgets all operations and plans that are kept.
  virtual void ForgetPlans() = 0;
};

// Fails when the default time zone is unknown.
Result<std::unique_ptr<EngineQueryService>> CreateQueryService(const QueryServiceParts& parts,
                                                               const QueryServiceOptions& options);

}  // namespace eider::query
