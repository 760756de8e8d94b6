#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <span>
#include <string_view>

#include "tls/node_credentials.h"
#include "tls/peer_certificate.h"

namespace eider::tls {

// How a step of a session has ended.
enum class Step {
  kDone,
  kWantsRead,   // Again, the same, when the socket can be read.
  kWantsWrite,  // Again, the same, when it can be written.
  kFailed,      // Or the client has ended the session: nothing further can be done.
};

// The server's side of TLS on one socket, which must not block and outlives it. Used by one thread at a time; no method
// waits. REQUIRES: SIGPIPE is ignored.
class ServerSession {
 public:
  // Null when there is no memory.
  static std::unique_ptr<ServerSession> Open(std::shared_ptr<const NodeCredentials> credentials, int socket);

  // Whether bytes that begin with `first` may be those of TLS.
  static bool BeginsWith(unsigned char first) { return first == kHandshakeRecord; }

  Step Handshake();
  // The client's certificate. REQUIRES: Handshake() is done.
  PeerCertificate Peer() const { return PeerCertificate::Of(ssl_.get()); }

  // Takes at least one byte; `size` is how many when done.
  Step Read(std::span<char> into, std::size_t& size);
  // Sends the beginning of `bytes`; `size` is how many of them when done.
  Step Write(std::string_view bytes, std::size_t& size);
  // Tells the client, if it can be told at once, that no more will come.
  void End();

 private:
  static constexpr unsigned char kHandshakeRecord = 22;  // RFC 8446, 5.1.

  ServerSession(std::shared_ptr<const NodeCredentials> credentials, SSL* ssl)
      : credentials_(std::move(credentials)),
        ssl_(ssl, SSL_free) {}
  Step StepOf(int result) const;

  const std::shared_ptr<const NodeCredentials> credentials_;
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

}  // namespace eider::tls
