#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "engine/session.h"

namespace eider::cluster {

// One step of the core tables' history. Never edited once released; a change is a new step at the end.
struct CoreMigration {
  int version;
  std::string_view sql;
};

std::span<const CoreMigration> CoreMigrations();

// Brings the attached core database to the newest version; each step is one transaction. Fails when the stored version
// is newer than the last step known here.
Status MigrateCore(engine::Session& session);

// Checks, without writing, that the stored version is the newest.
Status CheckCoreVersion(engine::Session& session);

}  // namespace eider::cluster
