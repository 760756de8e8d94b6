#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "cluster/core_store.h"
#include "engine/session_pool.h"

namespace eider::cluster {

// The tables that users write, as one state: rows in text form by their keys, by table.
using MirrorRows = std::map<std::vector<std::string>, std::vector<std::optional<std::string>>>;
using MirrorState = std::map<std::string, MirrorRows, std::less<>>;

// The rows of the engine's `core` database.
Result<MirrorState> ReadMirrorRows(engine::Session& session);

// Keeps the engine's `core` database, which lies in memory, equal to the shared core database: reads of any kind need
// nobody else, and a transaction is stored there before it is committed here. Writers take turns. Thread-safe; owned by
// the CoreDatabase.
class CoreMirror {
 public:
  // Both outlive the mirror. When `read_only`, users change nothing; who leads the cluster does, with its lease.
  CoreMirror(engine::SessionPool& sessions, CoreStore& store, bool read_only = false)
      : sessions_(sessions),
        store_(store),
        read_only_(read_only) {}

  // The right to write; given back when it is destroyed. Fails with kCoreUnavailable at `deadline`.
  Result<std::shared_ptr<void>> TakeTurn(const Deadline& deadline);
  // The same for a change that no leader makes. Fails with kConstraint, too, when nobody may write.
  Result<std::shared_ptr<void>> TakeUsersTurn(const Deadline& deadline);

  // Takes over what others have written. Fails with kCoreUnavailable; the last state stays.
  Status Pull(const Deadline& deadline);
  // The same when it is not the newest already, or when the store could not be reached since. Returns whether anything
  // was taken over.
  Result<bool> PullIfOlder(const CoreVersions& versions, const Deadline& deadline);

  // Stores what the open transaction of `changing` has done; it must be committed next, and Pull()ed when it cannot be.
  // Fails with kCoreUnavailable, kConstraint when others have changed the same rows, and kForbidden when `lease` is
  // given and lost. REQUIRES: the turn.
  Status Push(engine::Session& changing, const std::optional<LeaseToken>& lease = {});

  // Takes over what was known once, until the shared database answers. Fails as the engine does.
  Status Restore(const CoreVersions& versions, MirrorState state);
  // What is known now.
  std::pair<CoreVersions, MirrorState> Known() const;

  // The versions that were taken over last.
  CoreVersions versions() const;

 private:
  Result<MirrorState> ReadShared(const Deadline& deadline);
  Status PullInTurn(const Deadline& deadline);
  Status TakeOver(const CoreVersions& versions, MirrorState shared, const Deadline& deadline);
  Result<CoreVersions> Store(const MirrorState& before, const MirrorState& after, CoreVersions versions,
                             const std::optional<LeaseToken>& lease, const Deadline& deadline);
  void GiveTurnBack();

  engine::SessionPool& sessions_;
  CoreStore& store_;
  const bool read_only_;
  Mutex turn_mutex_;
  CondVar turn_over_;
  bool turn_taken_ GUARDED_BY(turn_mutex_) = false;

  mutable Mutex mutex_;
  CoreVersions versions_ GUARDED_BY(mutex_);
  MirrorState base_ GUARDED_BY(mutex_);          // As both have it.
  std::int64_t outages_ GUARDED_BY(mutex_) = 0;  // Of the store before it was read last.
};

}  // namespace eider::cluster
