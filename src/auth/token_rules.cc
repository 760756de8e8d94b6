#include "auth/token_rules.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "auth/key_providers.h"
#include "auth/token.h"

namespace eider::auth {
namespace {

constexpr std::size_t kMostTokenBytes = 16 << 10;
constexpr std::size_t kMostTriedKeys = 16;
// A token that was good is looked at again after so long, in case its key was withdrawn.
constexpr auto kTrustFor = std::chrono::minutes(5);

std::optional<double> NumberClaim(const rapidjson::Value& claims, const char* name, bool& broken) {
  const auto found = claims.FindMember(name);
  if (found == claims.MemberEnd()) return std::nullopt;
  if (found->value.IsNumber()) return found->value.GetDouble();
  broken = true;
  return std::nullopt;
}

std::string TextClaim(const rapidjson::Value& claims, std::string_view path) {
  const rapidjson::Value* value = FindClaim(claims, path);
  return value == nullptr ? "" : ScalarText(*value).value_or("");
}

double Seconds(std::chrono::system_clock::duration time) { return std::chrono::duration<double>(time).count(); }

bool HasClaim(const rapidjson::Value& claims, const std::string& path, const std::string& wanted) {
  const rapidjson::Value* value = FindClaim(claims, path);
  if (value == nullptr) return false;
  if (value->IsArray()) {
    return std::any_of(value->Begin(), value->End(), [&](const rapidjson::Value& item) {
      return ScalarText(item) == std::optional<std::string>(wanted);
    });
  }
  return ScalarText(*value) == std::optional<std::string>(wanted);
}

}  // namespace

TokenVerifier::TokenVerifier(TokenRules rules, WallClock clock)
    : rules_(std::move(rules)),
      clock_(clock ? std::move(clock) : [] { return std::chrono::system_clock::now(); }) {}

bool TokenVerifier::IsMine(std::string_view algorithm, const rapidjson::Value& claims) const {
  const auto& allowed = rules_.settings.algorithms;
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), algorithm) == allowed.end()) return false;
  return rules_.settings.issuer.empty() || TextClaim(claims, "iss") == rules_.settings.issuer;
}

bool TokenVerifier::HasAudience(const rapidjson::Value& claims) const {
  const auto& wanted = rules_.settings.audience;
  if (wanted.empty()) return true;
  const auto found = claims.FindMember("aud");
  if (found == claims.MemberEnd()) return false;
  const auto matches = [&](const rapidjson::Value& value) {
    return value.IsString() && std::find(wanted.begin(), wanted.end(), value.GetString()) != wanted.end();
  };
  if (!found->value.IsArray()) return matches(found->value);
  return std::any_of(found->value.Begin(), found->value.End(), matches);
}

// Why a token with a good signature is refused; empty when it is not.
std::string TokenVerifier::ProblemOf(const rapidjson::Value& claims) const {
  const JwtSettings& settings = rules_.settings;
  if (!HasAudience(claims)) return std::string(kUnauthorized);
  bool broken = false;
  const double now = Seconds(clock_().time_since_epoch());
  const double leeway = Seconds(settings.leeway);
  const auto expires = NumberClaim(claims, "exp", broken);
  const auto begins = NumberClaim(claims, "nbf", broken);
  const auto issued = NumberClaim(claims, "iat", broken);
  if (broken || (!expires && !settings.allow_no_exp)) return std::string(kUnauthorized);
  if (expires && *expires + leeway <= now) return std::string(kTokenExpired);
  if ((begins && *begins - leeway > now) || (issued && *issued - leeway > now)) return std::string(kUnauthorized);
  for (const auto& [path, value] : settings.required_claims) {
    if (!HasClaim(claims, path, value)) return std::string(kUnauthorized);
  }
  return {};
}

// The role among the scopes: `wanted` when they have it, the first one when nothing is wanted.
std::string TokenVerifier::RoleOfScopes(const rapidjson::Value& claims, std::string_view wanted) const {
  const std::string& prefix = rules_.settings.scope_role_prefix;
  if (prefix.empty()) return {};
  for (const char* name : {"scope", "scopes"}) {
    const auto found = claims.FindMember(name);
    if (found == claims.MemberEnd()) continue;
    for (const std::string& scope : Words(found->value)) {
      if (!scope.starts_with(prefix) || scope.size() == prefix.size()) continue;
      if (wanted.empty() || scope.substr(prefix.size()) == wanted) return scope.substr(prefix.size());
    }
  }
  return {};
}

Verdict TokenVerifier::IdentityOf(std::shared_ptr<const rapidjson::Document> claims) const {
  const JwtSettings& settings = rules_.settings;
  Identity identity;
  identity.user_id = TextClaim(*claims, settings.claims.user_id);
  identity.user_name = TextClaim(*claims, settings.claims.user_name);
  if (identity.user_id.empty() && identity.user_name.empty()) return Verdict::Reject(std::string(kUnauthorized));
  if (identity.user_name.empty()) identity.user_name = identity.user_id;
  identity.role = TextClaim(*claims, settings.claims.role);
  if (identity.role.empty()) identity.role = RoleOfScopes(*claims, {});
  if (identity.role.empty()) identity.role = settings.default_role;
  if (identity.role.empty()) return Verdict::Reject("no role in token");
  const std::string issuer = OrElse(TextClaim(*claims, "iss"), settings.issuer);
  identity.auth_type = rules_.auth_type;
  identity.auth_provider = OrElse(rules_.auth_provider, OrElse(issuer, rules_.name));
  identity.principal = "jwt:" + issuer + ":" + OrElse(TextClaim(*claims, "sub"), identity.user_id);
  identity.claims = std::move(claims);
  return Verdict::Accept(std::make_shared<const Identity>(std::move(identity)));
}

Verdict TokenVerifier::ChooseRole(Verdict verdict, const Credentials& credentials) const {
  if (verdict.outcome != Outcome::kAccept) return verdict;
  const std::string_view wanted = NamedHeader(credentials, rules_.settings.role_header);
  const Identity& identity = *verdict.identity;
  if (wanted.empty() || wanted == identity.role) return verdict;
  if (!TextClaim(*identity.claims, rules_.settings.claims.role).empty()) return verdict;
  const std::string role = RoleOfScopes(*identity.claims, wanted);
  if (role.empty()) return verdict;
  Identity chosen = identity;
  chosen.role = role;
  return Verdict::Accept(std::make_shared<const Identity>(std::move(chosen)));
}

Verdict TokenVerifier::Check(std::string_view text, const Credentials& credentials, KeyStore& keys, Patience patience) {
  if (text.size() > kMostTokenBytes) return Verdict::Reject(std::string(kUnauthorized));
  const auto now = clock_();
  const Digest digest = Sha256(text);
  if (auto known = cache_.Find(digest, now)) return ChooseRole(Verdict::Accept(std::move(known)), credentials);
  const auto token = ParseToken(text);
  if (!token || !IsMine(token->algorithm, *token->claims)) return Verdict::NotMine();
  const KeyStore::Found found = keys.Get(token->key_id, patience);
  if (found.must_wait && patience == Patience::kNone) return Verdict::Wait();
  if (found.keys == nullptr) return Verdict::NotMine();
  std::size_t tried = 0;
  const bool verified = std::any_of(found.keys->begin(), found.keys->end(), [&](const VerificationKey& key) {
    if (!token->key_id.empty() && !key.id.empty() && key.id != token->key_id) return false;
    if (!Fits(key, token->algorithm) || tried++ >= kMostTriedKeys) return false;
    return Verify(key, token->algorithm, token->signed_part, token->signature);
  });
  if (!verified) return Verdict::NotMine();
  if (std::string problem = ProblemOf(*token->claims); !problem.empty()) return Verdict::Reject(std::move(problem));
  Verdict verdict = IdentityOf(token->claims);
  if (verdict.outcome == Outcome::kAccept) {
    auto until = now + kTrustFor;
    if (const auto expires = token->claims->FindMember("exp"); expires != token->claims->MemberEnd()) {
      const double left =
          expires->value.GetDouble() + Seconds(rules_.settings.leeway) - Seconds(now.time_since_epoch());
      if (left < Seconds(kTrustFor)) {
        until =
            now + std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::duration<double>(left));
      }
    }
    cache_.Put(digest, {verdict.identity, until});
  }
  return ChooseRole(std::move(verdict), credentials);
}

namespace {

class JwtProvider final : public Provider {
 public:
  JwtProvider(TokenRules rules, std::unique_ptr<KeyStore> keys, WallClock clock)
      : cookie_(rules.settings.cookie_name),
        role_header_(rules.settings.role_header),
        verifier_(std::move(rules), std::move(clock)),
        keys_(std::move(keys)) {}

  Verdict Authenticate(const Credentials& credentials, Patience patience) override {
    std::string_view token = credentials.Authorization("bearer");
    if (token.empty()) token = credentials.Cookie(cookie_);
    return token.empty() ? Verdict::Skip() : verifier_.Check(token, credentials, *keys_, patience);
  }

  std::vector<std::string> Headers() const override {
    return role_header_.empty() ? std::vector<std::string>() : std::vector<std::string>{role_header_};
  }
  std::vector<std::string> Cookies() const override {
    return cookie_.empty() ? std::vector<std::string>() : std::vector<std::string>{cookie_};
  }
  void Refresh() override { keys_->Refresh(); }

 private:
  const std::string cookie_;
  const std::string role_header_;
  TokenVerifier verifier_;
  const std::unique_ptr<KeyStore> keys_;
};

Result<std::unique_ptr<KeyStore>> KeysOf(const JwtSettings& settings, const JwtParts& parts) {
  if (!settings.hs_secret.empty()) {
    return MakeFixedKeys({VerificationKey{KeyKind::kSecret, "", "", nullptr, settings.hs_secret}});
  }
  if (!settings.public_key.empty()) {
    EIDER_ASSIGN_OR_RETURN(VerificationKey key, ReadPublicKey(settings.public_key));
    return MakeFixedKeys({std::move(key)});
  }
  if (!settings.jwks_file.empty()) {
    std::ifstream in(settings.jwks_file, std::ios::binary);
    if (!in) return Error(ErrorCode::kBadInput, "the key set cannot be read: " + settings.jwks_file);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    EIDER_ASSIGN_OR_RETURN(VerificationKeys keys, ReadKeySet(text));
    return MakeFixedKeys(std::move(keys));
  }
  if (!settings.jwks_url.starts_with("https://") && !settings.jwks_url.starts_with("http://")) {
    return Error(ErrorCode::kBadInput, "jwks_url must begin with https:// or http://");
  }
  return MakeRemoteKeys({parts.client, settings.jwks_url, settings.timeout, settings.tls_insecure, parts.on_problem});
}

}  // namespace

Result<std::unique_ptr<Provider>> MakeJwt(const std::string& name, const JwtSettings& settings, const JwtParts& parts) {
  auto keys = KeysOf(settings, parts);
  if (!keys) return Error(ErrorCode::kBadInput, "jwt." + name + ": " + keys.error().message);
  return std::unique_ptr<Provider>(
      std::make_unique<JwtProvider>(TokenRules{settings, "jwt", "", name}, std::move(*keys), parts.clock));
}

}  // namespace eider::auth
