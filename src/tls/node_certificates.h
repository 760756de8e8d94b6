#pragma once

#include <sys/types.h>
#include <array>
#include <functional>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "tls/node_credentials.h"

namespace eider::tls {

struct NodeCertificatesOptions {
  std::string node;  // This one's name.
  // Files in PEM: the options CLUSTER_TLS_CA, CLUSTER_TLS_CERT and CLUSTER_TLS_KEY.
  std::string ca;
  std::string certificate;
  std::string key;
  // Told of files that have changed: why they are not used, or nothing when they are. Any thread.
  std::function<void(const std::string& problem)> renewed = {};
};

// This node's credentials as files have them. What was read last and could be used counts, so that files may be
// replaced one after another while the node runs. Thread-safe; shared by all who connect.
class NodeCertificates {
 public:
  // Reads the files; fails with kBadInput, naming the option and what to do.
  static Result<std::shared_ptr<NodeCertificates>> Open(NodeCertificatesOptions options);

  // What counts for a connection that begins now. Looks at the files' times, and reads them when they have changed.
  std::shared_ptr<const NodeCredentials> Current();

 private:
  // What changes with a file.
  struct Mark {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Mark&) const = default;
  };
  using Marks = std::array<Mark, 3>;

  explicit NodeCertificates(NodeCertificatesOptions options) : options_(std::move(options)) {}
  Marks LookAtFiles() const;
  Result<std::shared_ptr<const NodeCredentials>> ReadFiles() const;

  const NodeCertificatesOptions options_;
  Mutex mutex_;
  Marks marks_ GUARDED_BY(mutex_){};
  std::shared_ptr<const NodeCredentials> current_ GUARDED_BY(mutex_);
};

}  // namespace eider::tls
