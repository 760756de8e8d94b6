#include "http/caller.h"

#include <fmt/format.h>

#include "base/text.h"

namespace eider::http {

Response RefusalResponse(const auth::Decision& decision, const std::string& login_url, bool full_errors,
                         std::string_view request_id) {
  Response response;
  response.status = decision.status;
  response.headers = fmt::format("X-Eider-Error-Code: {}\r\n", decision.code);
  if (decision.retry_after > 0) response.headers.append(fmt::format("Retry-After: {}\r\n", decision.retry_after));
  if (decision.status == 401) {
    response.headers.append("WWW-Authenticate: Bearer\r\n");
    response.content_type = "text/plain; charset=utf-8";
    response.body = decision.message;
    if (login_url.empty()) return response;
    response.status = 302;
    response.headers.append("Location: ").append(login_url).append("\r\n");
    return response;
  }
  response.body = "{\"errors\":[{\"message\":";
  AppendJsonString(response.body, decision.message);
  const bool coded = full_errors || decision.status != 403;
  if (coded) response.body.append(fmt::format(",\"extensions\":{{\"code\":\"{}\"}}", decision.code));
  response.body.append("}]}");
  if (full_errors) AddRequestId(response, request_id);
  return response;
}

std::string RateHeaders(const auth::Decision& decision) {
  if (!decision.rate) return {};
  return fmt::format("RateLimit-Limit: {}\r\nRateLimit-Remaining: {}\r\nRateLimit-Reset: {}\r\n", decision.rate->limit,
                     decision.rate->remaining, decision.rate->reset);
}

}  // namespace eider::http
