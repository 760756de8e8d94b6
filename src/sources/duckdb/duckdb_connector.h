#pragma once

#include "sources/connector.h"

namespace eider::sources {

// DuckDB databases: a file, or memory (`:memory:` or an empty path). A missing file is created, as the engine does,
// unless the source is read_only or self_defined: then there is nothing to read and a mistyped path is the likely
// reason.
class DuckdbConnector final : public Connector {
 public:
  Result<std::string> Fingerprint(const cluster::SourceRecord& source) const override;
  Status Attach(engine::Session& session, const cluster::SourceRecord& source,
                const std::string& catalog) const override;
  Status Replace(engine::Session& session, const cluster::SourceRecord& source,
                 const std::string& catalog) const override;
  Status Refresh(engine::Session&, const cluster::SourceRecord&, const std::string&) const override { return {}; }
  bool always_self_defined() const override { return false; }
  bool always_read_only() const override { return false; }
  bool IsReadOnly(const cluster::SourceRecord& source) const override;
  Result<std::vector<catalog::SdlFile>> Introspect(const Attachment& attachment) const override;
};

}  // namespace eider::sources
