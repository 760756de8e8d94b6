#include "auth/oidc.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <utility>

#include "auth/fetch.h"
#include "auth/token.h"
#include "base/json.h"
#include "base/mutex.h"
#include "base/random_time.h"
#include "base/snapshot.h"

namespace eider::auth {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kUnavailable = "identity provider unavailable";
constexpr std::size_t kMostOpaqueBytes = 16 << 10;
constexpr auto kTrustUserinfoFor = std::chrono::seconds(60);
constexpr auto kFirstRetry = std::chrono::seconds(5);
constexpr auto kLastRetry = std::chrono::seconds(60);

// What discovery tells.
struct Discovered {
  std::unique_ptr<KeyStore> keys;
  std::string userinfo;
};

std::string WithoutSlash(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return text;
}

JwtSettings TokenSettings(const OidcSettings& oidc) {
  JwtSettings settings;
  settings.issuer = oidc.issuer;
  if (!oidc.skip_audience) settings.audience = {oidc.client_id};
  // Symmetric algorithms have no place here: the keys are public.
  settings.algorithms = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"};
  settings.scope_role_prefix = oidc.scope_role_prefix;
  settings.default_role = oidc.default_role;
  settings.claims = oidc.claims;
  return settings;
}

class OidcProvider final : public Provider {
 public:
  OidcProvider(OidcSettings settings, const JwtParts& parts)
      : settings_(std::move(settings)),
        on_problem_(parts.on_problem),
        client_(parts.client),
        verifier_(TokenRules{TokenSettings(settings_), "oidc", "oidc", "oidc"}, parts.clock) {}

  Verdict Authenticate(const Credentials& credentials, Patience patience) override {
    std::string_view token = credentials.Authorization("bearer");
    if (token.empty()) token = credentials.Cookie(settings_.cookie_name);
    if (token.empty()) return Verdict::Skip();
    if (token.size() > kMostOpaqueBytes) return Verdict::Reject(std::string(kUnauthorized));
    const auto parsed = ParseToken(token);
    if (!parsed) return settings_.userinfo ? Opaque(token, credentials, patience) : Verdict::NotMine();
    // Tokens of others must not cause discovery.
    const rapidjson::Value* issuer = FindClaim(*parsed->claims, "iss");
    if (issuer == nullptr || !issuer->IsString() || settings_.issuer != issuer->GetString()) return Verdict::NotMine();
    const auto discovered = Discovery(patience);
    if (discovered == nullptr) {
      return patience == Patience::kNone && MayAsk() ? Verdict::Wait() : Verdict::Reject(std::string(kUnavailable));
    }
    return verifier_.Check(token, credentials, *discovered->keys, patience);
  }

  std::vector<std::string> Headers() const override { return {"x-hugr-role"}; }
  std::vector<std::string> Cookies() const override {
    return settings_.cookie_name.empty() ? std::vector<std::string>() : std::vector<std::string>{settings_.cookie_name};
  }

  void Refresh() override {
    if (const auto discovered = discovered_.Get()) {
      discovered->keys->Refresh();
    } else {
      (void)Discovery(Patience::kMayWait);
    }
  }

 private:
  bool MayAsk() {
    MutexLock lock(mutex_);
    return Clock::now() >= next_attempt_;
  }

  std::shared_ptr<const Discovered> Discovery(Patience patience) {
    auto known = discovered_.Get();
    if (known != nullptr || patience == Patience::kNone) return known;
    MutexLock asking(asking_mutex_);
    known = discovered_.Get();
    if (known != nullptr || !MayAsk()) return known;
    auto found = Ask();
    if (found) {
      known = std::make_shared<const Discovered>(std::move(*found));
      discovered_.Set(known);
      return known;
    }
    if (on_problem_) on_problem_(found.error().message);
    Postpone();
    return nullptr;
  }

  // Waits between attempts grow from 5 s to 60 s, each with jitter.
  void Postpone() {
    MutexLock lock(mutex_);
    const std::chrono::milliseconds most = retry_;
    next_attempt_ = Clock::now() + RandomTime(most * 3 / 4, most);
    retry_ = std::min<std::chrono::seconds>(retry_ * 2, kLastRetry);
  }

  Result<Discovered> Ask() const {
    const std::string url = WithoutSlash(settings_.issuer) + "/.well-known/openid-configuration";
    EIDER_ASSIGN_OR_RETURN(const Document answer,
                           FetchDocument(*client_, {url, "", settings_.timeout, settings_.tls_insecure}));
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(answer.body.data(), answer.body.size());
    if (answer.status != 200 || document.HasParseError() || !document.IsObject()) {
      return Error(ErrorCode::kSourceUnavailable, url + " gives no OpenID configuration");
    }
    if (TextMember(document, "issuer") != settings_.issuer) {
      return Error(ErrorCode::kSourceUnavailable, url + " is of another issuer than OIDC_ISSUER");
    }
    const std::string keys = TextMember(document, "jwks_uri");
    if (!keys.starts_with("https://") && !keys.starts_with("http://")) {
      return Error(ErrorCode::kSourceUnavailable, url + " names no jwks_uri");
    }
    return Discovered{MakeRemoteKeys({client_, keys, settings_.timeout, settings_.tls_insecure, on_problem_}),
                      TextMember(document, "userinfo_endpoint")};
  }

  Verdict Opaque(std::string_view token, const Credentials& credentials, Patience patience) {
    const Digest digest = Sha256(token);
    const auto now = verifier_.now();
    if (auto known = userinfo_.Find(digest, now)) {
      return verifier_.ChooseRole(Verdict::Accept(std::move(known)), credentials);
    }
    if (patience == Patience::kNone) return Verdict::Wait();
    const auto discovered = Discovery(patience);
    if (discovered == nullptr) return Verdict::Reject(std::string(kUnavailable));
    if (discovered->userinfo.empty()) return Verdict::NotMine();
    const auto answer =
        FetchDocument(*client_, {discovered->userinfo, std::string(token), settings_.timeout, settings_.tls_insecure});
    if (!answer) return Verdict::Reject(std::string(kUnavailable));
    auto claims = std::make_shared<rapidjson::Document>();
    claims->Parse<rapidjson::kParseIterativeFlag>(answer->body.data(), answer->body.size());
    if (answer->status != 200 || claims->HasParseError() || !claims->IsObject()) return Verdict::NotMine();
    Verdict verdict = verifier_.IdentityOf(std::move(claims));
    if (verdict.outcome == Outcome::kAccept) userinfo_.Put(digest, {verdict.identity, now + kTrustUserinfoFor});
    return verifier_.ChooseRole(std::move(verdict), credentials);
  }

  const OidcSettings settings_;
  const std::function<void(const std::string&)> on_problem_;
  const std::shared_ptr<fetch::HttpClient> client_;
  TokenVerifier verifier_;
  IdentityCache userinfo_{1000};
  SnapshotHolder<Discovered> discovered_;
  Mutex asking_mutex_;  // Held while asking; taken before `mutex_`.
  Mutex mutex_;
  Clock::time_point next_attempt_ GUARDED_BY(mutex_);
  std::chrono::seconds retry_ GUARDED_BY(mutex_) = kFirstRetry;
};

}  // namespace

std::unique_ptr<Provider> MakeOidc(const OidcSettings& settings, const JwtParts& parts) {
  return std::make_unique<OidcProvider>(settings, parts);
}

}  // namespace eider::auth
