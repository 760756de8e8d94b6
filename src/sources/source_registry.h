#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/circuit_breaker.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/snapshot.h"
#include "catalog/compiler.h"
#include "cluster/core_database.h"
#include "engine/database.h"
#include "engine/session_pool.h"
#include "sources/connector.h"
#include "sources/source_compilation.h"

namespace eider::sources {

enum class SourceState { kDetached, kAttached };

// What is known of one source, for banners, health and logs.
struct SourceReport {
  std::string name;
  std::string type;
  SourceState state = SourceState::kDetached;
  bool has_schema = false;
  bool disabled = false;
  bool read_only = false;
  std::string error;  // Of the last load; empty when it succeeded.

  // Of a source with own sessions.
  bool is_native = false;
  std::optional<std::string> circuit_open;  // Why its circuit is open; nothing while it is closed.
  std::size_t open_sessions = 0;            // Idle ones and those in use.
};

// One word for the state of a source: "disabled", "detached", "attached" (without schema), "loaded", "degraded"
// (loaded, with its circuit open), or "failed".
std::string_view StateText(const SourceReport& report);

// Loads and unloads data sources and publishes the schema of all loaded ones. Owned by the composition root; the
// engine, the sessions, the core database and the snapshot holder outlive it. Thread-safe: loads of one source run one
// after the other, loads of different sources side by side, and queries never wait for any of them.
class SourceRegistry {
 public:
  struct Options {
    catalog::CompileOptions compile;
    std::vector<cluster::SourceRecord> declared;  // Of the configuration; each hides a row of the same name.
    bool core_read_only = false;
    bool with_members = false;  // The table of nodes; the engine knows eider_cluster_rows() then.
    bool in_cluster = false;    // All of the module `core.cluster`.
    HttpDefaults http;
    CircuitBreaker::Options breaker;  // Of each source that has one.
  };

  // `core` may be null: then there are the declared sources only, and no module `core`.
  SourceRegistry(engine::Database& database, engine::SessionPool& sessions, cluster::CoreDatabase* core,
                 SnapshotHolder<catalog::Snapshot>& snapshot, Options options);
  ~SourceRegistry();

  // Publishes the schema of the core module. Fails only on a defect.
  Status Start();

  // What the next loads of a source compile instead of what it has, as ModelOf() gave it on another node; with it the
  // source is in the schema also while it cannot be reached. Empty = its own.
  void SetModel(const std::string& name, std::string model);
  // What was compiled of a loaded source; empty when it is not loaded.
  std::string ModelOf(std::string_view name);
  // Whether a source is in the schema without being attached.
  bool IsAway(std::string_view name);
  bool any_away() const { return away_ > 0; }

  // What LoadAll() loads beside the declared sources, instead of all registered ones.
  void SetRegistered(std::vector<cluster::SourceRecord> records);

  // Loads every source that is not disabled, by name, extensions last. A source that fails is reported, never fatal;
  // only a core database that cannot be read makes this fail.
  Status LoadAll();

  // Attaches and compiles a source, or loads it again: its new schema replaces the old one in one step. A failed first
  // load leaves it detached, or attached without schema when only its SDL is at fault; a failed reload changes nothing.
  // With `changing`, the registration is read as that session's transaction has left it.
  Status Load(std::string_view name, engine::Session* changing = nullptr);

  // The same for a registration that somebody else has read.
  Status Load(const cluster::SourceRecord& record) { return LoadRecord(record); }

  // Takes the source out of the schema and detaches it. Running statements end undisturbed.
  Status Unload(std::string_view name);

  // The state of a registered or loaded source; "data source not found" for any other.
  Result<SourceState> State(std::string_view name);

  // Writes the journal of one attached source, or of all writable ones and the core database for an empty name, into
  // its file.
  Status Checkpoint(std::string_view name);

  // The SDL of a loaded source as it was declared; only the introspected part when `introspected_only`.
  Result<std::string> Describe(std::string_view name, bool introspected_only);

  // All sources known by now, by name.
  std::vector<SourceReport> Reports();

  // The own sessions of an attached source; null for one whose statements the engine runs.
  std::shared_ptr<engine::SessionPool> NativeSessions(std::string_view name);

  // Has the source's server asked whether it still answers; somebody has waited long for it.
  void AskPulse(std::string_view name, bool urgent);
  // Lets the source be tried at once, whatever failed before.
  void ForgetFailures(std::string_view name);
  // kSourceUnavailable when the source's server does not answer anything, kSourceCircuitOpen while other nodes cannot
  // reach it.
  Status CheckPulse(std::string_view name);
  // Whether requests are what the source's breaker counts.
  bool IsCalledByEngine(std::string_view name);
  // Lets a request call such a source; nothing for any other. Fails with kSourceCircuitOpen.
  Result<std::optional<EngineCall>> BeginCall(std::string_view name);
  // What reaches the attached sources that have a breaker, by name.
  std::vector<std::pair<std::string, std::shared_ptr<const NativeSource>>> WithBreakers();

  // The calls of an attached HTTP source. Fails with kNotFound for an unknown name, kBadInput for another kind.
  Result<std::shared_ptr<HttpService>> Http(std::string_view name);

 private:
  struct Entry;

  using CompiledSources = std::map<std::string, std::shared_ptr<const catalog::CompiledSource>>;

  Result<cluster::SourceRecord> FindRecord(std::string_view name, engine::Session* changing = nullptr);
  Result<std::vector<cluster::SourceRecord>> RegisteredRecords();
  Result<std::vector<cluster::SourceRecord>> AllRecords();
  std::shared_ptr<Entry> EntryOf(const std::string& name);
  std::shared_ptr<Entry> FindEntry(std::string_view name);

  Status LoadRecord(const cluster::SourceRecord& record);
  Status TakeModel(Entry& entry, const std::string& name);
  Status ServeAway(Entry& entry, const cluster::SourceRecord& record);
  void SetAway(Entry& entry, bool away);
  Status LoadEntry(Entry& entry, const cluster::SourceRecord& record);
  Status LoadFirst(Entry& entry, engine::Session& session, const Connector& connector,
                   const cluster::SourceRecord& record);
  Status LoadAgain(Entry& entry, engine::Session& session, const Connector& connector,
                   const cluster::SourceRecord& record);
  Status LoadElsewhere(Entry& entry, engine::Session& session, const Connector& connector,
                       const cluster::SourceRecord& record);
  Status LoadInPlace(Entry& entry, engine::Session& session, const Connector& connector,
                     const cluster::SourceRecord& record);
  Result<SourceCompilation> CompileApart(const Attachment& attachment, const Connector& connector,
                                         const cluster::SourceRecord& record);
  Result<SourceCompilation> Compile(const Attachment& attachment, const Connector& connector,
                                    const cluster::SourceRecord& record);

  // Puts `compiled` in the place of what `name` had, nothing when it is null. `before_publishing` runs when the new
  // schema is known to fit, right before it is served.
  Status Publish(const std::string& name, std::shared_ptr<const catalog::CompiledSource> compiled,
                 const std::function<Status()>& before_publishing);
  // Everything that the extensions of `strict` add must fit.
  Result<std::shared_ptr<const catalog::Snapshot>> Build(const CompiledSources& sources,
                                                         std::set<std::string, std::less<>> strict)
      REQUIRES_LOCK(publish_mutex_);
  void Serve(std::shared_ptr<const catalog::Snapshot> next) REQUIRES_LOCK(publish_mutex_);
  // Compiles the extensions anew that have views over `name`, which was loaded.
  void RefreshDependants(const std::string& name);
  Status RefreshExtension(Entry& entry, const std::string& name);
  void PublishCollected();
  // Tells in the extension's report which of its parts do not fit.
  void NoteMisfits(const catalog::Snapshot& snapshot, const std::string& extension);
  void NoteDisabled(const cluster::SourceRecord& record);

  engine::Database& database_;
  engine::SessionPool& sessions_;
  cluster::CoreDatabase* core_;
  SnapshotHolder<catalog::Snapshot>& snapshot_;
  const Options options_;
  const ConnectorTable connectors_;

  Mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>, std::less<>> entries_ GUARDED_BY(mutex_);
  std::optional<std::vector<cluster::SourceRecord>> registered_ GUARDED_BY(mutex_);
  std::map<std::string, std::string> models_ GUARDED_BY(mutex_);
  std::atomic<int> away_ = 0;
  std::map<std::string, std::uint64_t> loads_ GUARDED_BY(mutex_);  // How often each source was compiled.

  // Guards the order of publications; held while a snapshot is built.
  Mutex publish_mutex_;
  CompiledSources compiled_ GUARDED_BY(publish_mutex_);
  std::shared_ptr<const catalog::CompiledSource> core_compiled_ GUARDED_BY(publish_mutex_);
  std::uint64_t version_ GUARDED_BY(publish_mutex_) = 0;
  bool collecting_ GUARDED_BY(publish_mutex_) = false;  // LoadAll() builds one schema at its end.
};

}  // namespace eider::sources
