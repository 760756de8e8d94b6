#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace eider::cli {

struct HttpAnswer {
  long status = 0;
  std::string body;
};

// Posts a JSON body, with further header lines, and waits for the whole answer. Fails with kSourceUnavailable when
// there is no connection, kTimeout after `timeout_ms` (0 = never), and kInternal when the answer breaks off.
Result<HttpAnswer> PostJson(const std::string& url, const std::string& body,
                            const std::vector<std::string>& headers = {}, long timeout_ms = 0);

// The same, asking without a body.
Result<HttpAnswer> GetText(const std::string& url, const std::vector<std::string>& headers, long timeout_ms);

// The GraphQL endpoint that a user means by "localhost:15000": adds the scheme and /query where they are missing.
std::string QueryEndpoint(const std::string& url);

}  // namespace eider::cli
