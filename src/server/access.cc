#include "server/access.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <utility>

#include "auth/auth_file.h"
#include "auth/shared_settings.h"
#include "http/address.h"
#include "server/shared_rates.h"

namespace eider::server {
namespace {

constexpr auto kTick = std::chrono::seconds(1);
constexpr int kTicksBetweenLooks = 5;
constexpr int kTicksOfADay = 86'400;
constexpr std::string_view kNoProvider = "this leaves no provider, and this node is open to other machines";

// What the environment says; it comes before the file.
void ApplyEnvironment(const config::Config& config, auth::AuthSettings& settings) {
  if (config.allowed_anonymous) settings.anonymous_allowed = config.allowed_anonymous;
  if (!config.anonymous_role.empty()) settings.anonymous_role = config.anonymous_role;
  if (!config.secret_key.empty()) settings.secret_key = config.secret_key;
  if (config.allow_managed_api_keys) settings.managed_api_keys = true;
  if (config.cluster_enabled && config.cluster_accept_plain_secret) settings.cluster_secret = config.cluster_secret;
  if (config.oidc_issuer.empty()) return;
  auth::OidcSettings& oidc = settings.oidc;
  oidc = {};
  oidc.issuer = config.oidc_issuer;
  oidc.client_id = config.oidc_client_id;
  oidc.client_secret = config.oidc_client_secret;
  oidc.redirect_url = config.oidc_redirect_url;
  oidc.cookie_name = config.oidc_cookie_name;
  oidc.scopes = config.oidc_scopes;
  oidc.scope_role_prefix = config.oidc_scope_role_prefix;
  oidc.claims = {config.oidc_role_claim, config.oidc_userid_claim, config.oidc_username_claim};
  oidc.timeout = config.oidc_timeout;
  oidc.tls_insecure = config.oidc_tls_insecure;
  oidc.skip_audience = config.oidc_skip_audience;
  oidc.userinfo = config.oidc_userinfo;
}

// The environment goes before the file, and the file before what the whole cluster has stored.
Result<auth::AuthSettings> ReadSettings(const config::Config& config, const std::string& shared) {
  auth::AuthSettings settings;
  if (!shared.empty()) EIDER_RETURN_IF_ERROR(auth::ReadSharedSettings(shared, settings));
  if (!config.auth_config_file.empty()) {
    auth::AuthSettings file;
    EIDER_RETURN_IF_ERROR(auth::ReadAuthFile(config.auth_config_file, file));
    auth::Overlay(settings, std::move(file));
  }
  ApplyEnvironment(config, settings);
  const auth::OidcSettings& oidc = settings.oidc;
  if (!oidc.client_secret.empty()) {
    return Error(ErrorCode::kBadInput,
                 "OIDC_CLIENT_SECRET: nobody logs in through this node, so it needs no secret; leave it out");
  }
  if (oidc.scopes != auth::OidcSettings().scopes) {
    return Error(ErrorCode::kBadInput,
                 "OIDC_SCOPES: nobody logs in through this node, so it asks for no scopes; leave it out");
  }
  if (settings.redirect_url.empty()) settings.redirect_url = oidc.redirect_url;
  if (!oidc.issuer.empty() && oidc.client_id.empty() && !oidc.skip_audience) {
    return Error(
        ErrorCode::kBadInput,
        "OIDC needs a client id, which tokens must have as audience: set OIDC_CLIENT_ID, or OIDC_SKIP_AUDIENCE");
  }
  return settings;
}

}  // namespace

Access::Access(const config::Config& config, AccessParts parts, std::unique_ptr<auth::SharedBuckets> shared_rates)
    : config_(config),
      parts_(std::move(parts)),
      shared_rates_(std::move(shared_rates)) {
  authenticator_ = std::make_unique<auth::Authenticator>(
      PartsOfAuthenticator(),
      auth::Authenticator::Limits{config.rate_limit_rpm, config.rate_limit_burst, config.auth_fail_limit});
}

auth::AuthenticatorParts Access::PartsOfAuthenticator() const {
  auth::AuthenticatorParts parts;
  parts.roles = parts_.roles;
  parts.keys = parts_.keys;
  parts.pepper = parts_.pepper;
  parts.shared_rates = shared_rates_.get();
  parts.on_problem = [&log = parts_.log](const std::string& problem) {
    log.Warn("an identity provider cannot be used", {{"reason", problem}});
  };
  return parts;
}

Result<std::unique_ptr<Access>> Access::Open(const config::Config& config, AccessParts parts) {
  EIDER_ASSIGN_OR_RETURN(auto shared_rates, MakeSharedRates(config));
  std::unique_ptr<Access> access(new Access(config, std::move(parts), std::move(shared_rates)));
  EIDER_ASSIGN_OR_RETURN(access->proxies_, auth::TrustedProxies::Parse(config.trusted_proxies));
  EIDER_RETURN_IF_ERROR(access->Begin());
  access->watcher_ = std::thread([raw = access.get()] { raw->Watch(); });
  return access;
}

Access::~Access() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (watcher_.joinable()) watcher_.join();
}

Status Access::Begin() {
  SharedAuth* const shared = parts_.shared;
  if (shared != nullptr) {
    shared->SetUser([this](const std::string& config) { return CheckShared(config); },
                    [this] { return LookAtShared(); });
  }
  auto stored = shared == nullptr ? SharedAuth::Stored() : shared->Read();
  MutexLock lock(apply_mutex_);
  if (stored) shared_ = std::move(*stored);
  if (!stored) LogUnusedShared(stored.error());
  Status done = Apply(true);
  if (done || shared_.config.empty()) return done;
  LogUnusedShared(done.error());
  shared_.config.clear();
  return Apply(true);
}

Status Access::Apply(bool at_start) {
  file_state_ = FileState();
  EIDER_ASSIGN_OR_RETURN(const auth::AuthSettings settings, ReadSettings(config_, shared_.config));
  const bool is_loopback = http::IsLoopbackBind(config_.bind);
  EIDER_ASSIGN_OR_RETURN(const auth::StartPlan plan, auth::PlanStart(settings, is_loopback));
  if (!at_start && plan.loopback_only && !loopback_only_) {
    return Error(ErrorCode::kBadInput, std::string(kNoProvider));
  }
  if (plan.loopback_only && config_.cluster_enabled) {
    return Error(ErrorCode::kBadInput,
                 "a node of a cluster must be reached by the others, and without a provider it listens to this machine "
                 "only: set SECRET_KEY, AUTH_CONFIG_FILE or ALLOWED_ANONYMOUS");
  }
  EIDER_RETURN_IF_ERROR(authenticator_->Configure(settings, plan.anonymous));
  if (at_start) {
    loopback_only_ = plan.loopback_only;
    needs_credentials_ = !plan.anonymous.allowed || (!plan.loopback_only && !is_loopback);
  }
  for (const std::string& warning : plan.warnings) parts_.log.Warn(warning);
  if (parts_.roles != nullptr && plan.anonymous.allowed && parts_.roles->Find(plan.anonymous.role) == nullptr) {
    parts_.log.Warn("requests without credentials are refused: their role does not exist",
                    {{"role", plan.anonymous.role}});
  }
  return {};
}

Status Access::CheckShared(const std::string& config) const {
  EIDER_ASSIGN_OR_RETURN(const auth::AuthSettings settings, ReadSettings(config_, config));
  EIDER_ASSIGN_OR_RETURN(const auth::StartPlan plan, auth::PlanStart(settings, http::IsLoopbackBind(config_.bind)));
  if (plan.loopback_only && !loopback_only_) return Error(ErrorCode::kBadInput, std::string(kNoProvider));
  return auth::Authenticator(PartsOfAuthenticator(), {}).Configure(settings, plan.anonymous);
}

Status Access::LookAtShared() {
  if (parts_.shared == nullptr) return {};
  EIDER_ASSIGN_OR_RETURN(SharedAuth::Stored stored, parts_.shared->Read());
  MutexLock lock(apply_mutex_);
  if (stored.generation <= shared_.generation) return {};
  std::swap(shared_, stored);
  Status done = Apply(false);
  // Who came in by what was there before may still come in; this generation is not tried again.
  if (!done) shared_.config = std::move(stored.config);
  if (done) parts_.log.Info("auth settings of the cluster are in use", {{"generation", shared_.generation}});
  return done;
}

void Access::LookAtSharedSoon() {
  look_at_shared_ = true;
  MutexLock lock(mutex_);
  wake_.notify_all();
}

void Access::LogUnusedShared(const Error& error) const {
  const char* const what = "auth settings of the cluster are not used";
  // They are looked at again as soon as the core database answers.
  if (error.code == ErrorCode::kCoreUnavailable) return parts_.log.Warn(what, {{"reason", error.message}});
  parts_.log.Error(what, {{"reason", error.message}});
}

void Access::Reload() {
  if (config_.auth_config_file.empty()) return;
  MutexLock lock(apply_mutex_);
  if (const Status done = Apply(false); !done) {
    parts_.log.Error("the auth file is not used, and what was read before stays", {{"reason", done.error().message}});
    return;
  }
  parts_.log.Info("the auth file was read again", {{"file", config_.auth_config_file}});
}

std::string Access::FileState() const {
  struct stat state{};
  if (config_.auth_config_file.empty() || ::stat(config_.auth_config_file.c_str(), &state) != 0) return {};
  return fmt::format("{}.{}/{}/{}", state.st_mtim.tv_sec, state.st_mtim.tv_nsec, state.st_size, state.st_ino);
}

bool Access::IsFileNew() {
  MutexLock lock(apply_mutex_);
  return FileState() != file_state_;
}

void Access::Watch() {
  bool retry_shared = false;
  for (int tick = 1;; ++tick) {
    {
      MutexLock lock(mutex_);
      const auto until = std::chrono::steady_clock::now() + kTick;
      while (!stopping_ && !reload_ && !look_at_shared_ && wake_.wait_until(mutex_, until) != std::cv_status::timeout) {
      }
      if (stopping_) return;
    }
    if (look_at_shared_.exchange(false)) {
      // One that cannot be read now is looked at again with the next tick.
      if (const Status done = LookAtShared(); !done) {
        LogUnusedShared(done.error());
        retry_shared = done.error().code == ErrorCode::kCoreUnavailable;
      }
    } else if (std::exchange(retry_shared, false)) {
      look_at_shared_ = true;
    }
    const bool changed = tick % kTicksBetweenLooks == 0 && IsFileNew();
    if (reload_.exchange(false) || changed) Reload();
    authenticator_->Refresh();
    if (parts_.on_tick) parts_.on_tick();
    if (tick % kTicksOfADay == 0 && !loopback_only_) {
      MutexLock lock(apply_mutex_);
      const auto plan = ReadSettings(config_, shared_.config);
      if (plan && plan->anonymous_allowed.value_or(false) && plan->anonymous_role == "admin") {
        parts_.log.Warn("everyone who reaches this node is admin: ANONYMOUS_ROLE should name another role");
      }
    }
  }
}

}  // namespace eider::server
