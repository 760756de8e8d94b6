#include "http/node_health.h"

#include <algorithm>

#include "base/text.h"

namespace eider::http {
namespace {

constexpr auto kOverloadedAfter = std::chrono::seconds(10);

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
  if (phase_ != Phase::kServing) reasons.push_back({"draining", "the node is stopping"});
  if (admission_.counts().full_for > kOverloadedAfter) {
    reasons.push_back({"overloaded", "the queue of requests has been full for 10 s"});
  }
  if (readiness_) std::ranges::move(readiness_(), std::back_inserter(reasons));
  return reasons;
}

Response NodeHealth::Ready(bool detailed) {
  const std::vector<Reason> reasons = Reasons();
  const auto blocking = std::ranges::find(reasons, true, &Reason::blocks_readiness);
  const bool ready = blocking == reasons.end();
  if (ready) was_ready_ = true;
  const std::string status = !ready ? blocking->code : reasons.empty() ? "up" : "degraded";
  Response response = Word(ready ? 200 : 503, status);
  if (detailed) {
    response.content_type = "application/json; charset=utf-8";
    response.body = ToJson(ready, status, reasons);
  }
  return response;
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
