#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "cluster/core_snapshot.h"
#include "cluster/desired_sources.h"
#include "sources/source_registry.h"

namespace eider::server {

struct ReconcilerOptions {
  std::string node;
  std::chrono::milliseconds retry_min{2'000};
  std::chrono::milliseconds retry_max{60'000};
  std::chrono::milliseconds look_every{300'000};
  std::function<void(std::string_view source, std::string_view reason)> warn;
  std::function<void(const std::string& source)> changed;  // Results read from it are no longer true.
  // Told that circuits of sources have opened or closed; must not block.
  std::function<void()> circuits_changed = {};
  // Told how long a source took to follow the cluster, and whether it could.
  std::function<void(std::chrono::nanoseconds, bool)> followed = {};
};

// Makes this node have the sources that the cluster wants, and writes down what it has. Tries failed ones again, for
// ever. Thread-safe; owned by the node.
class SourceReconciler {
 public:
  // Both outlive this.
  SourceReconciler(cluster::DesiredSources& desired, sources::SourceRegistry& registry, ReconcilerOptions options);
  ~SourceReconciler();
  SourceReconciler(const SourceReconciler&) = delete;
  SourceReconciler& operator=(const SourceReconciler&) = delete;

  // The sources to load at start, which the registry then loads side by side.
  Result<std::vector<cluster::SourceRecord>> AtStart();
  // The same as it was known once, while the core database does not answer.
  Result<std::vector<cluster::SourceRecord>> AtStart(const cluster::CoreSnapshot& known);
  // Writes down how that went, and follows the cluster from then on.
  void Begin();
  // Follows it no longer, once what is being done has ended. Idempotent.
  void Stop();

  // Has a look soon, at the cluster's version `schema`.
  void Nudge(std::int64_t schema);

  // Tries a source again soon that has failed here.
  void TryAgain(const std::string& name);

  // The version that this node has reached.
  std::int64_t schema_version() const { return reached_; }

  // Waits until this node has reached `version`; whether it has.
  bool Await(std::int64_t version, const Deadline& deadline);

  // Versions that this node has heard of and not reached, and since when it is behind.
  std::int64_t lag() const;
  std::chrono::milliseconds behind_for() const;

  // The sources that another node has as they should be and this one not, for at least `time`.
  std::vector<std::string> Diverged(std::chrono::milliseconds time) const;

  // Does at once to this node what an operation on this node is about to do to all: takes over what it has done.
  // Between the two calls the source is the caller's.
  class Hold;
  Result<Hold> Take(const std::string& name, const Deadline& deadline);

 private:
  struct Own {
    std::int64_t generation = 0;  // Of what is loaded, or was unloaded.
    std::int64_t tried = 0;       // The generation that was tried last.
    int attempts = 0;
    Deadline::Clock::time_point again = Deadline::Clock::time_point::min();
    bool busy = false;
    int hands = 0;             // How often operations took it and gave it back.
    bool is_degraded = false;  // Told as such: its circuit is open.
    std::optional<cluster::NodeSource> unreported;
    std::optional<Deadline::Clock::time_point> diverged_since;
  };

  void Run();
  // Begins what is to be done; whether nothing is left that has not been tried.
  Result<bool> Pass();
  std::set<std::string> Present() const;
  std::map<std::string, int> Hands() const;
  Status ReportRest();
  // Waits until there is something to do; false when there is not any more.
  bool AwaitWork(Deadline::Clock::time_point full_look);
  // Tells of circuits that have opened or closed.
  void LookAtCircuits();
  void LookElsewhere();
  void Reach(std::int64_t version);
  void Follow(const cluster::DesiredSource& wanted);
  Status Apply(const cluster::DesiredSource& wanted);
  void Note(const cluster::DesiredSource& wanted, const Status& done);
  std::chrono::milliseconds Backoff(int attempts) const;

  cluster::DesiredSources& desired_;
  sources::SourceRegistry& registry_;
  const ReconcilerOptions options_;
  std::vector<cluster::DesiredSource> at_start_;
  std::atomic<std::int64_t> reached_ = 0;

  mutable Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool nudged_ GUARDED_BY(mutex_) = false;
  std::int64_t known_ GUARDED_BY(mutex_) = 0;  // The cluster's version.
  std::optional<Deadline::Clock::time_point> behind_since_ GUARDED_BY(mutex_);
  std::map<std::string, Own> own_ GUARDED_BY(mutex_);
  std::map<std::string, std::thread> running_;  // Of the thread alone, by source.
  std::thread thread_;
};

// A source in the hands of one operation; given back when it is destroyed.
class SourceReconciler::Hold {
 public:
  Hold(SourceReconciler* reconciler, std::string name) : reconciler_(reconciler), name_(std::move(name)) {}
  ~Hold();
  Hold(Hold&& other) noexcept : reconciler_(std::exchange(other.reconciler_, nullptr)), name_(std::move(other.name_)) {}
  Hold& operator=(Hold&&) = delete;

  // What this node has now is `generation`; zero = something else than the cluster wants.
  void Has(std::int64_t generation);

 private:
  SourceReconciler* reconciler_;
  std::string name_;
};

}  // namespace eider::server
