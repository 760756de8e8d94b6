#include "auth/shared_settings.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <utility>

#include "auth/auth_file.h"
#include "base/json.h"
#include "base/secret_text.h"
#include "base/text.h"

namespace eider::auth {
namespace {

using rapidjson::Document;
using rapidjson::Value;

constexpr std::array<std::string_view, 5> kSecrets = {"key", "key_sha256", "hs_secret", "secret_key", "client_secret"};
constexpr const char* kName = "config";

std::string_view TextOf(const Value& value) { return {value.GetString(), value.GetStringLength()}; }

// A member's name in its first spelling: key_sha256, not key-sha256.
std::string Spelled(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '-', '_');
  return text;
}

bool IsSecret(const Value& name, const Value& value) {
  return value.IsString() && std::ranges::find(kSecrets, Spelled(TextOf(name))) != kSecrets.end();
}

Result<Document> Parsed(std::string_view config) {
  Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(config.data(), config.size());
  if (document.HasParseError() || !document.IsObject()) {
    return Error(ErrorCode::kBadInput, "the configuration must be an object such as {\"jwt\": {...}}");
  }
  return document;
}

void Hide(Value& value, Document::AllocatorType& allocator) {
  if (value.IsArray()) {
    for (Value& item : value.GetArray()) Hide(item, allocator);
  }
  if (value.IsString()) {
    const std::string shown = RedactSecrets(TextOf(value));
    value.SetString(shown.data(), static_cast<rapidjson::SizeType>(shown.size()), allocator);
  }
  if (!value.IsObject()) return;
  for (auto& member : value.GetObject()) {
    if (IsSecret(member.name, member.value)) {
      member.value.SetString(kRedacted.data(), static_cast<rapidjson::SizeType>(kRedacted.size()), allocator);
    } else {
      Hide(member.value, allocator);
    }
  }
}

// The member under its name in either spelling.
const Value* Counterpart(const Value* stored, std::string_view name) {
  if (stored == nullptr || !stored->IsObject()) return nullptr;
  for (const auto& member : stored->GetObject()) {
    if (Spelled(TextOf(member.name)) == Spelled(name)) return &member.value;
  }
  return nullptr;
}

Status Restore(Value& value, const Value* stored, Document::AllocatorType& allocator) {
  if (!value.IsObject()) return {};
  for (auto& member : value.GetObject()) {
    const Value* known = Counterpart(stored, TextOf(member.name));
    if (!IsSecret(member.name, member.value)) {
      EIDER_RETURN_IF_ERROR(Restore(member.value, known, allocator));
      continue;
    }
    if (TextOf(member.value) != kRedacted) continue;
    if (known == nullptr || !known->IsString()) {
      return Error(ErrorCode::kBadInput, "redacted value cannot be stored");
    }
    member.value.CopyFrom(*known, allocator);
  }
  return {};
}

template <class Item>
void OverlayNamed(std::map<std::string, Item>& below, std::map<std::string, Item> over) {
  for (auto& [name, item] : over) below[name] = std::move(item);
}

}  // namespace

Status ReadSharedSettings(std::string_view config, AuthSettings& settings) {
  const Error refused(ErrorCode::kBadInput,
                      "settings of the whole cluster hold values themselves, not ${NAME} or file:");
  const ValueSources none{[](const std::string&) { return std::nullopt; },
                          [&](const std::string&) -> Result<std::string> { return refused; }};
  EIDER_ASSIGN_OR_RETURN(const Document document, Parsed(config));
  return ReadAuthText(JsonTextOf(document), kName, none, settings);
}

Result<std::string> ShowSharedSettings(std::string_view config) {
  EIDER_ASSIGN_OR_RETURN(Document document, Parsed(config));
  Hide(document, document.GetAllocator());
  return JsonTextOf(document);
}

Result<std::string> RestoreSharedSecrets(std::string_view config, std::string_view stored) {
  EIDER_ASSIGN_OR_RETURN(Document document, Parsed(config));
  EIDER_ASSIGN_OR_RETURN(const Document known, Parsed(stored.empty() ? "{}" : stored));
  EIDER_RETURN_IF_ERROR(Restore(document, &known, document.GetAllocator()));
  return JsonTextOf(document);
}

void Overlay(AuthSettings& settings, AuthSettings over) {
  if (over.anonymous_allowed) settings.anonymous_allowed = over.anonymous_allowed;
  if (!over.anonymous_role.empty()) settings.anonymous_role = std::move(over.anonymous_role);
  if (!over.secret_key.empty()) settings.secret_key = std::move(over.secret_key);
  settings.managed_api_keys = settings.managed_api_keys || over.managed_api_keys;
  if (!over.cluster_secret.empty()) settings.cluster_secret = std::move(over.cluster_secret);
  OverlayNamed(settings.api_keys, std::move(over.api_keys));
  OverlayNamed(settings.jwt, std::move(over.jwt));
  if (!over.oidc.issuer.empty()) settings.oidc = std::move(over.oidc);
  if (!over.redirect_login_paths.empty()) settings.redirect_login_paths = std::move(over.redirect_login_paths);
  if (!over.login_url.empty()) settings.login_url = std::move(over.login_url);
  if (!over.redirect_url.empty()) settings.redirect_url = std::move(over.redirect_url);
}

}  // namespace eider::auth
