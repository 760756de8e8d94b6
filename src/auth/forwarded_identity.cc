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

constexpr const char* kActor = "impersonated_by";
constexpr const char* kClient = "client_ip";

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void WriteMembers(Writer& writer, const Identity& identity) {
  for (const auto& [name, member] : kMembers) {
    const std::string& value = identity.*member;
    writer.Key(name);
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
}

Error Malformed() { return {ErrorCode::kBadInput, "the identity in X-Eider-On-Behalf is malformed"}; }

Status ReadMembers(const rapidjson::Value& object, Identity& identity) {
  for (const auto& [name, member] : kMembers) {
    const auto found = object.FindMember(name);
    if (found == object.MemberEnd()) continue;
    if (!found->value.IsString()) return Malformed();
    identity.*member = std::string(found->value.GetString(), found->value.GetStringLength());
    if (!IsCleanText(identity.*member)) return Malformed();
  }
  return {};
}

}  // namespace

std::string ForwardedIdentityJson(const Identity& identity, std::string_view client_ip) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  WriteMembers(writer, identity);
  if (identity.claims != nullptr) {
    writer.Key("claims");
    identity.claims->Accept(writer);
  }
  if (!client_ip.empty()) {
    writer.Key(kClient);
    writer.String(client_ip.data(), static_cast<rapidjson::SizeType>(client_ip.size()));
  }
  if (identity.impersonated_by != nullptr) {
    writer.Key(kActor);
    writer.StartObject();
    WriteMembers(writer, *identity.impersonated_by);
    writer.EndObject();
  }
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string ForwardedClientIp(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return {};
  const auto found = document.FindMember(kClient);
  if (found == document.MemberEnd() || !found->value.IsString()) return {};
  std::string client(found->value.GetString(), found->value.GetStringLength());
  return IsCleanText(client) ? client : "";
}

Result<std::shared_ptr<const Identity>> ReadForwardedIdentity(std::string_view json, std::string_view node) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return Malformed();
  auto identity = std::make_shared<Identity>();
  EIDER_RETURN_IF_ERROR(ReadMembers(document, *identity));
  if (const auto actor = document.FindMember(kActor); actor != document.MemberEnd()) {
    if (!actor->value.IsObject()) return Malformed();
    auto who = std::make_shared<Identity>();
    EIDER_RETURN_IF_ERROR(ReadMembers(actor->value, *who));
    identity->impersonated_by = std::move(who);
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
