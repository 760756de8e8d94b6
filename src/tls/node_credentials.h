#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace eider::tls {

// What NodeCredentials are made of; texts in PEM, named in messages by the options that they come from.
struct NodePems {
  std::string ca;           // CLUSTER_TLS_CA: certificates of whoever signs those of nodes.
  std::string certificate;  // CLUSTER_TLS_CERT: this node's, with those between it and the CA behind it.
  std::string key;          // CLUSTER_TLS_KEY: its key, without a password.
};

// What a node shows of itself and by what it knows others. Immutable, thread-safe.
class NodeCredentials {
 public:
  // Fails with kBadInput, for the operator: nothing that can be read, a key of another certificate, one that the CA has
  // not signed, that is not valid now, or that does not name the node `name`.
  static Result<std::shared_ptr<const NodeCredentials>> Make(NodePems pems, const std::string& name);

  const NodePems& pems() const { return pems_; }
  // For the server's side of connections: TLS 1.2 or newer; asks for a certificate, lets in who has none.
  SSL_CTX* server_context() const { return server_.get(); }

 private:
  using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
  NodeCredentials(NodePems pems, Context server) : pems_(std::move(pems)), server_(std::move(server)) {}

  const NodePems pems_;
  const Context server_;
};

}  // namespace eider::tls
