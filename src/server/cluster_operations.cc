#include "server/cluster_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <thread>

#include "auth/forwarded_identity.h"
#include "base/json.h"
#include "base/text.h"
#include "server/member_round.h"

namespace eider::server {
namespace {

constexpr std::chrono::seconds kTurn{30};
constexpr std::chrono::seconds kHandover{3};  // Longer than two looks at the lease.
constexpr std::chrono::milliseconds kNextTry{150};
constexpr std::chrono::seconds kRemembered{60};
constexpr std::chrono::seconds kCutOff{5};  // Without an answer of the core database for so long.
constexpr std::size_t kMostRemembered = 1000;
constexpr std::string_view kNoLeader = "cannot find management node: no node holds the management lease";

std::string_view NameOf(SourceOperation operation) {
  switch (operation) {
    case SourceOperation::kLoad: return "load_source";
    case SourceOperation::kUnload: return "unload_source";
    case SourceOperation::kReload: return "reload_source";
  }
  return "";
}

OperationOutcome Failed(std::string message) { return FailedOutcome(std::move(message)); }

// The leader's answer, as whoever has asked this node is told.
OperationOutcome ReadForwarded(const OperationRequest& request, const std::string& body) {
  auto outcome = ReadOutcome(request.operation, body, request.module);
  if (!outcome) return Failed("management error: " + outcome.error().message);
  outcome->message = outcome->success ? "forwarded to management" : "forwarded to management: " + outcome->message;
  return std::move(*outcome);
}

}  // namespace

std::string ClusterOperations::last_error() const {
  MutexLock lock(mutex_);
  return last_error_;
}

OperationOutcome ClusterOperations::Keep(OperationOutcome outcome) {
  MutexLock lock(mutex_);
  last_error_ = outcome.success ? "" : outcome.message;
  return outcome;
}

OperationOutcome ClusterOperations::Run(SourceOperation operation, const std::string& source,
                                        const OperationCaller& caller) {
  if (!ready_) return Failed("cluster not initialized");
  const auto lease = parts_.lease.token();
  if (lease) return Keep(Lead(operation, source, *lease));
  auto outcome = Forward(NameOf(operation), {{"name", "String!", JsonTextOf(source)}}, caller);
  CatchUp();
  return outcome;
}

// Another node may have heard of the change before this one.
void ClusterOperations::CatchUp() {
  const Deadline patience = Deadline::After(cluster::CoreStore::kPatience);
  const auto versions = parts_.data.store()->Versions(patience);
  if (!versions) return;
  parts_.reconciler.Nudge(versions->schema);
  (void)parts_.reconciler.Await(versions->schema, patience);
}

OperationOutcome ClusterOperations::Once(const std::string& what, const OperationCaller& caller,
                                         const std::function<OperationOutcome()>& run) {
  if (caller.idempotency_key.empty()) return run();
  const auth::Identity& who = caller.identity;
  const Deadline patience = Deadline::After(parts_.config.cluster_apply_timeout + kTurn);
  std::string key;
  for (const std::string& part : {caller.idempotency_key, who.auth_type, who.user_id, who.role, what}) {
    key.append(JsonTextOf(part));
  }
  {
    MutexLock lock(mutex_);
    std::erase_if(remembered_, [](const auto& entry) {
      return entry.second.outcome && Deadline::Clock::now() - entry.second.at > kRemembered;
    });
    while (remembered_.contains(key)) {
      if (const auto& known = remembered_[key]; known.outcome) return *known.outcome;
      if (remembered_more_.wait_until(mutex_, patience.at()) == std::cv_status::timeout) {
        return Failed("operation in progress");
      }
    }
    if (remembered_.size() < kMostRemembered) remembered_[key] = {};
  }
  OperationOutcome outcome = run();
  MutexLock lock(mutex_);
  if (const auto found = remembered_.find(key); found != remembered_.end()) {
    found->second = {Deadline::Clock::now(), outcome};
  }
  remembered_more_.notify_all();
  return outcome;
}

OperationOutcome ClusterOperations::Led(const StopToken& stop, const std::function<OperationOutcome()>& run) {
  const Deadline patience = Deadline::After(kHandover);
  while (true) {
    OperationOutcome outcome = run();
    // The former leader may have answered.
    if (outcome.success || !outcome.message.ends_with(kNoLeader) || patience.Passed() || stop.stop_requested()) {
      return outcome;
    }
    parts_.lease.Nudge();
    std::this_thread::sleep_for(kNextTry);
  }
}

std::optional<cluster::PeerAddress> ClusterOperations::Leader() const {
  if (auto hinted = HintedLeader()) return hinted;
  const cluster::LeaderView view = parts_.lease.view();
  if (view.expired || view.url.empty() || view.node == parts_.node) return std::nullopt;
  return cluster::PeerAddress{view.node, view.url};
}

// Who led when the core database was seen last may lead no more. A call is for a node that is known by name.
std::optional<cluster::PeerAddress> ClusterOperations::HintedLeader() const {
  const std::string& hint = parts_.config.cluster_management_url;
  if (hint.empty() || Deadline::Clock::now() - parts_.data.store()->last_answer() < kCutOff) return std::nullopt;
  const auto wanted = cluster::PeerBaseUrl(hint);
  for (const cluster::MemberRow& member : parts_.members.KnownMembers()) {
    const auto url = cluster::PeerBaseUrl(member.url);
    if (wanted && url && *wanted == *url && member.name != parts_.node) return cluster::PeerAddress{member.name, hint};
  }
  return std::nullopt;
}

OperationOutcome ClusterOperations::Forward(const OperationRequest& request, const OperationCaller& caller) {
  const auto leader = Leader();
  if (!leader) return Failed(std::string(kNoLeader));
  cluster::PeerCall call = CallFor(request, "success message affected_rows last_id", "@stats");
  call.on_behalf = auth::ForwardedIdentityJson(caller.identity, caller.client_ip);
  call.request_id = caller.request_id;
  call.least_schema = caller.least_schema;
  call.idempotency_key = caller.idempotency_key;
  call.trace = observe::CurrentTrace();
  const auto patience = parts_.config.cluster_apply_timeout + kTurn + parts_.config.cluster_timeout;
  const auto answer = parts_.forwards.Call(*leader, call, Deadline::After(patience), {});
  if (!answer) return Failed("forward to management: " + answer.error().message);
  return ReadForwarded(request, *answer);
}

OperationOutcome ClusterOperations::Lead(SourceOperation operation, const std::string& source,
                                         const cluster::LeaseToken& lease) {
  std::int64_t generation = 0;
  {
    auto hold = parts_.reconciler.Take(source, Deadline::After(kTurn));
    if (!hold) return Failed(hold.error().message);
    const auto record = DoHere(operation, source);
    if (!record) return Failed(record.error().message);
    const bool is_loaded = operation != SourceOperation::kUnload;
    const auto begun = Want(operation, *record, lease);
    if (!begun) {
      // This node goes back to what the cluster wants.
      hold->Has(0);
      return Failed(begun.error().message);
    }
    generation = *begun;
    hold->Has(generation);
    (void)parts_.desired.Report({parts_.node, source, generation, is_loaded ? "attached" : "absent", {}});
  }
  auto outcome = AwaitNodes(NameOf(operation), source, generation);
  CatchUp();
  return outcome;
}

Result<std::int64_t> ClusterOperations::Want(SourceOperation operation, const cluster::SourceRecord& record,
                                             const cluster::LeaseToken& lease) {
  const bool is_loaded = operation != SourceOperation::kUnload;
  const std::string model = is_loaded ? parts_.data.sources().ModelOf(record.name) : "";
  if (operation == SourceOperation::kLoad) {
    EIDER_ASSIGN_OR_RETURN(const auto wanted, parts_.desired.List(record.name));
    if (!wanted.empty() && wanted.front().IsLoadedAs(record, model)) return wanted.front().generation;
  }
  auto begun = parts_.desired.Put(record, is_loaded, lease, parts_.node, model);
  // A fail-over of the database interrupts for a moment.
  if (begun || begun.error().code != ErrorCode::kCoreUnavailable) return begun;
  return parts_.desired.Put(record, is_loaded, lease, parts_.node, model);
}

Result<cluster::SourceRecord> ClusterOperations::DoHere(SourceOperation operation, const std::string& source) {
  auto done = operation == SourceOperation::kUnload ? UnloadHere(source) : LoadHere(source);
  if (done) return done;
  std::string verb(NameOf(operation));
  std::ranges::replace(verb, '_', ' ');
  const bool is_plain = done.error().code == ErrorCode::kConstraint;
  return Error(done.error().code, is_plain ? done.error().message : verb + " locally: " + done.error().message);
}

Result<cluster::SourceRecord> ClusterOperations::LoadHere(const std::string& source) {
  // What another node has registered a moment ago counts.
  EIDER_ASSIGN_OR_RETURN(const auto versions,
                         parts_.data.store()->Versions(Deadline::After(cluster::CoreStore::kPatience)));
  EIDER_RETURN_IF_ERROR(parts_.data.FollowCore(versions));
  EIDER_ASSIGN_OR_RETURN(auto record, parts_.data.core()->FindSource(source));
  if (!record) return Error(ErrorCode::kNotFound, "data source not found");
  if (record->disabled) return Error(ErrorCode::kConstraint, "data source \"" + source + "\" is disabled");
  // What the source has now becomes what all nodes have.
  parts_.data.sources().SetModel(source, "");
  EIDER_RETURN_IF_ERROR(parts_.data.sources().Load(*record));
  return std::move(*record);
}

Result<cluster::SourceRecord> ClusterOperations::UnloadHere(const std::string& source) {
  EIDER_ASSIGN_OR_RETURN(auto wanted, parts_.desired.List(source));
  if (wanted.empty() || !wanted.front().is_loaded) {
    return Error(ErrorCode::kBadInput, "data source already unloaded");
  }
  const auto state = parts_.data.sources().State(source);
  if ((state && *state == sources::SourceState::kAttached) || parts_.data.sources().IsAway(source)) {
    EIDER_RETURN_IF_ERROR(parts_.data.sources().Unload(source));
  }
  return std::move(wanted.front().record);
}

OperationOutcome ClusterOperations::AwaitNodes(std::string_view operation, const std::string& source,
                                               std::int64_t generation) {
  // Whoever does not hear the database's announcement hears this.
  const cluster::PeerCall call =
      FollowCall(operation == "unload_source" ? "handle_source_unload" : "handle_source_load",
                 {{"name", "String!", JsonTextOf(source)}});
  MemberRound round(parts_.members, parts_.peers,
                    {parts_.node, parts_.config.cluster_timeout, parts_.config.cluster_apply_timeout, generation});
  return round.Run(operation, call, [&]() -> Result<std::map<std::string, Status>> {
    EIDER_ASSIGN_OR_RETURN(const auto states, parts_.desired.OfNodes(source));
    std::map<std::string, Status> done;
    for (const cluster::NodeSource& state : states) {
      if (state.generation < generation) continue;
      done[state.node] = state.state == "failed" ? Status(Error(ErrorCode::kSourceUnavailable, state.error)) : Status();
    }
    return done;
  });
}

OperationOutcome ClusterOperations::SetLeader(const std::string& node, const OperationCaller& caller) {
  if (!ready_) return Failed("cluster not initialized");
  if (!parts_.lease.is_held()) return Forward("set_leader", {{"node", "String!", JsonTextOf(node)}}, caller);
  if (parts_.data.memory_store() != nullptr && node != parts_.node) {
    return Failed("set_leader: only the management node leads while the core database is read-only");
  }
  if (node == parts_.node) return {true, "set_leader: " + node + " leads already"};
  const Status done = parts_.lease.HandTo(node);
  if (!done) return Failed(done.error().message);
  return {true, "set_leader: " + node + " leads"};
}

OperationOutcome ClusterOperations::RemoveNode(const std::string& node, const OperationCaller& caller) {
  if (!ready_) return Failed("cluster not initialized");
  const auto lease = parts_.lease.token();
  if (!lease) return Forward("remove_node", {{"name", "String!", JsonTextOf(node)}}, caller);
  const Status done = parts_.members.Remove(node, *lease);
  if (!done) return Failed(done.error().message);
  return {true, "remove_node: " + node + " is forgotten", 1, 0};
}

}  // namespace eider::server
