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

Response Endpoints::LiveQueries(const Request& request, const auth::Identity& viewer) const {
  const std::string_view path = request.path();
  if (run_environment_.live == nullptr) return NotFound(path);
  Response response;
  if (path == kQueriesPath) {
    if (!request.is_read()) return NotAllowed(kReads);
    response.body = R"({"queries":)" + auth::QueriesJson(*run_environment_.live, viewer, options_.node_name) + "}";
    return response;
  }
  if (request.method != "DELETE") return NotAllowed("DELETE");
  auth::LiveQueries::Selection selection;
  selection.id = path.substr(kQueriesPath.size() + 1);
  if (selection.id.empty() || run_environment_.live->Cancel(viewer, selection) == 0) return NotFound(path);
  response.body = R"({"success":true})";
  return response;
}

void Endpoints::RecordKill(const Request& request, std::string_view request_id, const Caller& caller, bool done) const {
  if (audit_ == nullptr) return;
  observe::AuditRecord record = RecordOf(request, request_id, caller.client_ip);
  auth::Describe(*caller.identity, record);
  record.action = "kill";
  record.object = request.path().substr(std::min(request.path().size(), kQueriesPath.size() + 1), kShownPath);
  record.rows = done ? 1 : 0;
  record.outcome = done ? observe::AuditOutcome::kOk : observe::AuditOutcome::kError;
  if (!done) record.code = ErrorCodeName(ErrorCode::kNotFound);
  audit_->Write(std::move(record));
}

}  // namespace eider::http
