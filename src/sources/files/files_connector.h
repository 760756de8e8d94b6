#pragma once

#include "sources/connector.h"

namespace eider::sources {

// Parquet, CSV and JSON files as views of an in-memory database: one view for each file or Hive-partitioned folder. The
// views keep no data; a statement reads the files. A reload finds new and removed files.
class FilesConnector final : public Connector {
 public:
  Result<std::string> Fingerprint(const cluster::SourceRecord& source) const override;
  Status Attach(engine::Session& session, const cluster::SourceRecord& source,
                const std::string& catalog) const override;
  Status Replace(engine::Session& session, const cluster::SourceRecord& source,
                 const std::string& catalog) const override;
  Status Refresh(engine::Session& session, const cluster::SourceRecord& source,
                 const std::string& catalog) const override;
  bool always_self_defined() const override { return true; }
  bool always_read_only() const override { return true; }
  Result<std::vector<catalog::SdlFile>> Introspect(const Attachment& attachment) const override;
};

}  // namespace eider::sources
