#pragma once

#include <openssl/ssl.h>

#include <string>
#include <string_view>
#include <vector>

namespace eider::tls {

// What the other side of a connection has shown of itself.
struct PeerCertificate {
  std::string problem;             // Why it proves nothing; empty = it is of this cluster's CA, and valid.
  std::vector<std::string> names;  // Of whom; only of one that is valid.

  // Of a connection whose handshake is done.
  static PeerCertificate Of(const SSL* session);

  bool Proves(std::string_view name) const;
};

// Whether `certificate` is that of the node `name`.
bool HasName(const X509* certificate, std::string_view name);

}  // namespace eider::tls
