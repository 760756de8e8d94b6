#include "auth/authenticator.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "auth/key_providers.h"
#include "auth/oidc.h"
#include "base/text.h"

namespace eider::auth {
namespace {

constexpr const char* kImpersonatedRole = "x-hugr-impersonated-role";
constexpr const char* kImpersonatedId = "x-hugr-impersonated-user-id";
constexpr const char* kImpersonatedName = "x-hugr-impersonated-user-name";

// Headers that are credentials whether or not somebody here understands them.
constexpr const char* kCredentialHeaders[] = {"authorization", "x-hugr-api-key", "x-hugr-secret-key", "x-hugr-secret"};

Decision Forbid(std::shared_ptr<const Identity> identity, std::string message = "forbidden") {
  Decision decision;
  decision.identity = std::move(identity);
  decision.status = 403;
  decision.code = "FORBIDDEN";
  decision.message = std::move(message);
  return decision;
}

bool IsClean(const Identity& identity) {
  return IsCleanText(identity.role) && IsCleanText(identity.user_id) && IsCleanText(identity.user_name);
}

std::string UrlEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      out.append(fmt::format("%{:02X}", static_cast<unsigned char>(c)));
    }
  }
  return out;
}

// Scheme and authority of a URL.
std::string OriginOf(const std::string& url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string::npos ? "" : url.substr(0, url.find('/', scheme + 3));
}

}  // namespace

struct Authenticator::Chain {
  AuthSettings settings;
  AnonymousRule anonymous;
  std::vector<std::unique_ptr<Provider>> providers;
  std::vector<std::string> single;       // Headers that must not be repeated.
  std::vector<std::string> credentials;  // Headers whose presence rules anonymous access out.
  std::vector<std::string> cookies;

  void Finish() {
    single.assign(std::begin(kCredentialHeaders), std::end(kCredentialHeaders));
    credentials = single;
    single.insert(single.end(), {"x-hugr-role", "x-hugr-user-id", "x-hugr-user-name", kImpersonatedRole,
                                 kImpersonatedId, kImpersonatedName});
    for (const auto& provider : providers) {
      for (std::string& name : provider->Headers()) single.push_back(std::move(name));
      for (std::string& name : provider->Cookies()) cookies.push_back(std::move(name));
    }
    for (const auto& [name, key] : settings.api_keys) credentials.push_back(key.header);
    if (!cookies.empty()) single.emplace_back("cookie");
    for (auto* names : {&single, &credentials, &cookies}) {
      std::sort(names->begin(), names->end());
      names->erase(std::unique(names->begin(), names->end()), names->end());
    }
  }

  bool HasCredential(const Credentials& request) const {
    return std::any_of(credentials.begin(), credentials.end(),
                       [&](const std::string& name) { return !request.Header(name).empty(); }) ||
           std::any_of(cookies.begin(), cookies.end(),
                       [&](const std::string& name) { return !request.Cookie(name).empty(); });
  }
};

Authenticator::Authenticator(AuthenticatorParts parts, Limits limits)
    : parts_(std::move(parts)),
      chain_(std::make_shared<const Chain>()),
      rates_(limits.requests_per_minute, limits.burst),
      guesses_(limits.failures_per_minute) {}

Authenticator::~Authenticator() = default;

Status Authenticator::Configure(const AuthSettings& settings, const AnonymousRule& anonymous) {
  auto chain = std::make_shared<Chain>();
  chain->settings = settings;
  chain->anonymous = anonymous;
  auto& providers = chain->providers;
  const bool asks_others = !settings.oidc.issuer.empty() || std::ranges::any_of(settings.jwt, [](const auto& jwt) {
    return !jwt.second.jwks_url.empty();
  });
  if (asks_others && client_ == nullptr) client_ = std::make_shared<fetch::HttpClient>();
  const JwtParts parts{parts_.clock, parts_.on_problem, client_};
  if (!settings.cluster_secret.empty()) providers.push_back(MakeClusterSecret(settings.cluster_secret));
  if (settings.managed_api_keys && parts_.keys != nullptr) {
    providers.push_back(MakeManagedKeys(*parts_.keys, parts_.pepper, parts_.clock));
  }
  if (!settings.api_keys.empty()) {
    EIDER_ASSIGN_OR_RETURN(auto keys, MakeStaticKeys(settings.api_keys));
    providers.push_back(std::move(keys));
  }
  for (const auto& [name, jwt] : settings.jwt) {
    EIDER_ASSIGN_OR_RETURN(auto provider, MakeJwt(name, jwt, parts));
    providers.push_back(std::move(provider));
  }
  if (!settings.secret_key.empty()) providers.push_back(MakeSecretKey(settings.secret_key));
  if (!settings.oidc.issuer.empty()) providers.push_back(MakeOidc(settings.oidc, parts));
  chain->Finish();
  chain_.Set(std::move(chain));
  return {};
}

// The first provider that accepts or rejects decides.
Verdict Authenticator::Ask(const Chain& chain, const Credentials& credentials, const Origin& origin, Patience patience,
                           bool& seen) const {
  for (const std::string& name : chain.single) {
    if (credentials.Count(name) <= 1) continue;
    seen = true;
    return Verdict::Reject(std::string(kUnauthorized));
  }
  std::string reason(kUnauthorized);
  for (const auto& provider : chain.providers) {
    Verdict verdict = provider->Authenticate(credentials, patience);
    if (verdict.outcome == Outcome::kSkip) continue;
    seen = true;
    if (verdict.outcome != Outcome::kNotMine) return verdict;
    if (!verdict.reason.empty()) reason = std::move(verdict.reason);
  }
  seen = seen || chain.HasCredential(credentials);
  if (seen || !chain.anonymous.allowed) return Verdict::Reject(std::move(reason));
  auto identity = std::make_shared<Identity>(*Anonymous(chain.anonymous.role));
  identity->principal.append(origin.client_ip);
  return Verdict::Accept(std::move(identity));
}

Decision Authenticator::Decide(const Credentials& credentials, const Origin& origin, Patience patience) {
  const auto chain = chain_.Get();
  bool seen = false;
  Verdict verdict = Ask(*chain, credentials, origin, patience, seen);
  if (verdict.outcome == Outcome::kWait) {
    Decision decision;
    decision.must_wait = true;
    return decision;
  }
  if (verdict.outcome == Outcome::kAccept && !IsClean(*verdict.identity)) {
    verdict = Verdict::Reject(std::string(kUnauthorized));
  }
  if (verdict.outcome != Outcome::kAccept) return Refuse(verdict, seen, origin);
  return Admit(std::move(verdict.identity), credentials, origin, patience);
}

bool Authenticator::HasCredential(const Credentials& credentials) const {
  return chain_.Get()->HasCredential(credentials);
}

Decision Authenticator::Refuse(const Verdict& verdict, bool seen, const Origin& origin) {
  Decision decision;
  decision.status = 401;
  decision.message = verdict.reason;
  decision.code = verdict.reason == kTokenExpired ? "TOKEN_EXPIRED" : "UNAUTHENTICATED";
  // Nobody guesses who shows nothing.
  if (!seen) return decision;
  decision.retry_after = guesses_.CountFailure(origin.client_ip, GuessGuard::Clock::now());
  if (decision.retry_after == 0) return decision;
  decision.status = 429;
  decision.code = "RATE_LIMITED";
  decision.message = "too many failed authentications; try again later";
  return decision;
}

Decision Authenticator::Admit(std::shared_ptr<const Identity> identity, const Credentials& credentials,
                              const Origin& origin, Patience patience) {
  std::shared_ptr<const RoleFacts> facts;
  const bool knows_roles = parts_.roles != nullptr;
  if (knows_roles) {
    facts = parts_.roles->Find(identity->role);
    if (facts == nullptr || facts->disabled) return Forbid(std::move(identity));
  }
  const std::string_view target = credentials.Header(kImpersonatedRole);
  if (!target.empty()) {
    if (knows_roles && !facts->can_impersonate) {
      std::string message = fmt::format("role \"{}\" is not authorized to impersonate: forbidden", identity->role);
      return Forbid(std::move(identity), std::move(message));
    }
    if (knows_roles) {
      facts = parts_.roles->Find(target);
      if (facts == nullptr || facts->disabled) {
        return Forbid(std::move(identity),
                      fmt::format("impersonation failed: target role \"{}\" not found: forbidden", target));
      }
    }
    if (!IsCleanText(credentials.Header(kImpersonatedId)) || !IsCleanText(credentials.Header(kImpersonatedName))) {
      return Forbid(std::move(identity));
    }
    identity = std::make_shared<const Identity>(
        Identity{OrElse(credentials.Header(kImpersonatedId), identity->user_id),
                 OrElse(credentials.Header(kImpersonatedName), identity->user_name), std::string(target),
                 "impersonation", identity->auth_provider, identity->principal, nullptr, identity});
  }
  if (facts != nullptr && !facts->endpoints.empty()) {
    const bool is_path = origin.endpoint.starts_with('/');
    const std::string endpoint = is_path ? NormalisePath(origin.endpoint) : std::string(origin.endpoint);
    if (!IsEndpointAllowed(facts->endpoints, endpoint)) return Forbid(std::move(identity));
  }
  Decision decision;
  Rated rated;
  if (origin.is_request) rated = TakeRate(*identity, facts.get(), patience);
  if (rated.must_wait) {
    decision.must_wait = true;
    return decision;
  }
  decision.rate = rated.state;
  if (decision.rate && !decision.rate->allowed) {
    decision.status = 429;
    decision.code = "RATE_LIMITED";
    decision.message = "too many requests; try again later";
    decision.retry_after = decision.rate->reset;
    decision.identity = std::move(identity);
    return decision;
  }
  decision.identity = std::move(identity);
  decision.role = std::move(facts);
  return decision;
}

Decision Authenticator::AdmitForwarded(std::shared_ptr<const Identity> identity) const {
  const auto facts = parts_.roles == nullptr ? nullptr : parts_.roles->Find(identity->role);
  if (parts_.roles != nullptr && (facts == nullptr || facts->disabled)) return Forbid(std::move(identity));
  Decision decision;
  decision.identity = std::move(identity);
  decision.role = facts;
  return decision;
}

Authenticator::Rated Authenticator::TakeRate(const Identity& identity, const RoleFacts* facts, Patience patience) {
  const auto of_role = facts == nullptr ? std::nullopt : facts->limits.requests_per_minute;
  SharedBuckets* shared = parts_.shared_rates;
  const auto limit = shared == nullptr ? std::nullopt : rates_.LimitFor(of_role);
  if (limit && patience == Patience::kNone && shared->IsUsable()) return {true, std::nullopt};
  if (limit && patience == Patience::kMayWait) {
    const auto taken = shared->Take(identity.principal, static_cast<double>(limit->per_minute), limit->burst);
    if (taken) return {false, RateLimiter::StateOf(*limit, taken->allowed, taken->left)};
  }
  return {false, rates_.Take(identity.principal, of_role, RateLimiter::Clock::now())};
}

std::string Authenticator::LoginUrl(std::string_view target) const {
  const auto chain = chain_.Get();
  const AuthSettings& settings = chain->settings;
  const std::string_view path = target.substr(0, target.find('?'));
  const bool matches = std::any_of(settings.redirect_login_paths.begin(), settings.redirect_login_paths.end(),
                                   [&](const std::string& suffix) { return path.ends_with(suffix); });
  if (!matches || settings.login_url.empty()) return {};
  const std::string origin = OriginOf(settings.redirect_url);
  std::string url = settings.login_url;
  if (origin.empty() || !target.starts_with('/')) return url;
  url.append(url.find('?') == std::string::npos ? "?" : "&").append("redirect_uri=");
  return url + UrlEncode(origin + std::string(target));
}

std::string Authenticator::OidcJson() const {
  const auto chain = chain_.Get();
  const OidcSettings& oidc = chain->settings.oidc;
  if (oidc.issuer.empty()) return {};
  std::string json = "{\"issuer\":";
  AppendJsonString(json, oidc.issuer);
  json.append(",\"client_id\":");
  AppendJsonString(json, oidc.client_id);
  return json + "}";
}

void Authenticator::Refresh() {
  const auto chain = chain_.Get();
  for (const auto& provider : chain->providers) provider->Refresh();
  if (parts_.shared_rates != nullptr) parts_.shared_rates->Refresh();
}

}  // namespace eider::auth
