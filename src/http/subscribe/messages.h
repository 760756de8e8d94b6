#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "query/service.h"

// The messages of graphql-transport-ws (the protocol of the npm package graphql-ws).
namespace eider::http {

struct ClientMessage {
  enum class Type { kConnectionInit, kPing, kPong, kSubscribe, kComplete };
  Type type = Type::kPing;
  std::string id;                                            // Of kSubscribe and kComplete.
  std::vector<std::pair<std::string, std::string>> headers;  // Of kConnectionInit: its payload's member `headers`.
  query::GraphqlRequest request;                             // Of kSubscribe.
  std::optional<query::Delivery> delivery;                   // Of kSubscribe: how the client wants its answers.
};

// Reads one message. Fails with kBadInput when it is none of the protocol, and why.
Result<ClientMessage> ParseClientMessage(std::string_view text);

// `{"id":…,"type":"next","payload":…}`; `payload` is JSON.
std::string ServerMessage(std::string_view type, std::string_view id, std::string_view payload);

}  // namespace eider::http
