#pragma once

#include <rapidjson/document.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/flag_reader.h"
#include "config/config.h"

namespace eider::cli {

// What the commands `eider cluster …` end with.
enum ClusterExit : int {
  kDone = 0,
  kInternalError = 1,
  kNotAuthenticated = 2,
  kNoSuchThing = 3,
  kNotPermitted = 4,
  kRefusedInput = 5,
  kNoNode = 6,        // No node can be reached.
  kPrecondition = 7,  // The node or the cluster is in no state for it.
  kUnknownOutcome = 8,
  kPartlyDone = 9,
};

// Flags that all of these commands take.
struct ClusterFlags {
  std::string endpoint;
  std::string timeout;
  std::string json;
  std::string output;
};

std::vector<Flag> ClusterFlagsOf(ClusterFlags& flags);

// Asks one node as an administrator. Not thread-safe.
class ClusterClient {
 public:
  // Without `flags.endpoint` the node is the one that the environment's options describe; its SECRET_KEY, or else its
  // CLUSTER_SECRET, is the credential. Fails with kBadInput.
  static Result<ClusterClient> Open(const ClusterFlags& flags);

  // An answer of the node whatever its status is. Fails with kSourceUnavailable when there is none.
  struct Answer {
    long status = 0;
    std::string body;
  };
  Result<Answer> Get(const std::string& path) const;

  // The answer to a query, with its member `data`. Fails as the node does.
  Result<std::shared_ptr<const rapidjson::Document>> Ask(const std::string& query,
                                                         const std::string& variables = "{}") const;

  const config::Config& config() const { return config_; }
  const std::string& endpoint() const { return endpoint_; }

 private:
  ClusterClient() = default;

  std::string endpoint_;  // Without path.
  std::vector<std::string> headers_;
  long timeout_ms_ = 0;
  config::Config config_;
};

// The exit code for a failure.
int ClusterExitOf(const Error& error);

// Tells a failure on standard error, or as JSON on standard output, and gives its exit code.
int TellFailure(const std::string& command, const Error& error, bool as_json);

}  // namespace eider::cli
