#include "server/cluster_operations.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <map>
#include <thread>

#include "base/text.h"

namespace eider::server {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kTurn{30};
constexpr milliseconds kLook{50};
constexpr std::string_view kNoLeader = "cannot find management node: no node holds the management lease";

std::string_view NameOf(SourceOperation operation) {
  switch (operation) {
    case SourceOperation::kLoad: return "load_source";
    case SourceOperation::kUnload: return "unload_source";
    case SourceOperation::kReload: return "reload_source";
  }
  return "";
}

OperationOutcome Failed(std::string message) { return {false, std::move(message)}; }

const rapidjson::Value* Member(const rapidjson::Value* object, std::string_view name) {
  if (object == nullptr || !object->IsObject()) return nullptr;
  const rapidjson::Value key(rapidjson::StringRef(name.data(), name.size()));
  const auto found = object->FindMember(key);
  return found == object->MemberEnd() ? nullptr : &found->value;
}

std::string TextOf(const rapidjson::Value* value) {
  return value != nullptr && value->IsString() ? value->GetString() : "";
}

std::int64_t NumberOf(const rapidjson::Value* value) {
  return value != nullptr && value->IsInt64() ? value->GetInt64() : 0;
}

// The leader's answer, as whoever has asked this node is told.
OperationOutcome ReadForwarded(std::string_view operation, const std::string& body) {
  rapidjson::Document json;
  json.Parse(body.data(), body.size());
  if (json.HasParseError() || !json.IsObject()) return Failed("management error: its answer cannot be read");
  if (const auto* errors = Member(&json, "errors"); errors != nullptr && errors->IsArray() && !errors->Empty()) {
    return Failed("management error: " + TextOf(Member(&(*errors)[0], "message")));
  }
  const rapidjson::Value* value = Member(&json, "data");
  for (const std::string_view name :
       {std::string_view("function"), std::string_view("core"), std::string_view("cluster"), operation}) {
    value = Member(value, name);
  }
  if (value == nullptr || !value->IsObject()) return Failed("management error: its answer is empty");
  const auto* success = Member(value, "success");
  OperationOutcome outcome;
  outcome.success = success != nullptr && success->IsBool() && success->GetBool();
  outcome.message =
      outcome.success ? "forwarded to management" : "forwarded to management: " + TextOf(Member(value, "message"));
  outcome.affected_rows = NumberOf(Member(value, "affected_rows"));
  outcome.last_id = NumberOf(Member(value, "last_id"));
  return outcome;
}

std::string OnBehalf(const auth::Identity& identity) {
  std::string json = "{";
  const auto add = [&](std::string_view name, const std::string& value) {
    json.append(json.size() > 1 ? ",\"" : "\"").append(name).append("\":");
    AppendJsonString(json, value);
  };
  add("role", identity.role);
  add("user_id", identity.user_id);
  add("user_name", identity.user_name);
  add("auth_type", identity.auth_type);
  return json + "}";
}

bool IsAwaited(const cluster::MemberRow& member) {
  return member.status == "up" || member.status == "degraded" || member.status == "starting";
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
                                        const auth::Identity& identity) {
  if (!ready_) return Failed("cluster not initialized");
  const auto lease = parts_.lease.token();
  if (lease) return Keep(Lead(operation, source, *lease));
  return Forward(NameOf(operation), "name", source, identity);
}

OperationOutcome ClusterOperations::Forward(std::string_view operation, std::string_view argument,
                                            const std::string& value, const auth::Identity& identity) {
  const cluster::LeaderView leader = parts_.lease.view();
  if (leader.expired || leader.url.empty() || leader.node == parts_.node) return Failed(std::string(kNoLeader));
  cluster::PeerCall call;
  call.operation = operation;
  call.query = fmt::format(
      "mutation($v: String!) {{ function {{ core {{ cluster {{ {}({}: $v) {{ success message affected_rows last_id }} "
      "}} }} }} }}",
      operation, argument);
  call.variables = "{\"v\":";
  AppendJsonString(call.variables, value);
  call.variables.push_back('}');
  call.on_behalf = OnBehalf(identity);
  const auto patience = parts_.config.cluster_apply_timeout + kTurn + parts_.config.cluster_timeout;
  const auto answer = parts_.forwards.Call({leader.node, leader.url}, call, Deadline::After(patience), {});
  if (!answer) return Failed("forward to management: " + answer.error().message);
  return ReadForwarded(operation, *answer);
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
    auto begun = parts_.desired.Put(*record, is_loaded, lease, parts_.node);
    // A fail-over of the database interrupts for a moment.
    if (!begun && begun.error().code == ErrorCode::kCoreUnavailable) {
      begun = parts_.desired.Put(*record, is_loaded, lease, parts_.node);
    }
    if (!begun) {
      // This node goes back to what the cluster wants.
      hold->Has(0);
      return Failed(begun.error().message);
    }
    generation = *begun;
    hold->Has(generation);
    (void)parts_.desired.Report({parts_.node, source, generation, is_loaded ? "attached" : "absent", {}});
  }
  return AwaitNodes(NameOf(operation), source, generation);
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
  EIDER_RETURN_IF_ERROR(parts_.data.sources().Load(*record));
  return std::move(*record);
}

Result<cluster::SourceRecord> ClusterOperations::UnloadHere(const std::string& source) {
  EIDER_ASSIGN_OR_RETURN(auto wanted, parts_.desired.List(source));
  if (wanted.empty() || !wanted.front().is_loaded) {
    return Error(ErrorCode::kBadInput, "data source already unloaded");
  }
  const auto state = parts_.data.sources().State(source);
  if (state && *state == sources::SourceState::kAttached) {
    EIDER_RETURN_IF_ERROR(parts_.data.sources().Unload(source));
  }
  return std::move(wanted.front().record);
}

OperationOutcome ClusterOperations::AwaitNodes(std::string_view operation, const std::string& source,
                                               std::int64_t generation) {
  const Deadline deadline = Deadline::After(parts_.config.cluster_apply_timeout);
  auto members = parts_.members.Members();
  if (!members) return Failed(members.error().message);
  std::map<std::string, std::string> waiting;  // Node, and why it was not done yet.
  std::vector<cluster::PeerAddress> others;
  for (const cluster::MemberRow& member : *members) {
    if (member.name == parts_.node || !IsAwaited(member)) continue;
    waiting[member.name] = "not applied within " + std::to_string(parts_.config.cluster_apply_timeout.count() / 1000) +
                           " s; it goes on trying";
    others.push_back({member.name, member.url});
  }
  const auto asked = static_cast<std::int64_t>(waiting.size());
  // Whoever does not hear the database's announcement hears this.
  std::thread broadcast([&] {
    cluster::PeerCall call;
    call.operation = "handle_source_load";
    call.query = "mutation { function { core { cluster { handle_source_load(name: \"\") { success } } } } }";
    (void)parts_.peers.CallAll(others, call, Deadline::After(parts_.config.cluster_timeout), {});
  });
  std::string failures;
  std::int64_t failed = 0;
  const auto fail = [&](const std::string& node, const std::string& reason) {
    failures.append(failures.empty() ? "" : "; ").append(node).append(": ").append(reason);
    ++failed;
  };
  while (!waiting.empty() && !deadline.Passed()) {
    if (const auto states = parts_.desired.OfNodes(source)) {
      for (const cluster::NodeSource& state : *states) {
        if (state.generation < generation || !waiting.contains(state.node)) continue;
        waiting.erase(state.node);
        if (state.state == "failed") fail(state.node, state.error);
      }
    }
    if (!waiting.empty()) std::this_thread::sleep_for(kLook);
  }
  for (const auto& [node, reason] : waiting) fail(node, reason);
  broadcast.join();
  if (failed == 0) return {true, std::string(operation) + ": all workers ok", asked, 0};
  return {false, std::string(operation) + ": partial failure: [" + failures + "]", asked, failed};
}

OperationOutcome ClusterOperations::SetLeader(const std::string& node, const auth::Identity& identity) {
  if (!ready_) return Failed("cluster not initialized");
  if (!parts_.lease.is_held()) return Forward("set_leader", "node", node, identity);
  if (node == parts_.node) return {true, "set_leader: " + node + " leads already"};
  const Status done = parts_.lease.HandTo(node);
  if (!done) return Failed(done.error().message);
  return {true, "set_leader: " + node + " leads"};
}

OperationOutcome ClusterOperations::RemoveNode(const std::string& node, const auth::Identity& identity) {
  if (!ready_) return Failed("cluster not initialized");
  const auto lease = parts_.lease.token();
  if (!lease) return Forward("remove_node", "name", node, identity);
  const Status done = parts_.members.Remove(node, *lease);
  if (!done) return Failed(done.error().message);
  return {true, "remove_node: " + node + " is forgotten", 1, 0};
}

}  // namespace eider::server
