#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cluster/core_store.h"

namespace eider::cluster {

// A value that tells a secret of the cluster without giving it away.
struct KeyCheck {
  std::string setting;              // Its row in `settings`.
  std::string own;                  // As this node's secret gives it.
  std::vector<std::string> former;  // As secrets give it that were used before.
  std::string mismatch;             // What the operator is told who gave this node another secret.
};

// The check of CLUSTER_SECRET; `previous` may be empty.
KeyCheck ClusterSecretCheck(std::string_view secret, std::string_view previous);

// The text that `setting` holds by now; empty = nothing.
Result<std::string> StoredSetting(CoreStore& store, const std::string& setting);

// Compares with what the other nodes have, or is the first one to write it; a former value is replaced. Fails with
// kBadInput when the secrets differ, and as the store does.
Status CheckSharedKey(CoreStore& store, const KeyCheck& check);

// Whether what the nodes have by now is still one of this node's. Fails as the store does.
Result<bool> HasSharedKey(CoreStore& store, const KeyCheck& check);

}  // namespace eider::cluster
