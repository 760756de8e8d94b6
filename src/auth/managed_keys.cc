#include "auth/managed_keys.h"

#include <algorithm>
#include <utility>

#include "auth/key_providers.h"
#include "auth/token.h"
#include "base/text.h"

namespace eider::auth {
namespace {

constexpr const char* kApiKeyHeader = "x-hugr-api-key";

class ManagedKeys final : public Provider {
 public:
  ManagedKeys(const SnapshotHolder<KeyIndex>& index, std::string pepper, WallClock clock)
      : index_(index),
        pepper_(std::move(pepper)),
        clock_(clock ? std::move(clock) : [] { return ManagedKey::Clock::now(); }) {}

  Verdict Authenticate(const Credentials& credentials, Patience /*patience*/) override {
    std::string_view given = credentials.Header(kApiKeyHeader);
    if (given.empty()) given = credentials.Authorization("apikey");
    if (given.empty()) return Verdict::Skip();
    const auto index = index_.Get();
    const auto now = clock_();
    if (index == nullptr) return Verdict::NotMine(std::string(kForbidden));
    const auto found = index->by_hash.find(HmacSha256(pepper_, given));
    if (found == index->by_hash.end() || (found->second.until && *found->second.until <= now)) {
      return Verdict::NotMine(std::string(kForbidden));
    }
    const ManagedKey& key = *found->second.key;
    if (key.disabled) return Verdict::Reject(std::string(kForbidden));
    if (key.is_temporal && (!key.expires_at || *key.expires_at <= now)) {
      return Verdict::Reject(std::string(kTokenExpired));
    }
    Verdict verdict = IdentityFor(key, credentials);
    if (verdict.outcome == Outcome::kAccept) {
      const auto minute = std::chrono::duration_cast<std::chrono::minutes>(now.time_since_epoch()).count();
      if (key.last_used_minute.load(std::memory_order_relaxed) != minute) {
        key.last_used_minute.store(minute, std::memory_order_relaxed);
      }
    }
    return verdict;
  }

  std::vector<std::string> Headers() const override {
    return {kApiKeyHeader, "x-hugr-role", "x-hugr-user-id", "x-hugr-user-name"};
  }

 private:
  static Verdict IdentityFor(const ManagedKey& key, const Credentials& credentials) {
    const auto header = [&](const std::string& claimed, const std::string& name) {
      return claimed.empty() ? NamedHeader(credentials, name) : std::string_view();
    };
    const std::string_view role = header(key.claimed_role, key.headers.role);
    const std::string_view user_id = header(key.claimed_user_id, key.headers.user_id);
    const std::string_view user_name = header(key.claimed_user_name, key.headers.user_name);
    if (role.empty() && user_id.empty() && user_name.empty()) {
      if (key.identity->role.empty()) return Verdict::Reject(std::string(kForbidden));
      return Verdict::Accept(key.identity);
    }
    if (!role.empty() && !MayChoose(key, role)) return Verdict::Reject(std::string(kForbidden));
    Identity identity = *key.identity;
    identity.role = OrElse(role, identity.role);
    identity.user_id = OrElse(user_id, identity.user_id);
    identity.user_name = OrElse(user_name, identity.user_name);
    if (identity.role.empty()) return Verdict::Reject(std::string(kForbidden));
    return Verdict::Accept(std::make_shared<const Identity>(std::move(identity)));
  }

  static bool MayChoose(const ManagedKey& key, std::string_view role) {
    if (role == key.default_role) return true;
    if (!key.allowed_roles) return role != "admin";
    return std::find(key.allowed_roles->begin(), key.allowed_roles->end(), role) != key.allowed_roles->end();
  }

  const SnapshotHolder<KeyIndex>& index_;
  const std::string pepper_;
  const WallClock clock_;
};

Status ParseObject(std::string_view text, const char* what, rapidjson::Document& document) {
  if (text.empty() || text == "null") {
    document.SetObject();
    return {};
  }
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (!document.HasParseError() && document.IsObject()) return {};
  return Error(ErrorCode::kBadInput, std::string(what) + " of an api key must be a JSON object");
}

// Takes a claim out of the claims.
std::string TakeClaim(rapidjson::Document& claims, const char* name) {
  const auto found = claims.FindMember(name);
  if (found == claims.MemberEnd()) return "";
  std::string text = ScalarText(found->value).value_or("");
  claims.RemoveMember(found);
  return text;
}

std::string HeaderName(const rapidjson::Document& headers, const char* name, const char* otherwise) {
  const auto found = headers.FindMember(name);
  return found == headers.MemberEnd() || !found->value.IsString() ? otherwise : LowerAscii(found->value.GetString());
}

}  // namespace

Status CompleteKey(std::string_view headers, std::string_view claims, ManagedKey& key) {
  rapidjson::Document names;
  EIDER_RETURN_IF_ERROR(ParseObject(headers, "the headers", names));
  key.headers = {HeaderName(names, "role", ""), HeaderName(names, "user_id", "x-hugr-user-id"),
                 HeaderName(names, "user_name", "x-hugr-user-name")};
  auto rest = std::make_shared<rapidjson::Document>();
  EIDER_RETURN_IF_ERROR(ParseObject(claims, "the claims", *rest));
  key.claimed_role = TakeClaim(*rest, "role");
  key.claimed_user_id = TakeClaim(*rest, "user_id");
  key.claimed_user_name = TakeClaim(*rest, "user_name");
  if (const auto allowed = rest->FindMember("allowed_roles"); allowed != rest->MemberEnd()) {
    key.allowed_roles = Words(allowed->value);
    rest->RemoveMember(allowed);
  }
  if (rest->MemberCount() > 0) key.claims = std::move(rest);
  key.identity = std::make_shared<const Identity>(Identity{OrElse(key.claimed_user_id, "anonymous"),
                                                           OrElse(key.claimed_user_name, "anonymous"),
                                                           OrElse(key.claimed_role, key.default_role), "db-api-key",
                                                           "managed-api-keys", "key:" + key.name, key.claims, nullptr});
  return {};
}

std::unique_ptr<Provider> MakeManagedKeys(const SnapshotHolder<KeyIndex>& index, std::string pepper, WallClock clock) {
  return std::make_unique<ManagedKeys>(index, std::move(pepper), std::move(clock));
}

}  // namespace eider::auth
