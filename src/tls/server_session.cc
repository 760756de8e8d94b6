#include "tls/server_session.h"

#include <openssl/err.h>

#include <utility>

namespace eider::tls {

std::unique_ptr<ServerSession> ServerSession::Open(std::shared_ptr<const NodeCredentials> credentials, int socket) {
  SSL* ssl = SSL_new(credentials->server_context());
  if (ssl == nullptr) return nullptr;
  std::unique_ptr<ServerSession> session(new ServerSession(std::move(credentials), ssl));
  return SSL_set_fd(ssl, socket) == 1 ? std::move(session) : nullptr;
}

// The library's queue of errors belongs to the thread, whichever session it serves next.
Step ServerSession::StepOf(int result) const {
  if (result > 0) return Step::kDone;
  const int error = SSL_get_error(ssl_.get(), result);
  ERR_clear_error();
  if (error == SSL_ERROR_WANT_READ) return Step::kWantsRead;
  return error == SSL_ERROR_WANT_WRITE ? Step::kWantsWrite : Step::kFailed;
}

Step ServerSession::Handshake() {
  ERR_clear_error();
  return StepOf(SSL_accept(ssl_.get()));
}

Step ServerSession::Read(std::span<char> into, std::size_t& size) {
  ERR_clear_error();
  return StepOf(SSL_read_ex(ssl_.get(), into.data(), into.size(), &size));
}

Step ServerSession::Write(std::string_view bytes, std::size_t& size) {
  ERR_clear_error();
  return StepOf(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &size));
}

void ServerSession::End() {
  if (SSL_is_init_finished(ssl_.get()) != 1) return;
  ERR_clear_error();
  (void)SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace eider::tls
