#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "auth/audit.h"
#include "base/digest.h"
#include "http/endpoints.h"
#include "http/graphql_request.h"
#include "query/planned_document.h"

// What administrators ask a node: its health in detail, the keys of plans, the queries that run.
namespace eider::http {

Response Endpoints::HealthDetail(const Request& request, const auth::Identity& viewer) const {
  if (viewer.role != "admin") {
    return ErrorResponse(ErrorCode::kForbidden, "details of the node's health are for administrators", true);
  }
  if (!request.is_read()) return NotAllowed(kReads);
  Response response;
  response.body = health_.Detail(options_.node_name, detail_ ? detail_() : "");
  return response;
}

Response Endpoints::PlanKey(const Request& request, std::string_view request_id,
                            const std::shared_ptr<const auth::Identity>& viewer) {
  if (viewer->role != "admin") {
    return ErrorResponse(ErrorCode::kForbidden, "keys of plans are for administrators", true);
  }
  if (!request.is_read()) return NotAllowed(kReads);
  auto parsed = ParseGraphqlParameters(request.query_string());
  if (!parsed) return Refusal(request, request_id, parsed.error());
  const auto planned = query::PlanDocument(run_environment_.service, viewer, request_id, std::move(*parsed));
  Response response;
  if (!planned.failure.empty()) {
    response.status = 400;
    response.body = planned.failure;
    return response;
  }
  response.body = fmt::format(R"({{"schema_version":{},"keys":[)", schema_version());
  for (const std::string& key : planned.keys) {
    if (response.body.back() != '[') response.body.push_back(',');
    response.body.append("\"").append(HexText(Sha256(key))).append("\"");
  }
  response.body.append("]}");
  return response;
}

namespace {

Response Answered(std::string body) {
  Response response;
  response.body = std::move(body);
  return response;
}

Answer With(Response response) {
  Answer answer;
  answer.response = std::move(response);
  return answer;
}

}  // namespace

Answer Endpoints::LiveQueries(const Request& request, std::string_view request_id, const Caller& caller) const {
  if (run_environment_.live == nullptr) return With(NotFound(request.path()));
  if (request.path() != kQueriesPath) return EndQuery(request, request_id, caller);
  return request.is_read() ? ListQueries(request, caller.identity) : With(NotAllowed(kReads));
}

Answer Endpoints::ListQueries(const Request& request, const std::shared_ptr<const auth::Identity>& viewer) const {
  constexpr std::string_view kAll = "all_nodes=true";
  const std::string_view wanted = request.query_string();
  if (!wanted.empty() && wanted != kAll && wanted != "all_nodes=false") {
    return With(ErrorResponse(ErrorCode::kBadInput, "the only parameter is all_nodes, true or false", true));
  }
  if (wanted != kAll || all_queries_ == nullptr) {
    return With(
        Answered(R"({"queries":)" + auth::QueriesJson(*run_environment_.live, *viewer, options_.node_name) + "}"));
  }
  Answer answer;
  answer.errand = [this, viewer] { return Answered(R"({"queries":)" + all_queries_(*viewer) + "}"); };
  return answer;
}

Answer Endpoints::EndQuery(const Request& request, std::string_view request_id, const Caller& caller) const {
  if (request.method != "DELETE") return With(NotAllowed("DELETE"));
  auth::LiveQueries::Selection selection;
  selection.id = request.path().substr(kQueriesPath.size() + 1);
  auto outcome = [this, path = std::string(request.path()),
                  record = KillRecord(request, request_id, caller)](bool done) mutable {
    RecordKill(std::move(record), done);
    return done ? Answered(R"({"success":true})") : NotFound(path);
  };
  const bool done = !selection.id.empty() && run_environment_.live->Cancel(*caller.identity, selection) > 0;
  if (done || selection.id.empty() || cancel_elsewhere_ == nullptr) return With(outcome(done));
  Answer answer;
  answer.errand = [this, outcome = std::move(outcome), viewer = caller.identity, id = selection.id]() mutable {
    return outcome(cancel_elsewhere_(*viewer, id));
  };
  return answer;
}

observe::AuditRecord Endpoints::KillRecord(const Request& request, std::string_view request_id,
                                           const Caller& caller) const {
  observe::AuditRecord record = RecordOf(request, request_id, caller.client_ip);
  auth::Describe(*caller.identity, record);
  record.action = "kill";
  record.object = request.path().substr(std::min(request.path().size(), kQueriesPath.size() + 1), kShownPath);
  return record;
}

void Endpoints::RecordKill(observe::AuditRecord record, bool done) const {
  if (audit_ == nullptr) return;
  record.rows = done ? 1 : 0;
  record.outcome = done ? observe::AuditOutcome::kOk : observe::AuditOutcome::kError;
  if (!done) record.code = ErrorCodeName(ErrorCode::kNotFound);
  audit_->Write(std::move(record));
}

}  // namespace eider::http
