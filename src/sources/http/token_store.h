#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/mutex.h"
#include "engine/session.h"
#include "fetch/http_client.h"
#include "sources/http/http_security.h"

namespace eider::sources {

// The oauth2 token of one source: fetched when it is first needed, refreshed before it expires and when the server no
// longer takes it. One caller fetches, the others wait for it. Thread-safe.
class TokenStore {
 public:
  // `base_url`: what relative token URLs belong to. The client outlives the store.
  TokenStore(HttpSecurity security, std::string base_url, fetch::HttpClient& client, std::shared_ptr<fetch::Peer> peer)
      : security_(std::move(security)),
        base_url_(std::move(base_url)),
        client_(client),
        peer_(std::move(peer)) {}

  // A token that is not `rejected`, which is empty or one that the server refused. Blocks within `limits`. Errors:
  // kSourceUnavailable, without secrets.
  Result<std::string> Get(const std::string& rejected, const engine::Limits& limits);

  // Every token that may still be in an answer.
  std::vector<std::string> Secrets() const;

 private:
  struct Token {
    std::string access;
    std::string refresh;
    Deadline renew_at;  // A little before it expires.
  };

  bool IsUsable(const std::string& rejected) const REQUIRES_LOCK(mutex_);
  Result<Token> Fetch(const std::string& refresh, const engine::Limits& limits) const;
  Result<Token> Ask(const std::string& url, const std::string& form, const jq::Program* transform,
                    const engine::Limits& limits) const;
  std::string FirstForm() const;
  std::string ClientForm() const;

  const HttpSecurity security_;
  const std::string base_url_;
  fetch::HttpClient& client_;
  const std::shared_ptr<fetch::Peer> peer_;

  mutable Mutex mutex_;
  CondVar changed_;
  bool fetching_ GUARDED_BY(mutex_) = false;
  Token token_ GUARDED_BY(mutex_);
};

}  // namespace eider::sources
