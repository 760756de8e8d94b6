#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cluster/core_cipher.h"
#include "cluster/core_mirror.h"
#include "cluster/desired_sources.h"

namespace eider::cluster {

// What a node knew of the shared core database: enough to serve without it.
struct CoreSnapshot {
  struct Source {
    DesiredSource wanted;
    std::string model;  // What it was compiled to; empty = nothing is known.
  };
  CoreVersions versions;
  MirrorState rows;
  std::vector<Source> sources;
};

// Keeps the last snapshot in a file, encrypted with the key of the core database. Thread-safe.
class CoreSnapshots {
 public:
  CoreSnapshots(std::string folder, std::chrono::milliseconds max_age, std::shared_ptr<const CoreCipher> cipher)
      : folder_(std::move(folder)),
        max_age_(max_age),
        cipher_(std::move(cipher)) {}

  // Replaces the last one, in one step. Fails with kCoreUnavailable when the folder cannot be written.
  Status Save(const CoreSnapshot& snapshot) const;

  // The last one. Fails with kCoreUnavailable, for the operator, when there is none, it is too old, or of another key.
  Result<CoreSnapshot> Load() const;

 private:
  const std::string folder_;
  const std::chrono::milliseconds max_age_;
  const std::shared_ptr<const CoreCipher> cipher_;
};

// A snapshot that was taken at `taken_ms` as JSON, and back. Fails with kInternal for text of another form.
std::string ToJson(const CoreSnapshot& snapshot, std::int64_t taken_ms);
Result<CoreSnapshot> CoreSnapshotFromJson(const std::string& json, std::int64_t& taken_ms);

}  // namespace eider::cluster
