#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cluster/core_mirror.h"
#include "cluster/core_secrets.h"
#include "cluster/role_record.h"
#include "cluster/source_record.h"
#include "engine/session_pool.h"

namespace eider::cluster {

// Names under which the engine knows the core database.
inline constexpr std::string_view kCoreCatalog = "core";
inline constexpr std::string_view kCoreSchema = "eider";

struct CoreSnapshot;  // cluster/core_snapshot.h

// The object storage that a core database at s3://… lies in.
struct CoreObjectStorage {
  std::string endpoint;  // Host and port; empty = the provider's.
  std::string region;
  std::string key;
  std::string secret;
  bool use_ssl = true;
};

// Whether `path` names a core database in an object storage, which is only read.
bool IsObjectPath(std::string_view path);

struct CoreDatabaseOptions {
  std::string path;                        // A DuckDB file, or s3://… of one; empty = in memory, forgotten at stop.
  bool read_only = false;                  // Of a shared one: users change nothing.
  CoreObjectStorage storage = {};          // Of a path at s3://….
  const CoreSnapshot* snapshot = nullptr;  // What `shared` held, while it does not answer; null = it does.
  CoreStore* shared = nullptr;     // The core database of several nodes; `path` is empty then. Outlives the database.
  CoreSecrets* secrets = nullptr;  // Protects what is stored; null = nothing is. Outlives the database.
};

// The core database as the engine has it: registered sources, roles, permissions, keys; a file, memory, or the copy of
// one that several nodes share. Owned by the composition root, lives as
// long as the engine. Thread-safe; each call takes a session of its own. Failures are kCoreUnavailable.
class CoreDatabase {
 public:
  // Attaches the database as `core` and brings its tables to the newest version. Fails when the file is locked, is no
  // database, lies in a missing folder, or was written by a newer version of this program.
  static Result<std::unique_ptr<CoreDatabase>> Open(engine::SessionPool& sessions, const CoreDatabaseOptions& options);

  // What users have written into the core database at `options.path`, which is read once and left alone. Fails as
  // Open() does. REQUIRES: none is open.
  static Result<MirrorState> ReadFile(engine::SessionPool& sessions, const CoreDatabaseOptions& options);

  // The copy of a shared core database; null when it lies here alone.
  CoreMirror* mirror() { return mirror_.get(); }

  // Runs `work` in a transaction of its own and keeps what it has changed, in the shared database too. For all changes
  // that are no requests of users. With `lease` only while it is held, else kForbidden. REQUIRES: `work` neither
  // commits nor rolls back.
  Status Change(const std::function<Status(engine::Session&)>& work, const std::optional<LeaseToken>& lease = {});

  // All registered sources by name, disabled ones too.
  Result<std::vector<SourceRecord>> ListSources();

  // The source called `name`, or nothing. With `changing`, as that session's transaction has left it.
  Result<std::optional<SourceRecord>> FindSource(std::string_view name, engine::Session* changing = nullptr);

  // All roles with their permissions.
  Result<RoleRecords> ListRoles();

  // Checks what a transaction has done to roles before it is committed, and gives the permissions their next version.
  // Fails with kConstraint when `admin` is gone or disabled, or a permission or a key is left without its role.
  static Status FinishRoleChange(engine::Session& changing);

 private:
  static Status Attach(engine::Session& session, const CoreDatabaseOptions& options);

  CoreDatabase(engine::SessionPool& sessions, const CoreSecrets* secrets) : sessions_(sessions), secrets_(secrets) {}

  engine::SessionPool& sessions_;
  const CoreSecrets* const secrets_;
  std::unique_ptr<CoreMirror> mirror_;
};

}  // namespace eider::cluster
