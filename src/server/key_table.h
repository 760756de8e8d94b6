#pragma once

#include "auth/managed_keys.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/snapshot.h"
#include "engine/session_pool.h"

namespace eider::server {

// The keys of `core.api_keys`, held in memory by their hashes. Thread-safe; readers never wait for the database.
class KeyTable {
 public:
  explicit KeyTable(engine::SessionPool& sessions) : sessions_(sessions) {}

  // Reads the keys anew. A key that cannot be understood is disabled. On failure the last ones stay.
  Status Refresh();

  // Writes down when keys were used, to the minute. Quick when none was.
  Status KeepUses();

  const SnapshotHolder<auth::KeyIndex>& index() const { return index_; }

 private:
  engine::SessionPool& sessions_;
  Mutex refreshing_;
  SnapshotHolder<auth::KeyIndex> index_;
};

}  // namespace eider::server
