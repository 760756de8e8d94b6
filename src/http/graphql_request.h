#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "query/service.h"

namespace eider::http {

// Reads the JSON body of a POST: `query`, `variables`, `operationName`, `validateOnly`, `noMutation`; other members are
// ignored. Fails with kBadInput and a message for the client.
Result<query::GraphqlRequest> ParseGraphqlBody(std::string_view body);

// Reads the JSON body of `/jq-query`: a program `jq`, a request `query`, and the options of a cache. Fails as
// ParseGraphqlBody().
Result<query::GraphqlRequest> ParseJqBody(std::string_view body);

// X-Hugr-Cache, X-Hugr-Cache-Key, X-Hugr-Cache-Tags and X-Hugr-Cache-Invalidate; empty = absent.
struct CacheHeaders {
  std::string_view ttl;
  std::string_view key;
  std::string_view tags;
  std::string_view invalidate;
};

// Reads them. Fails with kBadInput and a message for the client.
Result<query::JqCaching> ReadCacheHeaders(const CacheHeaders& headers);

// Reads the query string of a GET, whose `variables` is JSON text and whose switches are spelled `validate_only` and
// `no_mutation`. Fails as ParseGraphqlBody().
Result<query::GraphqlRequest> ParseGraphqlParameters(std::string_view query_string);

}  // namespace eider::http
