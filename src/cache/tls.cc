#include "cache/tls.h"

#include <openssl/x509v3.h>

namespace eider::cache {

Result<std::shared_ptr<const TlsContext>> TlsContext::Make() {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) return Error(ErrorCode::kInternal, "TLS cannot be used");
  std::shared_ptr<const TlsContext> made(new TlsContext(context));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 || SSL_CTX_set_default_verify_paths(context) != 1) {
    return Error(ErrorCode::kInternal, "TLS cannot be used");
  }
  return made;
}

TlsContext::Session TlsContext::NewSession(int socket, const std::string& host) const {
  Session session(SSL_new(context_.get()), SSL_free);
  if (session == nullptr) return session;
  X509_VERIFY_PARAM* wanted = SSL_get0_param(session.get());
  // Only names are told to the server, addresses are not.
  const bool ready =
      SSL_set_fd(session.get(), socket) == 1 &&
      (X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1 ||
       (SSL_set1_host(session.get(), host.c_str()) == 1 && SSL_set_tlsext_host_name(session.get(), host.c_str()) == 1));
  if (!ready) session.reset();
  return session;
}

}  // namespace eider::cache
