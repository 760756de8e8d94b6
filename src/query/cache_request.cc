#include "query/cache_request.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.h"
#include "query/jq_runner.h"

namespace eider::query {
namespace {

using auth::Identity;

// Claims that differ between two tokens of one user.
bool IsPerToken(std::string_view claim) {
  constexpr std::string_view kClaims[] = {"exp", "iat", "nbf", "jti", "nonce", "sid", "auth_time", "at_hash"};
  return std::ranges::find(kClaims, claim) != std::end(kClaims);
}

void AddClaims(const Identity& identity, cache::KeyBuilder& key) {
  std::vector<std::pair<std::string, std::string>> claims;
  if (identity.claims != nullptr && identity.claims->IsObject()) {
    for (const auto& member : identity.claims->GetObject()) {
      std::string name(member.name.GetString(), member.name.GetStringLength());
      if (!IsPerToken(name)) claims.emplace_back(std::move(name), ToJsonText(member.value));
    }
  }
  std::ranges::sort(claims);
  key.Add(static_cast<std::uint64_t>(claims.size()));
  for (const auto& [name, value] : claims) key.Add(name).Add(value);
}

void AddPerson(const Identity& identity, cache::KeyBuilder& key) {
  key.Add(identity.user_id).Add(identity.user_name).Add(identity.role).Add(identity.auth_type);
  key.Add(identity.auth_provider);
}

void AddWhole(const Identity& identity, cache::KeyBuilder& key) {
  key.Add("full");
  AddPerson(identity, key);
  AddClaims(identity, key);
  key.Add(static_cast<std::uint64_t>(identity.impersonated_by != nullptr));
  if (identity.impersonated_by != nullptr) AddPerson(*identity.impersonated_by, key);
}

// The value of a placeholder's name without `$auth.`; nothing when the identity has none.
std::optional<std::string> ItemOf(const Identity& identity, const std::string& name) {
  const Identity* by = identity.impersonated_by.get();
  if (name == "user_id" || name == "user_id_int") return identity.user_id;
  if (name == "user_name") return identity.user_name;
  if (name == "role") return identity.role;
  if (name == "auth_type") return identity.auth_type;
  if (name == "provider") return identity.auth_provider;
  if (name.starts_with("impersonated_by_")) {
    if (by == nullptr) return std::nullopt;
    if (name == "impersonated_by_role") return by->role;
    if (name == "impersonated_by_user_id") return by->user_id;
    if (name == "impersonated_by_user_name") return by->user_name;
  }
  const rapidjson::Value* at = identity.claims.get();
  if (at == nullptr || !at->IsObject()) return std::nullopt;
  if (const auto whole = at->FindMember(name.c_str()); whole != at->MemberEnd()) return ToJsonText(whole->value);
  for (const std::string_view part : SplitText(name, '.')) {
    if (!at->IsObject()) return std::nullopt;
    const auto found = at->FindMember(std::string(part).c_str());
    if (found == at->MemberEnd()) return std::nullopt;
    at = &found->value;
  }
  return ToJsonText(*at);
}

void AddValue(const engine::Value& value, cache::KeyBuilder& key) {
  key.Add(static_cast<std::uint64_t>(value.data.index()));
  if (const auto* flag = std::get_if<bool>(&value.data)) key.Add(static_cast<std::uint64_t>(*flag));
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) key.Add(static_cast<std::uint64_t>(*integer));
  if (const auto* text = std::get_if<std::string>(&value.data)) key.Add(*text);
  if (const auto* real = std::get_if<double>(&value.data)) {
    char digits[32] = {};
    const auto end = std::to_chars(digits, digits + sizeof digits, *real).ptr;
    key.Add(std::string_view(digits, static_cast<std::size_t>(end - digits)));
  }
  if (const auto* list = std::get_if<engine::ValueList>(&value.data)) {
    key.Add(static_cast<std::uint64_t>(list->size()));
    for (const engine::Value& item : *list) AddValue(item, key);
  }
}

// Arguments and variables in a form that does not depend on how the request wrote them.
void AddArguments(const planner::BoundRoot& root, cache::KeyBuilder& key) {
  std::string_view text = root.key;
  text.remove_prefix(std::min(text.size(), root.field.response_name.size()));
  key.Add(root.field.parent->name).Add(text).Add(static_cast<std::uint64_t>(root.parameters.size()));
  for (const engine::Value& value : root.parameters) AddValue(value, key);
}

}  // namespace

planner::PlanResult<CacheDirectives> ReadCacheDirectives(const graphql::CollectContext& collect,
                                                         const graphql::CollectedField& field,
                                                         const CacheDirectives& around) {
  CacheDirectives out = around;
  if (field.FindDirective("no_cache") != nullptr) out.bypass = true;
  if (field.FindDirective("invalidate_cache") != nullptr) out.fresh = true;
  const graphql::Directive* directive = field.FindDirective("cache");
  if (directive == nullptr) return out;
  const auto refuse = [directive](std::string message) {
    return tl::unexpected(
        planner::PlanError{Error(ErrorCode::kBadInput, std::move(message)), directive->position, true});
  };
  const auto resolved = graphql::ResolveArguments(collect.schema.FindDirective("cache")->arguments,
                                                  directive->arguments, collect.variables, collect.variables.arena());
  if (!resolved) return refuse(resolved.error().message);
  cache::Rule rule;
  for (const graphql::ResolvedArgument& argument : *resolved) {
    if (argument.value == nullptr || argument.value->IsNull()) continue;
    if (argument.definition->name == "key") rule.key = argument.value->text;
    for (const graphql::Value& tag : argument.value->items()) rule.tags.emplace_back(tag.text);
    if (argument.definition->name != "ttl") continue;
    rule.ttl = cache::ParseTtl(argument.value->text);
    if (!rule.ttl) return refuse("@cache: no time to live: " + std::string(argument.value->text));
  }
  out.rule = cache::Merge(around.rule.value_or(cache::Rule()), rule);
  return out;
}

void AddIdentity(const CacheReads& reads, const CacheScope& scope, cache::KeyBuilder& key) {
  const Identity& identity = scope.identity;
  key.Add("user").Add(identity.role).Add(BytesOf(scope.rules.fingerprint()));
  if (!scope.projection || reads.identity_unknown) {
    AddWhole(identity, key);
    return;
  }
  key.Add("projection").Add(static_cast<std::uint64_t>(reads.identity_items.size()));
  for (const std::string& item : reads.identity_items) {
    const auto value = ItemOf(identity, item);
    key.Add(item).Add(static_cast<std::uint64_t>(value.has_value())).Add(value.value_or(""));
  }
}

std::shared_ptr<const cache::Wanted> WantedOf(const planner::BoundRoot& root, const CacheReads& reads,
                                              const CacheDirectives& directives, const CacheScope& scope,
                                              const cache::CacheOptions& options) {
  if (directives.bypass || reads.never || (!directives.rule && !reads.rule && !directives.fresh)) {
    return nullptr;
  }
  const cache::Rule rule = cache::Merge(reads.rule.value_or(cache::Rule()), directives.rule.value_or(cache::Rule()));
  cache::KeyBuilder key;
  AddIdentity(reads, scope, key);
  key.Add(scope.zone).Add(static_cast<std::uint64_t>(scope.default_limit)).Add(reads.generations);
  if (rule.key) {
    key.Add("key").Add(*rule.key).Add(ShapeOf(root.field));
  } else {
    key.Add("arguments");
    AddArguments(root, key);
  }
  auto wanted = std::make_shared<cache::Wanted>();
  wanted->key = key.Finish();
  wanted->ttl = rule.ttl.value_or(options.default_ttl);
  wanted->fresh = directives.fresh;
  wanted->tags = reads.tags;
  wanted->tags.insert(wanted->tags.end(), rule.tags.begin(), rule.tags.end());
  return wanted;
}

}  // namespace eider::query
