#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "server/breaker_sharing.h"
#include "server/cluster_operations.h"
#include "server/member_round.h"

// Operations on all nodes beside those of sources: caches, object storages, nodes out of service.
namespace eider::server {
namespace {

constexpr std::chrono::milliseconds kLook{100};
constexpr std::string_view kNotYet = "cluster not initialized";

}  // namespace

OperationOutcome ClusterOperations::RunRound(std::string_view operation, const cluster::PeerCall& call) {
  MemberRound round(parts_.members, parts_.peers,
                    {parts_.node, parts_.config.cluster_timeout, parts_.config.cluster_apply_timeout});
  return round.Run(operation, call, nullptr);
}

OperationOutcome ClusterOperations::InvalidateCache(const std::optional<std::string>& source,
                                                    const OperationCaller& caller) {
  if (!ready_) return FailedOutcome(std::string(kNotYet));
  const std::string value = source ? JsonTextOf(*source) : "null";
  if (!parts_.lease.is_held()) return Forward("invalidate_cache", {{"catalog", "String", value}}, caller);
  parts_.data.ForgetEverything(source);
  return RunRound("invalidate_cache", FollowCall("handle_cache_invalidate", {{"catalog", "String", value}}));
}

OperationOutcome ClusterOperations::ResetBreaker(const std::string& source, const OperationCaller& caller) {
  if (!ready_) return FailedOutcome(std::string(kNotYet));
  const std::string value = JsonTextOf(source);
  if (!parts_.lease.is_held()) return Forward("reset_breaker", {{"source", "String!", value}}, caller);
  const auto wanted = parts_.desired.List(source);
  if (!wanted) return FailedOutcome(wanted.error().message);
  if (wanted->empty() || !wanted->front().is_loaded) return FailedOutcome("data source not found");
  parts_.data.sources().ForgetFailures(source);
  if (parts_.breakers != nullptr) parts_.breakers->Clear(source);
  parts_.reconciler.TryAgain(source);
  return RunRound("reset_breaker", FollowCall("handle_breaker_reset", {{"source", "String!", value}}));
}

// The rows are written: the other nodes take them over.
OperationOutcome ClusterOperations::ShareSecrets(std::string_view operation, const Status& done,
                                                 const std::string& note) {
  if (!done) {
    const std::string verb =
        operation == "register_storage" ? "register storage locally: " : "unregister storage locally: ";
    const bool is_plain = done.error().code == ErrorCode::kForbidden;
    return FailedOutcome((is_plain ? "" : verb) + done.error().message);
  }
  OperationOutcome outcome = RunRound(operation, FollowCall("handle_secret_sync"));
  if (!note.empty()) outcome.message.append("; ").append(note);
  return outcome;
}

OperationOutcome ClusterOperations::RegisterStorage(const sources::ObjectStorage& storage,
                                                    const OperationRequest& request, const OperationCaller& caller) {
  if (!ready_) return FailedOutcome(std::string(kNotYet));
  const auto lease = parts_.lease.token();
  if (!lease) return Forward(request, caller);
  std::string note;
  const auto normal = sources::NormalisedStorage(storage, note);
  if (!normal) return Keep(ShareSecrets("register_storage", normal.error(), ""));
  const Status done = parts_.data.storages().Register(
      *normal, [&](const auto& work) { return parts_.data.core()->Change(work, lease); });
  return Keep(ShareSecrets("register_storage", done, note));
}

OperationOutcome ClusterOperations::UnregisterStorage(const std::string& name, const OperationRequest& request,
                                                      const OperationCaller& caller) {
  if (!ready_) return FailedOutcome(std::string(kNotYet));
  const auto lease = parts_.lease.token();
  if (!lease) return Forward(request, caller);
  const Status done = parts_.data.storages().Unregister(
      name, [&](const auto& work) { return parts_.data.core()->Change(work, lease); });
  return Keep(ShareSecrets("unregister_storage", done, ""));
}

OperationOutcome ClusterOperations::SetAuthConfig(const std::string& config, const OperationCaller& caller) {
  if (!ready_) return FailedOutcome(std::string(kNotYet));
  if (const auto lease = parts_.lease.token()) return Keep(parts_.shared_auth.Set(config, *lease));
  OperationOutcome outcome = Forward("set_auth_config", {{"config", "JSON!", config}}, caller);
  if (!outcome.success) return outcome;
  if (const Status applied = parts_.shared_auth.Apply(); !applied) {
    return FailedOutcome("set_auth_config: " + applied.error().message);
  }
  return outcome;
}

OperationOutcome ClusterOperations::SetDrained(const std::string& node, bool drained, const OperationCaller& caller) {
  const std::string operation = drained ? "drain_node" : "undrain_node";
  if (!ready_) return FailedOutcome(std::string(kNotYet));
  const auto lease = parts_.lease.token();
  if (!lease) return Forward(operation, {{"name", "String!", JsonTextOf(node)}}, caller);
  const auto members = parts_.members.Members();
  if (!members) return FailedOutcome(members.error().message);
  bool is_known = false;
  bool has_other = false;
  for (const cluster::MemberRow& member : *members) {
    if (member.name == node) is_known = true;
    if (member.name != node && (member.status == "up" || member.status == "degraded")) has_other = true;
  }
  if (drained && !is_known) return FailedOutcome("no node is called \"" + node + "\"");
  if (drained && !has_other) return FailedOutcome("no other node would serve: \"" + node + "\" stays in service");
  if (const Status done = parts_.members.SetDrained(node, drained, *lease); !done) {
    return FailedOutcome(done.error().message);
  }
  return AwaitDrained(node, drained);
}

// Until the node says so itself; one that is away obeys when it comes.
OperationOutcome ClusterOperations::AwaitDrained(const std::string& node, bool drained) {
  const std::string operation = drained ? "drain_node: " : "undrain_node: ";
  const Deadline deadline = Deadline::After(parts_.config.cluster_timeout);
  while (!deadline.Passed()) {
    if (const auto members = parts_.members.Members()) {
      for (const cluster::MemberRow& member : *members) {
        if (member.name != node || (member.status == "draining") != drained) continue;
        return {true, operation + node + (drained ? " is out of service" : " is in service"), 1, 0};
      }
    }
    std::this_thread::sleep_for(kLook);
  }
  return {false, operation + "partial failure: [" + node + ": it has not answered yet; it obeys when it does]", 1, 1};
}

}  // namespace eider::server
