#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/managed_keys.h"
#include "auth/provider.h"
#include "auth/rate_limiter.h"
#include "auth/role_directory.h"
#include "auth/settings.h"
#include "auth/shared_buckets.h"
#include "auth/token_rules.h"
#include "base/snapshot.h"

namespace eider::auth {

// Where a request came from and what it wants.
struct Origin {
  std::string_view client_ip;
  std::string_view endpoint;  // A path, normalised here, or the name of a listener.
  bool is_request = true;     // Counts for its principal's rate; else somebody is only looked at again.
};

// Whether a request goes on, and as whom.
struct Decision {
  int status = 200;  // 200, 401, 403 or 429.
  bool must_wait = false;
  std::string message;
  std::string_view code;  // Of a refusal: UNAUTHENTICATED, TOKEN_EXPIRED, FORBIDDEN or RATE_LIMITED.
  std::int64_t retry_after = 0;
  std::shared_ptr<const Identity> identity;  // Also of who is refused, when it is known.
  std::shared_ptr<const RoleFacts> role;     // Of the identity; null when every role may do everything.
  std::optional<RateState> rate;
};

// Who may come in without credentials.
struct AnonymousRule {
  bool allowed = false;
  std::string role;
};

struct AuthenticatorParts {
  const RoleDirectory* roles = nullptr;            // Null = every role exists and may do everything.
  const SnapshotHolder<KeyIndex>* keys = nullptr;  // Of managed keys; null = there are none.
  std::string pepper;                              // Of their hashes.
  WallClock clock;                                 // Empty = the system's.
  std::function<void(const std::string& problem)> on_problem;
  SharedBuckets* shared_rates = nullptr;  // Null = rates are the node's own.
};

// The way of every request to an identity: the providers in their order, impersonation, the role, its endpoints and its
// rate. Thread-safe. With Patience::kNone nothing here blocks; Decision::must_wait then tells to ask again elsewhere.
class Authenticator {
 public:
  struct Limits {
    std::int64_t requests_per_minute = 0;
    std::int64_t burst = 0;
    std::int64_t failures_per_minute = 20;
  };

  Authenticator(AuthenticatorParts parts, Limits limits);
  ~Authenticator();

  // Makes the providers of `settings` decide from now on. Fails with kBadInput and changes nothing.
  Status Configure(const AuthSettings& settings, const AnonymousRule& anonymous);

  Decision Decide(const Credentials& credentials, const Origin& origin, Patience patience);

  // Whether a request shows anything that could tell who sends it.
  bool HasCredential(const Credentials& credentials) const;

  // Whether the role of an identity that another node has let in may do anything here.
  Decision AdmitForwarded(std::shared_ptr<const Identity> identity) const;

  // Where to send a browser that is refused at `target` (path and query); empty = nowhere.
  std::string LoginUrl(std::string_view target) const;

  // The answer of /auth/config; empty when there is no OpenID provider.
  std::string OidcJson() const;

  // Renews what comes from other servers. Called about once a second by a thread that may wait.
  void Refresh();

 private:
  struct Chain;

  Verdict Ask(const Chain& chain, const Credentials& credentials, const Origin& origin, Patience patience,
              bool& seen) const;
  Decision Refuse(const Verdict& verdict, bool seen, const Origin& origin);
  Decision Admit(std::shared_ptr<const Identity> identity, const Credentials& credentials, const Origin& origin,
                 Patience patience);
  // Takes a request out of its principal's bucket, wherever that is.
  struct Rated {
    bool must_wait = false;
    std::optional<RateState> state;
  };
  Rated TakeRate(const Identity& identity, const RoleFacts* facts, Patience patience);

  const AuthenticatorParts parts_;
  std::shared_ptr<fetch::HttpClient> client_;  // Made when some provider asks other servers.
  SnapshotHolder<Chain> chain_;
  RateLimiter rates_;
  GuessGuard guesses_;
};

}  // namespace eider::auth
