#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "fetch/http_client.h"
#include "sources/http/http_options.h"

namespace eider::sources {

// The arguments of http_data_source_request_scalar but for the source. `headers`, `parameters` and `body` are JSON;
// nothing or an empty text stands for none.
struct HttpCall {
  std::string path;
  std::string method;
  std::string headers;
  std::string parameters;
  std::optional<std::string> body;
  std::string jq;
};

// The request that `call` means, without credentials. Fails with kBadInput for what no request can be made of, and for
// headers and paths that would make another request of it.
Result<fetch::Request> BuildRequest(const HttpOptions& options, const HttpCall& call);

}  // namespace eider::sources
