#include "http/subscribe/messages.h"

#include <array>

#include "base/json.h"
#include "base/text.h"
#include "http/graphql_request.h"

namespace eider::http {
namespace {

using Type = ClientMessage::Type;

// It stands in every message of its operation.
constexpr std::size_t kLongestId = 4096;

struct NamedType {
  std::string_view name;
  Type type;
};
constexpr std::array<NamedType, 5> kTypes = {{{"connection_init", Type::kConnectionInit},
                                              {"ping", Type::kPing},
                                              {"pong", Type::kPong},
                                              {"subscribe", Type::kSubscribe},
                                              {"complete", Type::kComplete}}};

Error Refuse(std::string message) { return {ErrorCode::kBadInput, std::move(message)}; }

Result<Type> ReadType(const rapidjson::Value& message) {
  const std::string name = TextMember(message, "type");
  for (const NamedType& known : kTypes) {
    if (known.name == name) return known.type;
  }
  return Refuse(name.empty() ? "a message needs a \"type\"" : "unknown message type");
}

Status ReadHeaders(const rapidjson::Value& message, ClientMessage& out) {
  const rapidjson::Value* payload = FindMember(message, "payload");
  if (payload == nullptr || payload->IsNull()) return {};
  if (!payload->IsObject()) return Refuse("the payload of connection_init must be an object");
  const rapidjson::Value* headers = FindMember(*payload, "headers");
  if (headers == nullptr || headers->IsNull()) return {};
  if (!headers->IsObject()) return Refuse("\"headers\" must be an object");
  for (const auto& header : headers->GetObject()) {
    if (!header.value.IsString()) return Refuse("the values of \"headers\" must be strings");
    out.headers.emplace_back(std::string(header.name.GetString(), header.name.GetStringLength()),
                             std::string(header.value.GetString(), header.value.GetStringLength()));
  }
  return {};
}

}  // namespace

Result<ClientMessage> ParseClientMessage(std::string_view text) {
  ClientMessage message;
  rapidjson::Document& document = message.request.variables;
  EIDER_RETURN_IF_ERROR(ParseJsonObject(text, document));
  EIDER_ASSIGN_OR_RETURN(message.type, ReadType(document));
  message.id = TextMember(document, "id");
  if (message.id.size() > kLongestId) return Refuse("an \"id\" may have 4096 bytes");
  switch (message.type) {
    case Type::kConnectionInit: EIDER_RETURN_IF_ERROR(ReadHeaders(document, message)); break;
    case Type::kPing:
    case Type::kPong: break;
    case Type::kComplete:
      if (message.id.empty()) return Refuse("complete needs an \"id\"");
      break;
    case Type::kSubscribe: {
      if (message.id.empty()) return Refuse("subscribe needs an \"id\"");
      const auto payload = document.FindMember("payload");
      if (payload == document.MemberEnd() || !payload->value.IsObject()) {
        return Refuse("subscribe needs a \"payload\", an object with a member \"query\"");
      }
      EIDER_ASSIGN_OR_RETURN(message.delivery, ReadDelivery(payload->value));
      EIDER_RETURN_IF_ERROR(TakeRequest(payload->value, message.request));
      break;
    }
  }
  return message;
}

std::string ServerMessage(std::string_view type, std::string_view id, std::string_view payload) {
  std::string out;
  out.reserve(id.size() + payload.size() + 48);
  out.append("{\"id\":");
  AppendJsonString(out, id);
  out.append(",\"type\":\"").append(type).append("\"");
  if (!payload.empty()) out.append(",\"payload\":").append(payload);
  return out.append("}");
}

}  // namespace eider::http
