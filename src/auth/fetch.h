#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "fetch/http_client.h"

namespace eider::auth {

// A document of an identity provider.
struct DocumentRequest {
  std::string url;
  std::string bearer;  // Sent as Authorization: Bearer; empty = none.
  std::chrono::milliseconds timeout = std::chrono::seconds(5);
  bool tls_insecure = false;
};

struct Document {
  int status = 0;
  std::string body;
  std::optional<std::chrono::seconds> max_age;  // Of Cache-Control; 0 for no-store and no-cache.
};

// Gets a document of at most 1 MiB; blocks, at most for the timeout. Asks once and follows no redirect. Fails with
// kSourceUnavailable, telling URL (without secrets) and reason.
Result<Document> FetchDocument(fetch::HttpClient& client, const DocumentRequest& request);

}  // namespace eider::auth
