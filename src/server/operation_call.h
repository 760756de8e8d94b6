#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cluster/link/peer_calls.h"

namespace eider::server {

// An argument of an operation that another node is asked for; its value is JSON.
struct OperationArgument {
  std::string name;
  std::string type;
  std::string value;
};

// How an operation is asked for.
struct OperationRequest {
  std::string module;     // Behind `core`: cluster or storage.
  std::string operation;  // Its name there.
  std::vector<OperationArgument> arguments = {};
};

// The call that asks another node for an operation and for `members` of its outcome. `directives` stand behind it, such
// as "@stats".
cluster::PeerCall CallFor(const OperationRequest& request, std::string_view members, std::string_view directives = "");

// The call that tells another node to follow in an operation of the cluster.
cluster::PeerCall FollowCall(std::string_view operation, std::vector<OperationArgument> arguments = {});

}  // namespace eider::server
