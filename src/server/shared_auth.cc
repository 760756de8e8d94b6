#include "server/shared_auth.h"

#include <cstdlib>
#include <utility>

#include "auth/shared_settings.h"
#include "base/text.h"

namespace eider::server {
namespace {

constexpr std::string_view kPlace = "auth_settings|config|1";

}  // namespace

Result<SharedAuth::Stored> SharedAuth::Read() {
  EIDER_ASSIGN_OR_RETURN(const auto rows,
                         store_.Read("SELECT generation::text, config FROM " + store_.Table("auth_settings")));
  if (rows.empty()) return Stored();
  Stored stored;
  stored.generation = std::strtoll(rows[0][0].value_or("0").c_str(), nullptr, 10);
  EIDER_ASSIGN_OR_RETURN(stored.config, cipher_.Unseal(rows[0][1].value_or(""), kPlace));
  return stored;
}

Result<std::string> SharedAuth::Show() {
  EIDER_ASSIGN_OR_RETURN(const Stored stored, Read());
  if (stored.generation == 0) return std::string("null");
  return auth::ShowSharedSettings(stored.config);
}

Status SharedAuth::Store(const std::string& config, const cluster::LeaseToken& lease) {
  EIDER_ASSIGN_OR_RETURN(const std::string sealed, cipher_.Seal(config, kPlace));
  const std::string table = store_.Table("auth_settings");
  cluster::CoreChange change;
  change.lease = lease;
  change.statements = {"INSERT INTO " + table + " AS stored (id, config, generation) VALUES (1, " +
                           QuoteLiteral(sealed) +
                           ", 1) ON CONFLICT (id) DO UPDATE SET config = EXCLUDED.config, generation = "
                           "stored.generation + 1",
                       store_.CountUp("permission_version"), store_.Announce("eider_perm", R"({"auth":true})")};
  return store_.Apply(change);
}

OperationOutcome SharedAuth::Set(const std::string& config, const cluster::LeaseToken& lease) {
  const auto before = Read();
  if (!before) return FailedOutcome("set_auth_config: " + before.error().message);
  const auto whole = auth::RestoreSharedSecrets(config, before->config);
  if (!whole) return FailedOutcome("set_auth_config: " + whole.error().message);
  if (const Status usable = check_(*whole); !usable) return FailedOutcome("set_auth_config: " + usable.error().message);
  if (const Status stored = Store(*whole, lease); !stored) {
    return FailedOutcome("set_auth_config: " + stored.error().message);
  }
  if (const Status applied = apply_(); !applied) return FailedOutcome("set_auth_config: " + applied.error().message);
  return {true, "auth settings stored", 0, 0};
}

}  // namespace eider::server
