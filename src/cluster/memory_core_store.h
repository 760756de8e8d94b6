#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cluster/core_mirror.h"
#include "cluster/engine_core_store.h"
#include "engine/database.h"

namespace eider::cluster {

// The core database of a cluster whose core is only read: what nodes share lies in the memory of the management node,
// and is gone with it, in an engine of its own that reaches no file.
class MemoryCoreStore final : public EngineCoreStore {
 public:
  // With empty tables. Fails with kInternal.
  static Result<std::unique_ptr<MemoryCoreStore>> Open();
  ~MemoryCoreStore() override;

  // Adds the rows that users have written. Fails with kInternal.
  Status Fill(const MirrorState& rows);

  // As statements name things in every store of this kind.
  static std::string TableName(std::string_view name);
  static std::string AnnounceSql(std::string_view channel, std::string_view payload);
  static std::string CountUpSql(std::string_view version);

 private:
  explicit MemoryCoreStore(std::string id);

  std::unique_ptr<engine::Database> database_;
};

}  // namespace eider::cluster
