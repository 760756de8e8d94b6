#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/mutex.h"
#include "base/result.h"
#include "cluster/desired_sources.h"
#include "config/config.h"
#include "engine/session.h"
#include "observe/log.h"
#include "server/data_node.h"
#include "server/source_reconciler.h"

namespace eider::server {

// What a node that stands alone should have loaded, kept in its own core database: each source as it was registered
// when it was loaded last, also after a restart, and those that cannot be reached are tried again. A cluster of one
// member, without a lead. Owned by the node, destroyed before the data node; thread-safe.
class LoneSources {
 public:
  // Works out what is loaded at start: what was loaded before as it was then, and what was registered since. Fails with
  // kCoreUnavailable. REQUIRES: `data` has a core database of its own that it may write.
  static Result<std::unique_ptr<LoneSources>> Open(DataNode& data, const config::Config& config, observe::Log& log);

  // The sources that were to be loaded at start are tried.
  void Begin();

  // Takes what is to be done when a transaction has ended, told whether it was committed.
  using AtEnd = std::function<void(std::function<void(bool committed)>)>;

  // Loads a source as it is registered now, and remembers that. On failure what runs goes on running. With `changing`
  // as that session's transaction has left it: it is loaded at once whatever becomes of that, and remembered by
  // `at_end` once the registration holds.
  Status Load(const std::string& name, engine::Session* changing, const AtEnd& at_end);

  // Unloads a source and remembers that.
  Status Unload(const std::string& name);

 private:
  LoneSources(DataNode& data, const config::Config& config, std::unique_ptr<cluster::CoreStore> store,
              observe::Log& log);

  Status Prepare();
  // Whether a source that was known before is loaded at start; notes what has become of its registration.
  Result<bool> IsLoadedAtStart(cluster::DesiredSource& wanted, const cluster::SourceRecord* registered);
  Status LoadHere(const cluster::SourceRecord& record);
  // Remembers that `record` is loaded, as `model`.
  Status Remember(SourceReconciler::Hold& hold, const cluster::SourceRecord& record, const std::string& model);
  // The same later on, unless something has happened to the source since operation `number`.
  Status RememberLater(const cluster::SourceRecord& record, const std::string& model, std::int64_t number);
  // Counts what is done to a source. REQUIRES: the source is held.
  std::int64_t NextNumber(const std::string& name);
  bool IsDeclared(const std::string& name) const { return declared_.contains(name); }

  DataNode& data_;
  const std::string node_;
  observe::Log& log_;
  const std::unique_ptr<cluster::CoreStore> store_;
  std::set<std::string> declared_;  // Of the configuration: those are always as it says.
  cluster::DesiredSources desired_;
  SourceReconciler reconciler_;
  Mutex mutex_;
  std::map<std::string, std::int64_t> numbers_ GUARDED_BY(mutex_);  // Of the last operation, by source.
};

}  // namespace eider::server
