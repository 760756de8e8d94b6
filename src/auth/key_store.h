#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "auth/provider.h"
#include "auth/verification_key.h"
#include "base/mutex.h"
#include "base/result.h"
#include "fetch/http_client.h"

namespace eider::auth {

// The keys of a token provider. Thread-safe.
class KeyStore {
 public:
  virtual ~KeyStore() = default;

  struct Found {
    std::shared_ptr<const VerificationKeys> keys;  // Null = there are none.
    bool must_wait = false;                        // Only waiting can tell.
  };

  // The keys, fetched anew when they do not have `key_id` (empty = any) and patience and limits allow.
  virtual Found Get(std::string_view key_id, Patience patience) = 0;

  // Renews the keys if it is time. May wait.
  virtual void Refresh() {}
};

// Keys that never change.
std::unique_ptr<KeyStore> MakeFixedKeys(VerificationKeys keys);

struct RemoteKeyOptions {
  std::shared_ptr<fetch::HttpClient> client;
  std::string url;
  std::chrono::milliseconds timeout = std::chrono::seconds(5);
  bool tls_insecure = false;
  std::function<void(const std::string& problem)> on_problem;
};

// A JSON Web Key Set at a URL: fetched at first use, kept for the max-age of the answer (1 minute to 24 hours); an
// unknown key id gives a further fetch at most every 30 s; when fetching fails the set stays valid for 24 hours.
std::unique_ptr<KeyStore> MakeRemoteKeys(RemoteKeyOptions options);

}  // namespace eider::auth
