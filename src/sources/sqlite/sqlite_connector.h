#pragma once

#include "sources/attached/attached_connector.h"

namespace eider::sources {

// SQLite files. A missing file is created unless the source is read_only or self_defined, as for DuckDB files.
class SqliteConnector final : public AttachedConnector {
 public:
  Result<std::string> Fingerprint(const cluster::SourceRecord& source) const override;
  catalog::SourceTraits traits() const override;
  Result<std::vector<catalog::SdlFile>> Introspect(const Attachment& attachment) const override;

 protected:
  Result<AttachPlan> PlanAttach(const cluster::SourceRecord& source) const override;
};

}  // namespace eider::sources
