#include "http/subscribe/subscriber.h"

#include <algorithm>

#include "base/text.h"

namespace eider::http {
namespace {

constexpr std::string_view kOfConnection[] = {"connection", "content-length", "host",       "origin",
                                              "te",         "traceparent",    "tracestate", "transfer-encoding",
                                              "upgrade",    "x-real-ip"};
constexpr std::string_view kFamilies[] = {"sec-", "x-forwarded-", "x-eider-signature", "x-eider-target-node"};

bool IsOfConnection(std::string_view name) {
  return std::ranges::find(kOfConnection, name) != std::end(kOfConnection) ||
         std::ranges::any_of(kFamilies, [&](std::string_view family) { return name.starts_with(family); });
}

}  // namespace

void Subscriber::AddHeaders(const std::vector<std::pair<std::string, std::string>>& headers) {
  for (const auto& [name, value] : headers) {
    const std::string lower = LowerAscii(name);
    if (!IsOfConnection(lower) && request.Count(lower) == 0) request.AddHeader(lower, value);
  }
}

}  // namespace eider::http
