#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "query/service.h"

namespace eider::http {

// Reads the JSON body of a POST: `query`, `variables`, `operationName`, `validateOnly`, `noMutation`; other members are
// ignored. Fails with kBadInput and a message for the client.
Result<query::GraphqlRequest> ParseGraphqlBody(std::string_view body);

// Reads a JSON object into `document`: numbers keep their digits where a variable needs them, and what is nested too
// deeply is refused. Fails with kBadInput.
Status ParseJsonObject(std::string_view text, rapidjson::Document& document);

// Reads the request that `object` is, which ParseJsonObject() has read into the request's own variables: they are
// moved, never copied. `object` is gone afterwards. Fails as ParseGraphqlBody().
Status TakeRequest(rapidjson::Value& object, query::GraphqlRequest& request);

// Reads how an answer is to be cut into messages: the member `delivery` of `extensions`, "row" or "result"; nothing
// when it is absent. Fails with kBadInput.
Result<std::optional<query::Delivery>> ReadDelivery(const rapidjson::Value& request);

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
