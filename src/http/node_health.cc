#include "http/node_health.h"

#include <algorithm>

#include "base/text.h"

namespace eider::http {
namespace {

Response Word(int status, std::string word) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(word);
  return response;
}

std::string ToJson(bool ready, std::string_view status, const std::vector<Reason>& reasons) {
  std::string json = ready ? "{\"ready\":true,\"status\":" : "{\"ready\":false,\"status\":";
  AppendJsonString(json, status);
  json.append(",\"reasons\":[");
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    json.append(i == 0 ? "{\"code\":" : ",{\"code\":");
    AppendJsonString(json, reasons[i].code);
    json.append(",\"detail\":");
    AppendJsonString(json, reasons[i].detail);
    json.push_back('}');
  }
  return json.append("]}");
}

}  // namespace

std::vector<Reason> NodeHealth::Reasons() const {
  std::vector<Reason> reasons;
  if (phase_ > Phase::kServing) reasons.push_back({"draining", "the node is stopping"});
  if (admission_.counts().full_for > kOverloadedAfter) {
    const bool may_leave = !may_leave_ || may_leave_();
    reasons.push_back({"overloaded", "the queue of requests has been full for 10 s", may_leave});
  }
  if (readiness_) std::ranges::move(readiness_(), std::back_inserter(reasons));
  return reasons;
}

NodeHealth::Verdict NodeHealth::Judge() const {
  Verdict verdict;
  verdict.reasons = Reasons();
  const auto blocking = std::ranges::find(verdict.reasons, true, &Reason::blocks_readiness);
  verdict.ready = blocking == verdict.reasons.end();
  verdict.status = !verdict.ready ? blocking->code : verdict.reasons.empty() ? "up" : "degraded";
  return verdict;
}

Response NodeHealth::Ready(bool detailed) {
  const Verdict verdict = Judge();
  if (verdict.ready) was_ready_ = true;
  Response response = Word(verdict.ready ? 200 : 503, verdict.status);
  if (detailed) {
    response.content_type = "application/json; charset=utf-8";
    response.body = ToJson(verdict.ready, verdict.status, verdict.reasons);
  }
  return response;
}

std::string NodeHealth::Detail(std::string_view node, std::string_view members) const {
  const Verdict verdict = Judge();
  std::string json = ToJson(verdict.ready, verdict.status, verdict.reasons);
  json.pop_back();
  json.append(",\"node\":");
  AppendJsonString(json, node);
  return json.append(members).append("}");
}

Response NodeHealth::Answer(std::string_view path, bool detailed) {
  if (path == "/health/live") return alive_() ? Word(200, "OK") : Word(503, "deadlock detected");
  if (path == "/health") {
    if (!was_ready_) Ready(false);
    return was_ready_ ? Word(200, "OK") : Word(503, "starting");
  }
  return Ready(detailed);
}

}  // namespace eider::http
