#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace eider::cache {

// What TLS connections to cache servers have in common: TLS 1.2 or newer, and the certificates that the system trusts,
// or those that SSL_CERT_FILE and SSL_CERT_DIR name. Immutable, thread-safe.
class TlsContext {
 public:
  // Fails with kInternal when there is no TLS.
  static Result<std::shared_ptr<const TlsContext>> Make();

  using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;
  // A session over the connected `socket` with a server that must prove to be `host`, a name or an address. Null when
  // there is no memory.
  Session NewSession(int socket, const std::string& host) const;

 private:
  explicit TlsContext(SSL_CTX* context) : context_(context, SSL_CTX_free) {}
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
};

}  // namespace eider::cache
