#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "tls/node_certificates.h"

namespace eider::fetch {

// How a node of the cluster is known and shown who asks.
struct NodeTls {
  std::shared_ptr<tls::NodeCertificates> certificates;  // Null = the server is no such node.
  // What the certificate must name; empty = the host of the URL, as nobody knows the node's name.
  std::string name;
};

// What holds for all requests to one server.
struct PeerOptions {
  int max_concurrent = 8;
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds timeout{30000};  // Of one request with all its tries and redirects; its wait excluded.
  int retries = 2;                           // Of requests that change nothing.
  int max_redirects = 5;
  std::size_t max_bytes = std::size_t{64} << 20;  // Of an answer, unpacked.
  bool allow_link_local = false;                  // Also addresses such as 169.254.169.254.
  bool tls_insecure = false;                      // Whatever certificate the server has.
  NodeTls node = {};
};

// One server with its share of the client. Shared by its owner and the requests to it; its state belongs to the
// client's thread.
class Peer {
 public:
  explicit Peer(PeerOptions options) : options_(std::move(options)) {}
  const PeerOptions& options() const { return options_; }

 private:
  friend class TransferLoop;
  const PeerOptions options_;
  int running_ = 0;
};

}  // namespace eider::fetch
