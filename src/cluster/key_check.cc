#include "cluster/key_check.h"

#include <algorithm>

#include "base/digest.h"
#include "base/json.h"

namespace eider::cluster {
namespace {

std::string CheckValue(std::string_view secret) { return HexText(HmacSha256(secret, "eider cluster check v1")); }

}  // namespace

KeyCheck ClusterSecretCheck(std::string_view secret, std::string_view previous) {
  KeyCheck check;
  check.setting = "cluster_secret_check";
  check.own = CheckValue(secret);
  if (!previous.empty()) check.former.push_back(CheckValue(previous));
  check.mismatch =
      "CLUSTER_SECRET is not that of the other nodes: set it to the same text, or CLUSTER_SECRET_PREVIOUS to "
      "the one before a change";
  return check;
}

Result<std::string> StoredSetting(CoreStore& store, const std::string& setting) {
  EIDER_ASSIGN_OR_RETURN(const auto rows,
                         store.Read("SELECT CAST(value AS text) FROM " + store.Table("settings") + " WHERE key = $1",
                                    engine::Parameters{setting}));
  if (rows.empty()) return std::string();
  rapidjson::Document value;
  const std::string json = rows[0][0].value_or("");
  value.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  return value.HasParseError() ? std::string() : PlainTextOf(value);
}

namespace {

bool Knows(const KeyCheck& check, const std::string& stored) {
  return stored == check.own || std::ranges::find(check.former, stored) != check.former.end();
}

}  // namespace

Result<bool> HasSharedKey(CoreStore& store, const KeyCheck& check) {
  EIDER_ASSIGN_OR_RETURN(const std::string stored, StoredSetting(store, check.setting));
  return stored.empty() || Knows(check, stored);
}

Status CheckSharedKey(CoreStore& store, const KeyCheck& check) {
  const std::string settings = store.Table("settings");
  const engine::Parameters own = {check.setting, check.own};
  const auto written = store.Change(
      "INSERT INTO " + settings + " (key, value) VALUES ($1, to_jsonb($2::text)) ON CONFLICT DO NOTHING", own);
  if (!written) return written.error();
  EIDER_ASSIGN_OR_RETURN(const std::string stored, StoredSetting(store, check.setting));
  if (stored == check.own) return {};
  if (!Knows(check, stored)) return Error(ErrorCode::kBadInput, check.mismatch);
  const auto replaced = store.Change("UPDATE " + settings + " SET value = to_jsonb($2::text) WHERE key = $1", own);
  if (!replaced) return replaced.error();
  return {};
}

}  // namespace eider::cluster
