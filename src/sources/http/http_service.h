#pragma once

#include <rapidjson/document.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/circuit_breaker.h"
#include "base/mutex.h"
#include "engine/session.h"
#include "fetch/http_client.h"
#include "jq/program.h"
#include "observe/span.h"
#include "sources/http/http_call.h"
#include "sources/http/http_security.h"
#include "sources/http/token_store.h"
#include "sources/stall_guard.h"

namespace eider::sources {

// What an HTTP source is called with.
struct HttpServiceParts {
  HttpDefaults defaults;
  std::shared_ptr<fetch::HttpClient> client;
  std::shared_ptr<CircuitBreaker> breaker;  // Refuses calls while the server is down.
};

// One HTTP source as it is called: its base URL, who it says to be, its share of the client. Thread-safe; shared by the
// registry and running calls.
class HttpService {
 public:
  // Reads the path of the source `name`. Sends nothing. Fails with kBadInput, without quoting secrets.
  static Result<std::shared_ptr<HttpService>> Open(std::string name, std::string_view path, HttpServiceParts parts);

  // Sends all `calls` at once, as many at a time as the source allows, and gives their JSON answers in order, nothing
  // for none. Blocks within `limits`. The first call that fails fails all: with kBadInput for what cannot be sent and
  // for answers that say no, kSourceUnavailable for a server that gives none, kSourceCircuitOpen for one
  // that is known to.
  Result<std::vector<std::optional<std::string>>> Call(const std::vector<HttpCall>& calls,
                                                       const engine::Limits& limits);

  // The OpenAPI document that the path names; nothing when it names none.
  struct Document {
    std::string url;
    std::string text;
  };
  Result<std::optional<Document>> ReadDocument(const engine::Limits& limits);

  // Takes what the document says of security schemes (components.securitySchemes; may be null).
  Status UseSchemes(const rapidjson::Value* schemes);

  const std::string& base_url() const { return options_.base_url; }
  // Whether the path itself says which server is asked.
  bool has_server() const { return !options_.server.empty(); }

 private:
  // What proves who the node is.
  struct Credentials {
    HttpSecurity security;
    std::shared_ptr<TokenStore> tokens;  // Of oauth2; else null.
  };

  HttpService(std::string name, HttpOptions options, HttpServiceParts parts);

  std::shared_ptr<const Credentials> GetCredentials() const;
  Status SetSecurity(HttpSecurity security);
  Status CheckTokenHost(const HttpSecurity& security, bool is_own) const;
  // The answers to `requests`, with credentials; a token that is refused is renewed once.
  Result<std::vector<fetch::Response>> Exchange(const std::vector<fetch::Request>& requests,
                                                const engine::Limits& limits);
  Result<std::vector<fetch::Response>> Send(std::vector<fetch::Request> requests, const engine::Limits& limits);
  observe::Span BeginSpan(std::vector<fetch::Request>& requests, const engine::Limits& limits) const;
  Result<std::optional<std::string>> Read(fetch::Response& response, const HttpCall& call,
                                          const engine::Limits& limits);
  Result<std::shared_ptr<const jq::Program>> ProgramOf(const std::string& text);
  std::string WithoutSecrets(std::string text) const;

  const std::string name_;
  const HttpOptions options_;
  const std::shared_ptr<fetch::HttpClient> client_;
  const std::shared_ptr<fetch::Peer> peer_;
  const std::shared_ptr<CircuitBreaker> breaker_;
  StallGuard guard_;

  mutable Mutex mutex_;
  std::shared_ptr<const Credentials> credentials_ GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<const jq::Program>> programs_ GUARDED_BY(mutex_);
};

}  // namespace eider::sources
