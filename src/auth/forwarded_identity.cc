#include "auth/forwarded_identity.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <utility>

#include "auth/credentials.h"

namespace eider::auth {
namespace {

constexpr std::pair<const char*, std::string Identity::*> kMembers[] = {
    {"user_id", &Identity::user_id},     {"user_name", &Identity::user_name},
    {"role", &Identity::role},           {"auth_type", &Identity::auth_type},
    {"principal", &Identity::principal}, {"auth_provider", &Identity::auth_provider},
};

Error Malformed() { return {ErrorCode::kBadInput, "the identity in X-Eider-On-Behalf is malformed"}; }

}  // namespace

std::string ForwardedIdentityJson(const Identity& identity) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.StartObject();
  for (const auto& [name, member] : kMembers) {
    const std::string& value = identity.*member;
    writer.Key(name);
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  if (identity.claims != nullptr) {
    writer.Key("claims");
    identity.claims->Accept(writer);
  }
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

Result<std::shared_ptr<const Identity>> ReadForwardedIdentity(std::string_view json, std::string_view node) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return Malformed();
  auto identity = std::make_shared<Identity>();
  for (const auto& [name, member] : kMembers) {
    const auto found = document.FindMember(name);
    if (found == document.MemberEnd()) continue;
    if (!found->value.IsString()) return Malformed();
    (*identity).*member = std::string(found->value.GetString(), found->value.GetStringLength());
    if (!IsCleanText((*identity).*member)) return Malformed();
  }
  if (identity->role.empty()) return Malformed();
  const auto claims = document.FindMember("claims");
  if (claims != document.MemberEnd()) {
    if (!claims->value.IsObject()) return Malformed();
    auto copy = std::make_shared<rapidjson::Document>();
    copy->CopyFrom(claims->value, copy->GetAllocator());
    identity->claims = std::move(copy);
  }
  if (identity->principal.empty()) identity->principal = "node:" + std::string(node);
  return std::shared_ptr<const Identity>(std::move(identity));
}

std::shared_ptr<const Identity> NodeIdentity(std::string_view node) {
  auto identity = std::make_shared<Identity>();
  identity->user_id = node;
  identity->user_name = node;
  identity->role = "admin";
  identity->auth_type = "cluster";
  identity->auth_provider = "cluster-internal";
  identity->principal = "node:" + std::string(node);
  return identity;
}

}  // namespace eider::auth
