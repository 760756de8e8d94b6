#include "server/source_reconciler.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/random_time.h"

namespace eider::server {
namespace {

using std::chrono::milliseconds;
using Clock = Deadline::Clock;

constexpr milliseconds kAfterFailure{500};
constexpr milliseconds kLookElsewhere{5000};  // While something has failed here.
constexpr milliseconds kLookAtCircuits{500};
constexpr int kMostAttempts = 16;

}  // namespace

SourceReconciler::SourceReconciler(cluster::DesiredSources& desired, sources::SourceRegistry& registry,
                                   ReconcilerOptions options)
    : desired_(desired),
      registry_(registry),
      options_(std::move(options)) {}

SourceReconciler::~SourceReconciler() { Stop(); }

void SourceReconciler::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  for (auto& [name, running] : running_) {
    if (running.joinable()) running.join();
  }
}

Result<std::vector<cluster::SourceRecord>> SourceReconciler::AtStart() {
  EIDER_ASSIGN_OR_RETURN(at_start_, desired_.List());
  std::vector<cluster::SourceRecord> records;
  for (const cluster::DesiredSource& source : at_start_) {
    if (!source.is_loaded) continue;
    records.push_back(source.record);
    EIDER_ASSIGN_OR_RETURN(std::string model, desired_.Model(source));
    registry_.SetModel(source.name, std::move(model));
  }
  return records;
}

Result<std::vector<cluster::SourceRecord>> SourceReconciler::AtStart(const cluster::CoreSnapshot& known) {
  std::vector<cluster::SourceRecord> records;
  for (const cluster::CoreSnapshot::Source& source : known.sources) {
    at_start_.push_back(source.wanted);
    if (!source.wanted.is_loaded) continue;
    records.push_back(source.wanted.record);
    registry_.SetModel(source.wanted.name, source.model);
  }
  reached_ = known.versions.schema;
  return records;
}

void SourceReconciler::Begin() {
  std::map<std::string, std::string> errors;
  for (const sources::SourceReport& report : registry_.Reports()) errors[report.name] = report.error;
  for (const cluster::DesiredSource& source : at_start_) {
    const auto error = errors.find(source.name);
    const bool failed = source.is_loaded && error != errors.end() && !error->second.empty();
    Note(source, failed ? Status(Error(ErrorCode::kSourceUnavailable, error->second)) : Status());
  }
  thread_ = std::thread([this] { Run(); });
}

void SourceReconciler::Nudge(std::int64_t schema) {
  MutexLock lock(mutex_);
  if (schema <= known_) return;
  known_ = schema;
  if (!behind_since_) behind_since_ = Clock::now();
  nudged_ = true;
  wake_.notify_all();
}

void SourceReconciler::TryAgain(const std::string& name) {
  MutexLock lock(mutex_);
  const auto found = own_.find(name);
  if (found == own_.end() || found->second.attempts == 0) return;
  found->second.again = Clock::now();
  nudged_ = true;
  wake_.notify_all();
}

void SourceReconciler::Run() {
  auto full_look = Clock::now();
  while (true) {
    std::int64_t wanted = 0;
    {
      MutexLock lock(mutex_);
      wanted = known_;
      nudged_ = false;
    }
    const auto settled = Pass();
    const Status reported = ReportRest();
    full_look = Clock::now() + (settled && reported ? options_.look_every : kAfterFailure);
    if (settled && *settled) Reach(wanted);
    LookElsewhere();
    if (!AwaitWork(full_look)) return;
  }
}

bool SourceReconciler::AwaitWork(Clock::time_point full_look) {
  const auto begun = Clock::now();
  while (true) {
    LookAtCircuits();
    MutexLock lock(mutex_);
    if (stopping_) return false;
    auto until = full_look;
    for (const auto& [name, own] : own_) {
      if (own.attempts > 0) until = std::min({until, std::max(own.again, begun), begun + kLookElsewhere});
    }
    if (nudged_ || Clock::now() >= until) return true;
    wake_.wait_until(mutex_, std::min(until, Clock::now() + kLookAtCircuits));
  }
}

void SourceReconciler::LookAtCircuits() {
  std::map<std::string, std::string> open;
  for (const auto& [name, native] : registry_.WithBreakers()) {
    if (auto reason = native->breaker->reason()) open.emplace(name, std::move(*reason));
  }
  std::vector<cluster::NodeSource> changed;
  {
    MutexLock lock(mutex_);
    for (auto& [name, own] : own_) {
      const auto found = open.find(name);
      const bool is_open = found != open.end();
      if (own.busy || own.generation == 0 || own.attempts > 0 || own.is_degraded == is_open) continue;
      // Nobody else tells of it until this is told.
      own.busy = true;
      own.is_degraded = is_open;
      changed.push_back({options_.node, name, own.generation, is_open ? "degraded" : "attached",
                         is_open ? found->second : std::string()});
    }
  }
  for (const cluster::NodeSource& source : changed) {
    const Status told = desired_.Report(source);
    MutexLock lock(mutex_);
    Own& own = own_[source.name];
    own.busy = false;
    own.unreported.reset();
    if (!told) {
      own.unreported = source;
      nudged_ = true;
    }
    wake_.notify_all();
  }
  if (!changed.empty() && options_.circuits_changed) options_.circuits_changed();
}

void SourceReconciler::Reach(std::int64_t version) {
  MutexLock lock(mutex_);
  reached_ = std::max(reached_.load(), version);
  if (reached_ >= known_) behind_since_.reset();
  wake_.notify_all();
}

bool SourceReconciler::Await(std::int64_t version, const Deadline& deadline) {
  MutexLock lock(mutex_);
  while (reached_ < version && !stopping_) {
    if (wake_.wait_until(mutex_, deadline.at()) == std::cv_status::timeout) break;
  }
  return reached_ >= version;
}

std::int64_t SourceReconciler::lag() const {
  MutexLock lock(mutex_);
  return std::max<std::int64_t>(0, known_ - reached_);
}

milliseconds SourceReconciler::behind_for() const {
  MutexLock lock(mutex_);
  if (!behind_since_) return milliseconds(0);
  return std::chrono::duration_cast<milliseconds>(Clock::now() - *behind_since_);
}

std::vector<std::string> SourceReconciler::Diverged(milliseconds time) const {
  MutexLock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, own] : own_) {
    if (own.diverged_since && Clock::now() - *own.diverged_since >= time) names.push_back(name);
  }
  return names;
}

// Whether others have what this node has not.
void SourceReconciler::LookElsewhere() {
  const auto has_failed = [](const auto& entry) { return entry.second.attempts > 0; };
  bool any_failed = false;
  {
    MutexLock lock(mutex_);
    any_failed = std::ranges::any_of(own_, has_failed);
  }
  std::set<std::string> elsewhere;
  if (any_failed) {
    auto found = desired_.AttachedElsewhere(options_.node);
    if (!found) return;
    elsewhere = std::move(*found);
  }
  MutexLock lock(mutex_);
  for (auto& [name, own] : own_) {
    if (own.attempts == 0 || !elsewhere.contains(name)) {
      own.diverged_since.reset();
    } else if (!own.diverged_since) {
      own.diverged_since = Clock::now();
    }
  }
}

Result<bool> SourceReconciler::Pass() {
  // First: what this node has by now was written down before.
  std::set<std::string> unknown = Present();
  const std::map<std::string, int> hands = Hands();
  EIDER_ASSIGN_OR_RETURN(auto wanted, desired_.List());
  for (const cluster::DesiredSource& source : wanted) unknown.erase(source.name);
  // A core database that lies in the management node's memory forgets; nobody wants what it does not know.
  for (const std::string& name : unknown) {
    cluster::DesiredSource& gone = wanted.emplace_back();
    gone.name = gone.record.name = name;
  }
  bool settled = true;
  for (const cluster::DesiredSource& source : wanted) {
    {
      MutexLock lock(mutex_);
      if (stopping_) return false;
      Own& own = own_[source.name];
      const auto before = hands.find(source.name);
      // What an operation did meanwhile may be newer than the list: its end has this thread look again.
      if (own.hands != (before == hands.end() ? 0 : before->second)) {
        settled = false;
        continue;
      }
      const bool tried = own.tried == source.generation;
      if (own.busy) settled = false;
      if (own.busy || own.generation == source.generation || (tried && Clock::now() < own.again)) continue;
      if (!tried) settled = false;
      own.busy = true;
    }
    // A former one has ended: the source was not busy.
    std::thread& running = running_[source.name];
    if (running.joinable()) running.join();
    running = std::thread([this, source] { Follow(source); });
  }
  return settled;
}

// The sources of which this node has some generation.
std::set<std::string> SourceReconciler::Present() const {
  MutexLock lock(mutex_);
  std::set<std::string> names;
  for (const auto& [name, own] : own_) {
    if (own.generation != 0) names.insert(name);
  }
  return names;
}

std::map<std::string, int> SourceReconciler::Hands() const {
  MutexLock lock(mutex_);
  std::map<std::string, int> hands;
  for (const auto& [name, own] : own_) hands[name] = own.hands;
  return hands;
}

Status SourceReconciler::ReportRest() {
  std::vector<cluster::NodeSource> rest;
  {
    MutexLock lock(mutex_);
    for (const auto& [name, own] : own_) {
      if (own.unreported) rest.push_back(*own.unreported);
    }
  }
  for (const cluster::NodeSource& source : rest) {
    EIDER_RETURN_IF_ERROR(desired_.Report(source));
    MutexLock lock(mutex_);
    own_[source.name].unreported.reset();
  }
  return {};
}

void SourceReconciler::Follow(const cluster::DesiredSource& wanted) {
  const auto started = Clock::now();
  const Status done = Apply(wanted);
  if (options_.followed) options_.followed(Clock::now() - started, done.has_value());
  if (options_.changed) options_.changed(wanted.name);
  Note(wanted, done);
  MutexLock lock(mutex_);
  own_[wanted.name].busy = false;
  nudged_ = true;
  wake_.notify_all();
}

Status SourceReconciler::Apply(const cluster::DesiredSource& wanted) {
  if (wanted.is_loaded) {
    EIDER_ASSIGN_OR_RETURN(std::string model, desired_.Model(wanted));
    registry_.SetModel(wanted.name, std::move(model));
    return registry_.Load(wanted.record);
  }
  if (registry_.IsAway(wanted.name)) return registry_.Unload(wanted.name);
  const auto state = registry_.State(wanted.name);
  if (!state || *state == sources::SourceState::kDetached) return {};
  return registry_.Unload(wanted.name);
}

milliseconds SourceReconciler::Backoff(int attempts) const {
  const milliseconds longest = options_.retry_min * (1 << std::min(attempts - 1, kMostAttempts));
  const milliseconds most = std::min(longest, options_.retry_max);
  return RandomTime(most * 4 / 5, most);
}

void SourceReconciler::Note(const cluster::DesiredSource& wanted, const Status& done) {
  cluster::NodeSource has{options_.node, wanted.name, wanted.generation, wanted.is_loaded ? "attached" : "absent", {}};
  {
    MutexLock lock(mutex_);
    Own& own = own_[wanted.name];
    own.tried = wanted.generation;
    own.is_degraded = false;
    if (done) {
      own.generation = wanted.generation;
      own.attempts = 0;
    } else {
      own.again = Clock::now() + Backoff(++own.attempts);
      has.state = "failed";
      has.error = done.error().message;
    }
    has.attempts = own.attempts;
  }
  if (!done && options_.warn) options_.warn(wanted.name, done.error().message);
  if (const Status written = desired_.Report(has); !written) {
    MutexLock lock(mutex_);
    own_[wanted.name].unreported = has;
  }
}

Result<SourceReconciler::Hold> SourceReconciler::Take(const std::string& name, const Deadline& deadline) {
  MutexLock lock(mutex_);
  while (own_[name].busy) {
    if (wake_.wait_until(mutex_, deadline.at()) == std::cv_status::timeout && own_[name].busy) {
      return Error(ErrorCode::kOverloaded, "operation in progress");
    }
  }
  own_[name].busy = true;
  ++own_[name].hands;
  return Hold(this, name);
}

void SourceReconciler::Hold::Has(std::int64_t generation) {
  MutexLock lock(reconciler_->mutex_);
  Own& own = reconciler_->own_[name_];
  own.generation = generation;
  own.tried = generation;
  own.attempts = 0;
  own.is_degraded = false;
}

SourceReconciler::Hold::~Hold() {
  if (reconciler_ == nullptr) return;
  MutexLock lock(reconciler_->mutex_);
  Own& own = reconciler_->own_[name_];
  own.busy = false;
  ++own.hands;
  reconciler_->nudged_ = true;
  reconciler_->wake_.notify_all();
}

}  // namespace eider::server
