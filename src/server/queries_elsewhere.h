#pragma once

#include <rapidjson/document.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "auth/live_queries.h"
#include "cluster/link/peer_calls.h"

// The queries that run on the other nodes of a cluster.
namespace eider::server {

// Asks all other nodes at once, for a second at most; a node that does not answer in time has none. Thread-safe.
class QueriesElsewhere {
 public:
  using Members = std::function<std::vector<cluster::PeerAddress>()>;
  // `members` are the nodes to ask. `peers` outlives this.
  QueriesElsewhere(cluster::PeerCalls& peers, Members members) : peers_(peers), members_(std::move(members)) {}

  // Those that `viewer` may see, as JSON objects with a comma before each.
  std::string Running(const auth::Identity& viewer);

  // Cancels those among them that fit and returns how many.
  int Cancel(const auth::Identity& viewer, const auth::LiveQueries::Selection& selection);

 private:
  std::vector<rapidjson::Document> AskAll(const std::string& call);

  cluster::PeerCalls& peers_;
  const Members members_;
};

// What such a question is answered with, as JSON; `request_id` is its own. REQUIRES: a node of the cluster has signed
// it. Fails with kBadInput.
Result<std::string> AnswerQueriesCall(auth::LiveQueries& live, const rapidjson::Value& call, std::string_view node,
                                      const std::string& request_id);

}  // namespace eider::server
