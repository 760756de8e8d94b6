#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cluster/core_cipher.h"
#include "cluster/core_store.h"
#include "cluster/source_record.h"

namespace eider::cluster {

// A row of `source_desired`: what every node should have of a source.
struct DesiredSource {
  std::string name;
  std::int64_t generation = 0;
  bool is_loaded = false;
  SourceRecord record;     // As it was when the generation began.
  std::string model_hash;  // Of what it was compiled to; empty = unknown.

  // Whether it is loaded from the same registration, and was compiled to `model`, which is known.
  bool IsLoadedAs(const SourceRecord& other, const std::string& model) const;
};

// A row of `node_sources`: what a node has of it.
struct NodeSource {
  std::string node;
  std::string name;
  std::int64_t generation = 0;
  std::string state;  // absent, attaching, attached, degraded, failed.
  std::string error;
  std::int64_t attempts = 0;
};

// What the nodes of a cluster should have loaded, and what they have. Thread-safe. Failures are kCoreUnavailable.
class DesiredSources {
 public:
  // Both outlive this.
  DesiredSources(CoreStore& store, const CoreCipher& cipher) : store_(store), cipher_(cipher) {}

  // All rows by name, or that of one source.
  Result<std::vector<DesiredSource>> List(std::string_view name = {});

  // Begins the next generation of `record`'s source and tells all nodes; returns its number. Fails with kForbidden and
  // kLeaseLost without the lease. Without any `lease` the node stands alone, and nobody is told.
  // `model` is what the source was compiled to, for all nodes; empty = nothing.
  Result<std::int64_t> Put(const SourceRecord& record, bool is_loaded, const std::optional<LeaseToken>& lease,
                           const std::string& node, const std::string& model);

  // Forgets a source that nobody should have.
  Status Forget(const std::string& name);

  // Begins with `records`, all of them loaded, in a store that knows no source yet. Their generation is that of this
  // start: no node has it from another one.
  Status Begin(const std::vector<SourceRecord>& records, const std::string& node);

  // Keeps what the present generation of a source was compiled to.
  Status KeepModel(const DesiredSource& source, const std::string& model);

  // What a source was compiled to; empty when that is not kept.
  Result<std::string> Model(const DesiredSource& source);

  // Writes down what a node has; a text that is too long for people is cut.
  Status Report(const NodeSource& source);

  // The sources that some other live node has as they should be.
  Result<std::set<std::string>> AttachedElsewhere(const std::string& node);

  // What the nodes have of a source.
  Result<std::vector<NodeSource>> OfNodes(const std::string& name);

 private:
  CoreStore& store_;
  const CoreCipher& cipher_;
};

// A record as JSON and back. Fails with kInternal for text of another form.
std::string ToJson(const SourceRecord& record);
Result<SourceRecord> SourceRecordFromJson(const std::string& json);

}  // namespace eider::cluster
