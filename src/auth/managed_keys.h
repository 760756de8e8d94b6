#pragma once

#include <rapidjson/document.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "auth/provider.h"
#include "auth/settings.h"
#include "auth/token_rules.h"
#include "base/digest.h"
#include "base/snapshot.h"

namespace eider::auth {

// A key of `core.api_keys`, without the key.
struct ManagedKey {
  using Clock = std::chrono::system_clock;

  std::string name;
  std::string default_role;
  bool disabled = false;
  bool is_temporal = false;
  std::optional<Clock::time_point> expires_at;
  IdentityHeaders headers;
  std::string claimed_role;  // Of `claims`; the three are empty when the claims do not say.
  std::string claimed_user_id;
  std::string claimed_user_name;
  std::optional<std::vector<std::string>> allowed_roles;
  std::shared_ptr<const rapidjson::Document> claims;       // What remains, for placeholders; null = nothing.
  std::shared_ptr<const Identity> identity;                // As it is when no header says anything.
  mutable std::atomic<std::int64_t> last_used_minute = 0;  // Since 1970.
  mutable std::atomic<std::int64_t> kept_minute = 0;       // The same, as the database has it.
};

// Fills what follows from the columns `headers` and `claims` of a row (JSON texts, may be empty) and from the other
// members. Fails with kBadInput for JSON that is no object.
Status CompleteKey(std::string_view headers, std::string_view claims, ManagedKey& key);

// All managed keys by their hash. Immutable.
struct KeyIndex {
  struct Entry {
    std::shared_ptr<const ManagedKey> key;
    std::optional<ManagedKey::Clock::time_point> until;  // Of a hash that was replaced: until when it is still taken.
  };
  std::unordered_map<Digest, Entry, DigestHash> by_hash;
};

// A provider over the index as it is at each request. `pepper` is the key of the hashes. Both outlive it.
std::unique_ptr<Provider> MakeManagedKeys(const SnapshotHolder<KeyIndex>& index, std::string pepper, WallClock clock);

}  // namespace eider::auth
