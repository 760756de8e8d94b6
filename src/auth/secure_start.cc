#include "auth/secure_start.h"

namespace eider::auth {
namespace {

constexpr std::size_t kShortSecret = 16;

void WarnAboutSecrets(const AuthSettings& settings, StartPlan& plan) {
  if (!settings.secret_key.empty() && settings.secret_key.size() < kShortSecret) {
    plan.warnings.emplace_back("SECRET_KEY is shorter than 16 characters and easy to guess");
  }
  for (const auto& [name, jwt] : settings.jwt) {
    if (jwt.audience.empty()) {
      plan.warnings.push_back("jwt." + name + " has no audience: tokens for other services are accepted too");
    }
    if (jwt.tls_insecure) plan.warnings.push_back("jwt." + name + " does not check the server's certificate");
  }
  if (settings.oidc.issuer.empty()) return;
  if (settings.oidc.tls_insecure)
    plan.warnings.emplace_back("OIDC_TLS_INSECURE: the server's certificate is not checked");
  if (settings.oidc.skip_audience) {
    plan.warnings.emplace_back("OIDC_SKIP_AUDIENCE: tokens for other services are accepted too");
  }
}

}  // namespace

Result<StartPlan> PlanStart(const AuthSettings& settings, bool is_loopback) {
  StartPlan plan;
  WarnAboutSecrets(settings, plan);
  const bool others = settings.HasProvider();
  const std::string& role = settings.anonymous_role;
  if (!settings.anonymous_allowed) {
    if (others) return plan;
    plan.loopback_only = true;
    plan.anonymous = {true, role.empty() ? "admin" : role};
    plan.warnings.push_back(is_loopback ? "development mode: everyone on this machine is " + plan.anonymous.role
                                        : "listening on 127.0.0.1 and ::1 only, as nobody must show credentials: set "
                                          "ALLOWED_ANONYMOUS, SECRET_KEY or AUTH_CONFIG_FILE to serve other machines");
    return plan;
  }
  if (!*settings.anonymous_allowed) {
    if (others) return plan;
    return Error(ErrorCode::kBadInput,
                 "no authentication provider is configured, and ALLOWED_ANONYMOUS is false: set SECRET_KEY or "
                 "AUTH_CONFIG_FILE");
  }
  plan.anonymous = {true, !role.empty() ? role : is_loopback ? "admin" : "public"};
  if (plan.anonymous.role == "admin" && !is_loopback) {
    plan.warnings.emplace_back("everyone who reaches this node is admin: ANONYMOUS_ROLE should name another role");
  }
  return plan;
}

}  // namespace eider::auth
