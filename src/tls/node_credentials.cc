#include "tls/node_credentials.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <utility>
#include <vector>

#include "tls/peer_certificate.h"

namespace eider::tls {
namespace {

template <class T, auto kFree>
struct Freer {
  void operator()(T* object) const { kFree(object); }
};
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Store = std::unique_ptr<X509_STORE, Freer<X509_STORE, X509_STORE_free>>;
using Check = std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX, X509_STORE_CTX_free>>;
using Memory = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;
using Certificates = std::vector<Certificate>;

Error Bad(const std::string& message) { return Error(ErrorCode::kBadInput, message); }
Error NoTls() { return Error(ErrorCode::kInternal, "TLS cannot be used"); }

Memory Open(const std::string& text) { return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

// Nobody sits at the terminal.
int NoPassword(char* /*buffer*/, int /*size*/, int /*writes*/, void* /*data*/) { return -1; }

Certificates ReadCertificates(const std::string& pem) {
  Certificates found;
  const Memory text = Open(pem);
  while (Certificate one{PEM_read_bio_X509(text.get(), nullptr, &NoPassword, nullptr)}) found.push_back(std::move(one));
  ERR_clear_error();
  return found;
}

Result<Store> MakeStore(const Certificates& trusted) {
  Store store(X509_STORE_new());
  if (store == nullptr) return NoTls();
  for (const Certificate& one : trusted) {
    if (X509_STORE_add_cert(store.get(), one.get()) != 1) return NoTls();
  }
  // What is named there is trusted, whether or not it has signed itself; libcurl does so, too.
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

// Whether others will take the certificate `chain` begins with, in the role that `purpose` names.
Status CheckChain(X509_STORE* store, const Certificates& chain, const char* purpose) {
  const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> between(
      sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
  for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(between.get(), chain[i].get());
  const Check check(X509_STORE_CTX_new());
  if (check == nullptr || X509_STORE_CTX_init(check.get(), store, chain[0].get(), between.get()) != 1 ||
      X509_STORE_CTX_set_default(check.get(), purpose) != 1) {
    return NoTls();
  }
  if (X509_verify_cert(check.get()) == 1) return {};
  return Bad("CLUSTER_TLS_CERT: the other nodes would refuse this certificate: " +
             std::string(X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get()))) +
             "; have one issued for servers and clients by the CA in CLUSTER_TLS_CA");
}

// A session without a certificate, or with a bad one, is known by its PeerCertificate.
int GoOn(int /*verified*/, X509_STORE_CTX* /*check*/) { return 1; }

Status SetUp(SSL_CTX* context, Store store, const Certificates& trusted) {
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) return NoTls();
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cert_store(context, store.release());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &GoOn);
  // Browsers ask their user for a certificate only when they have one of these.
  for (const Certificate& one : trusted) {
    if (SSL_CTX_add_client_CA(context, one.get()) != 1) return NoTls();
  }
  return {};
}

Status Use(SSL_CTX* context, const Certificates& chain, const Key& key) {
  if (SSL_CTX_use_certificate(context, chain[0].get()) != 1) {
    return Bad("CLUSTER_TLS_CERT cannot be used: give a certificate with a stronger key");
  }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) return NoTls();
  }
  if (X509_check_private_key(chain[0].get(), key.get()) != 1 || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return Bad(
        "CLUSTER_TLS_KEY is not the key of the certificate in CLUSTER_TLS_CERT: give the two that belong together");
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const NodeCredentials>> NodeCredentials::Make(NodePems pems, const std::string& name) {
  ERR_clear_error();
  const Certificates trusted = ReadCertificates(pems.ca);
  if (trusted.empty()) return Bad("CLUSTER_TLS_CA has no certificate: give those of the CA in PEM");
  const Certificates chain = ReadCertificates(pems.certificate);
  if (chain.empty()) return Bad("CLUSTER_TLS_CERT has no certificate: give this node's in PEM");
  const Key key(PEM_read_bio_PrivateKey(Open(pems.key).get(), nullptr, &NoPassword, nullptr));
  ERR_clear_error();
  if (key == nullptr) return Bad("CLUSTER_TLS_KEY has no key: give one in PEM, without a password");
  if (!HasName(chain[0].get(), name)) {
    return Bad("CLUSTER_TLS_CERT does not name this node: have one issued with subjectAltName=DNS:" + name);
  }
  EIDER_ASSIGN_OR_RETURN(Store store, MakeStore(trusted));
  Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (context == nullptr) return NoTls();
  Status ready = Use(context.get(), chain, key);
  for (const char* purpose : {"ssl_server", "ssl_client"}) {
    if (ready) ready = CheckChain(store.get(), chain, purpose);
  }
  if (ready) ready = SetUp(context.get(), std::move(store), trusted);
  ERR_clear_error();
  if (!ready) return ready.error();
  return std::shared_ptr<const NodeCredentials>(new NodeCredentials(std::move(pems), std::move(context)));
}

}  // namespace eider::tls
