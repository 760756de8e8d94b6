#include "cluster/remote_core_store.h"

#include <algorithm>
#include <utility>

#include "base/graphql_answer.h"
#include "base/json.h"

namespace eider::cluster {
namespace {

constexpr std::string_view kQuery =
    "query($call: JSON!) { function { core { cluster { handle_core_call(call: $call) } } } }";

// What is wrong with an answer that is none.
std::string Problem(const rapidjson::Document& document) {
  if (document.HasParseError()) return "its answer is no JSON";
  const auto error = FirstErrorOf(document);
  return error ? error->message : "its answer has another form";
}

}  // namespace

Result<StoreAnswer> RemoteCoreStore::Ask(const std::string& call, const Deadline& deadline) {
  PeerCall request;
  request.operation = "core_call";
  request.query = kQuery;
  request.variables = "{\"call\":" + call + "}";
  auto body = peers_.Call({std::string(kManagementTarget), url_}, request, deadline, {});
  if (!body) {
    const Error& error = body.error();
    if (error.code == ErrorCode::kUnauthenticated) {
      return Error(ErrorCode::kUnauthenticated,
                   "the management node does not take this one for a node of its cluster (" + error.message +
                       "): CLUSTER_SECRET must be the same on all nodes, and their clocks right to a minute");
    }
    return Error(ErrorCode::kCoreUnavailable, "the management node cannot be reached: " + error.message);
  }
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(body->data(), body->size());
  const rapidjson::Value* answer = DataAt(document, {"function", "core", "cluster", "handle_core_call"});
  if (answer == nullptr) {
    return Error(ErrorCode::kCoreUnavailable, "the management node does not answer as one: " + Problem(document));
  }
  auto read = ReadStoreAnswer(*answer);
  last_answer_ = Deadline::Clock::now();
  if (!read) return read;
  MutexLock lock(mutex_);
  // Whoever has pulled from the former one would not look again for a while.
  const bool is_other = !position_.store.empty() && position_.store != read->position.store;
  if (is_other && listener_) listener_();
  // An older answer may arrive later.
  if (position_.store != read->position.store || position_.number < read->position.number) position_ = read->position;
  return read;
}

Result<std::vector<engine::TextRow>> RemoteCoreStore::Read(std::string_view sql, const engine::Parameters& parameters,
                                                           const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(StoreAnswer answer, Ask(StatementCall(kStoreRead, sql, parameters), deadline));
  return std::move(answer.rows);
}

Result<std::int64_t> RemoteCoreStore::Change(std::string_view sql, const engine::Parameters& parameters,
                                             const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(const StoreAnswer answer, Ask(StatementCall(kStoreChange, sql, parameters), deadline));
  return answer.changed;
}

Status RemoteCoreStore::Apply(const CoreChange& change, const Deadline& deadline) {
  EIDER_ASSIGN_OR_RETURN(const StoreAnswer answer, Ask(ApplyCall(change), deadline));
  (void)answer;
  return {};
}

Result<CoreVersions> RemoteCoreStore::Versions(const Deadline& deadline) {
  std::string call;
  {
    MutexLock lock(mutex_);
    call = VersionsCall(seen_, seen_store_);
  }
  EIDER_ASSIGN_OR_RETURN(const StoreAnswer answer, Ask(call, deadline));
  MutexLock lock(mutex_);
  seen_store_ = answer.position.store;
  seen_.schema = std::max(seen_.schema, answer.versions.schema);
  seen_.permission = std::max(seen_.permission, answer.versions.permission);
  seen_.storage = std::max(seen_.storage, answer.versions.storage);
  seen_.rows = std::max(seen_.rows, answer.versions.rows);
  return answer.versions;
}

Result<std::chrono::microseconds> RemoteCoreStore::ClockOffset(const Deadline& deadline) {
  const auto before = std::chrono::system_clock::now();
  EIDER_ASSIGN_OR_RETURN(const StoreAnswer answer, Ask(VersionsCall({}, ""), deadline));
  const auto after = std::chrono::system_clock::now();
  const auto middle = before + (after - before) / 2;
  const auto own = std::chrono::duration_cast<std::chrono::microseconds>(middle.time_since_epoch());
  return std::chrono::microseconds(answer.now_us) - own;
}

void RemoteCoreStore::set_listener(std::function<void()> listener) {
  MutexLock lock(mutex_);
  listener_ = std::move(listener);
}

StorePosition RemoteCoreStore::position() const {
  MutexLock lock(mutex_);
  return position_;
}

}  // namespace eider::cluster
