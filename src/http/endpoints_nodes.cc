#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "auth/audit.h"
#include "auth/forwarded_identity.h"
#include "http/endpoints.h"

// What the nodes of a cluster ask each other, and requests that are for another node.
namespace eider::http {
namespace {

// What of a client's headers is for the node that answers.
constexpr std::string_view kHandedOn[] = {
    "accept",         "accept-encoding",  "content-type",      "idempotency-key",
    "time-zone",      "x-eider-errors",   "x-eider-explain",   "x-eider-min-schema-version",
    "x-hugr-cache",   "x-hugr-cache-key", "x-hugr-cache-tags", "x-hugr-cache-invalidate",
    "x-hugr-timezone"};

}  // namespace

// A node's own word for whom it asks is believed, but roles are looked up here.
Caller Endpoints::IdentifyNode(const Request& request, std::string_view request_id, const Origin& origin) const {
  Caller caller = node_gate_.Admit(request, origin);
  caller.client_ip = origin.address;
  if (caller.call != nullptr && !caller.call->on_behalf.empty()) {
    if (std::string client = auth::ForwardedClientIp(caller.call->on_behalf); !client.empty()) {
      caller.client_ip = std::move(client);
    }
  }
  if (caller.answer && audit_ != nullptr) {
    observe::AuditRecord record = RecordOf(request, request_id, origin.address);
    record.action = "authenticate";
    record.outcome = observe::AuditOutcome::kDenied;
    const bool is_unproven = caller.answer->status == 403;
    record.code = ErrorCodeName(is_unproven ? ErrorCode::kForbidden : ErrorCode::kUnauthenticated);
    record.detail = is_unproven ? "certificate of a node" : "signature of a node";
    audit_->Write(std::move(record));
  }
  if (caller.answer || authenticator_ == nullptr || caller.identity->auth_type == "cluster") return caller;
  auth::Decision decision = authenticator_->AdmitForwarded(caller.identity);
  if (audit_ != nullptr) auth::RecordDecision(*audit_, decision, RecordOf(request, request_id, caller.client_ip));
  caller.role = decision.role;
  if (decision.status == 200) return caller;
  caller.answer = RefusalResponse(decision, "", true, request_id);
  return caller;
}

std::optional<Answer> Endpoints::Elsewhere(Asked& asked) const {
  Request& request = asked.request;
  const int count = request.Count("x-eider-target-node");
  if (asked.is_node_call || count == 0) return std::nullopt;
  const std::string target(request.Header("x-eider-target-node"));
  if (count == 1 && target == options_.node_name) return std::nullopt;
  Answer answer;
  if (count > 1 || request.method != "POST") {
    answer.response = ErrorResponse(ErrorCode::kBadInput,
                                    "the header X-Eider-Target-Node is for one node, and for requests by POST", true);
    return answer;
  }
  if (remote_environment_.pool == nullptr || !cluster::IsNodeName(target)) {
    answer.response = ErrorResponse(ErrorCode::kNotFound, "X-Eider-Target-Node: there is no such node", true);
    return answer;
  }
  const auto deadline = DeadlineOf(asked);
  if (!deadline) {
    answer.response = Refusal(request, asked.request_id, deadline.error());
    return answer;
  }
  cluster::ForwardedRequest forwarded;
  forwarded.suffix = request.path() == "/ipc" ? "/ipc/query" : "/ipc" + std::string(request.path());
  forwarded.body = std::move(request.body);
  forwarded.on_behalf = auth::ForwardedIdentityJson(*asked.identity, asked.client_ip);
  forwarded.trace = asked.trace;
  for (const std::string_view name : kHandedOn) {
    const std::string_view value = request.Header(name);
    if (!value.empty()) forwarded.headers.push_back(fmt::format("{}: {}", name, value));
  }
  forwarded.headers.push_back(fmt::format("X-Request-Id: {}", asked.request_id));
  if (!deadline->never()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline->Remaining());
    forwarded.headers.push_back(fmt::format("X-Eider-Timeout: {}ms", std::max<std::int64_t>(1, left.count())));
  }
  BodyStream::Options stream;
  stream.deadline = *deadline;
  stream.write_timeout = options_.write_timeout;
  stream.wake = std::move(asked.wake);
  answer.run = std::make_shared<RemoteRun>(remote_environment_, target, std::move(forwarded), std::move(stream));
  return answer;
}

Answer Endpoints::Forwarded(Asked asked) {
  Answer answer;
  if (!asked.is_node_call || asked.request.method != "POST") {
    answer.response = ErrorResponse(ErrorCode::kForbidden, "only nodes of the cluster are answered here", true);
    return answer;
  }
  // The other node's permissions may be younger, and this one's rules hold here.
  if (auto stale = Stale(*asked.identity)) {
    answer.response = std::move(*stale);
    return answer;
  }
  answer = IsJqPath(asked.request.path()) ? JqQuery(std::move(asked)) : Query(std::move(asked));
  answer.signs_at_end = true;
  return answer;
}

// Nodes ask each other here. The form with Arrow tables does not exist yet.
Answer Endpoints::Ipc(Asked asked) {
  const Request& request = asked.request;
  Answer answer;
  const bool wants_json = request.Header("accept").find("application/json") != std::string_view::npos;
  if (request.method != "POST" || !wants_json) {
    answer.response = ErrorResponse(
        request.method == "POST" ? 406 : 405, ErrorCode::kBadInput,
        "this node answers /ipc only to POST, and only in JSON: send \"Accept: application/json\", or ask /query",
        true);
    if (request.method != "POST") answer.response->headers.append("Allow: POST\r\n");
    return answer;
  }
  return Query(std::move(asked));
}

Answer Endpoints::Ping(const Request& request, bool is_node_call) const {
  Answer answer;
  if (!is_node_call) {
    answer.response = ErrorResponse(ErrorCode::kForbidden, "only nodes of the cluster are answered here", true);
  } else if (request.method != "POST") {
    answer.response = NotAllowed("POST");
  } else {
    answer.response.emplace();
    answer.response->body = ping_ ? ping_() : "{}";
  }
  return answer;
}

}  // namespace eider::http
