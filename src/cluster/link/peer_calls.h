#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "base/stop_token.h"
#include "observe/span.h"

namespace eider::cluster {

// In the place of a name: the one node that manages a cluster whose core database is only read. No node is called so.
inline constexpr std::string_view kManagementTarget = "@management";

// Another node: its name, for which calls are signed, and where it answers.
struct PeerAddress {
  std::string name;
  std::string url;  // Its base URL, or that with /ipc behind it.
};

// A GraphQL operation for another node.
struct PeerCall {
  std::string operation;              // A word of a bounded set, such as "load_source"; a label of metrics.
  std::string query;                  // The document.
  std::string variables = {};         // A JSON object; empty = none.
  std::string on_behalf = {};         // For whom, as JSON {"role","user_id","user_name",…}; empty = for this node.
  std::string request_id = {};        // Of the request that it is made for; empty = the other node names it.
  std::string least_schema = {};      // Version of the schema that the other node waits for; empty = any.
  std::string idempotency_key = {};   // Of whoever asked for it; empty = none.
  observe::TraceRef trace = nullptr;  // What it is a part of; null = of no trace.
};

// Calls of this node to others. All methods may be called from any thread, wait for the answer, and fail with
//  - kSourceUnavailable: nobody answers there, or somebody who is not that node; with URL and reason;
//  - kUnauthenticated: the other node refuses this one, with its reason;
//  - kOverloaded, kDraining, kSchemaNotReady: the other node does not take the call now;
//  - kTimeout at `deadline` or after CLUSTER_TIMEOUT, kCancelled when stopped.
class PeerCalls {
 public:
  virtual ~PeerCalls() = default;

  // The other node's answer as it is in JSON, {"data":…,"errors":…}. Errors of GraphQL are an answer.
  virtual Result<std::string> Call(const PeerAddress& peer, const PeerCall& call, const Deadline& deadline,
                                   const StopToken& stop) = 0;

  // Whether `peer` is alive and has this cluster's secret: {"node":…,"incarnation":…,…} as JSON.
  virtual Result<std::string> Ping(const PeerAddress& peer, const Deadline& deadline, const StopToken& stop) = 0;

  // Calls all of `peers` at once; the answers in their order.
  std::vector<Result<std::string>> CallAll(const std::vector<PeerAddress>& peers, const PeerCall& call,
                                           const Deadline& deadline, const StopToken& stop);
};

// `url` as the address of a node: http or https, without /ipc and slashes at its end. Fails with kBadInput.
Result<std::string> PeerBaseUrl(const std::string& url);

}  // namespace eider::cluster
