#pragma once

#include <string>
#include <vector>

#include "base/mutex.h"
#include "sources/source_model.h"
#include "sources/source_registry.h"

namespace eider::sources {

// One source that was loaded, or tried to. Shared by the registry and running loads.
struct SourceRegistry::Entry {
  // Held for a whole load or unload; guards what follows up to `facts`.
  Mutex loading;
  cluster::SourceRecord attached;            // As it was attached, with environment variables put in.
  std::string fingerprint;                   // Empty = not attached.
  std::shared_ptr<const SourceModel> given;  // What is compiled instead of what the source has; null = that.

  // Guards the sessions, the report and the SDL; held for moments only, so that a hanging source can still be asked
  // about.
  Mutex facts;
  std::shared_ptr<const NativeSource> native GUARDED_BY(facts);
  SourceReport report GUARDED_BY(facts);
  std::shared_ptr<const SourceModel> model GUARDED_BY(facts);  // Of the last load; null = not loaded.
  bool away GUARDED_BY(facts) = false;                         // In the schema without being attached.

  bool is_attached() const { return !fingerprint.empty(); }

  std::shared_ptr<const NativeSource> Native() {
    MutexLock lock(facts);
    return native;
  }

  void SetNative(std::shared_ptr<const NativeSource> sessions) {
    MutexLock lock(facts);
    native = std::move(sessions);
  }

  void SetAttached(const cluster::SourceRecord& record, std::string made_of) {
    attached = record;
    fingerprint = std::move(made_of);
    MutexLock lock(facts);
    report.state = SourceState::kAttached;
  }

  void SetDetached() {
    fingerprint.clear();
    MutexLock lock(facts);
    report.state = SourceState::kDetached;
    report.has_schema = false;
    native.reset();
    model.reset();
  }

  void SetSchema(const SourceCompilation& compilation) {
    MutexLock lock(facts);
    report.has_schema = true;
    model = compilation.model;
  }
};

}  // namespace eider::sources
