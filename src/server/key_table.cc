#include "server/key_table.h"

#include <algorithm>
#include <charconv>

#include "cluster/core_secrets.h"
#include "engine/text_rows.h"

namespace eider::server {
namespace {

using Clock = auth::ManagedKey::Clock;

constexpr std::string_view kSelect =
    "SELECT name, key, previous_key, epoch_us(rotated_at + grace), default_role, coalesce(disabled, false), "
    "coalesce(is_temporal, false), epoch_us(expires_at), CAST(headers AS VARCHAR), CAST(claims AS VARCHAR), "
    "epoch_us(key_last_used_at) FROM core.eider.api_keys";

std::optional<std::int64_t> Number(const std::optional<std::string>& text) {
  std::int64_t number = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), number).ec != std::errc()) return {};
  return number;
}

std::optional<Clock::time_point> Time(const std::optional<std::string>& microseconds) {
  const auto number = Number(microseconds);
  if (!number) return std::nullopt;
  // The clock counts nanoseconds and ends in 2262.
  constexpr std::int64_t kLast = 9'000'000'000'000'000;
  return Clock::time_point(std::chrono::microseconds(std::clamp(*number, -kLast, kLast)));
}

std::shared_ptr<const auth::ManagedKey> KeyOf(const engine::TextRow& row) {
  auto key = std::make_shared<auth::ManagedKey>();
  key->name = row[0].value_or("");
  key->default_role = row[4].value_or("");
  key->disabled = row[5] == "true";
  key->is_temporal = row[6] == "true";
  key->expires_at = Time(row[7]);
  key->last_used_minute = Number(row[10]).value_or(0) / 60'000'000;
  key->kept_minute = key->last_used_minute.load();
  if (!auth::CompleteKey(row[8].value_or(""), row[9].value_or(""), *key)) key->disabled = true;
  return key;
}

void Enter(auth::KeyIndex& index, const std::optional<std::string>& stored, auth::KeyIndex::Entry entry) {
  const auto hash = cluster::CoreSecrets::HashOf(stored.value_or(""));
  const auto digest = hash ? DigestFromHex(*hash) : std::nullopt;
  if (digest) index.by_hash.emplace(*digest, std::move(entry));
}

}  // namespace

Status KeyTable::Refresh() {
  MutexLock lock(refreshing_);
  EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire());
  EIDER_ASSIGN_OR_RETURN(const auto rows, engine::ReadTextRows(*session, kSelect));
  auto index = std::make_shared<auth::KeyIndex>();
  index->by_hash.reserve(rows.size());
  std::vector<std::shared_ptr<const auth::ManagedKey>> keys;
  for (const engine::TextRow& row : rows) {
    keys.push_back(KeyOf(row));
    Enter(*index, row[1], {keys.back(), std::nullopt});
  }
  // Present keys come before former ones.
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto until = Time(rows[i][3]);
    if (until) Enter(*index, rows[i][2], {keys[i], until});
  }
  index_.Set(std::move(index));
  return {};
}

Status KeyTable::KeepUses() {
  const auto index = index_.Get();
  if (index == nullptr) return {};
  std::vector<std::pair<std::string, std::int64_t>> used;
  for (const auto& [hash, entry] : index->by_hash) {
    const std::int64_t minute = entry.key->last_used_minute.load(std::memory_order_relaxed);
    if (entry.key->kept_minute.exchange(minute) < minute) used.emplace_back(entry.key->name, minute);
  }
  if (used.empty()) return {};
  EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire());
  for (const auto& [name, minute] : used) {
    EIDER_ASSIGN_OR_RETURN(
        const auto cursor,
        session->Query("UPDATE core.eider.api_keys SET key_last_used_at = make_timestamptz($1) WHERE name = "
                       "$2",
                       {minute * 60'000'000, name}, {}));
    EIDER_RETURN_IF_ERROR(cursor->Next());
  }
  return {};
}

}  // namespace eider::server
