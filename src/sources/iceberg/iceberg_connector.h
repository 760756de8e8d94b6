#pragma once

#include "sources/attached/attached_connector.h"

namespace eider::sources {

// Iceberg tables: those of a REST catalogue, which is attached, or those below a folder or at a URL, which become views
// of an in-memory database, read-only, with macros beside them for rows of the past. `iceberg_path.h` has the forms of
// the path.
class IcebergConnector final : public AttachedConnector {
 public:
  Status Refresh(engine::Session& session, const cluster::SourceRecord& source,
                 const std::string& catalog) const override;
  bool IsReadOnly(const cluster::SourceRecord& source) const override;
  bool is_remote() const override { return true; }
  std::string DefaultSchemaOf(const cluster::SourceRecord& source) const override;
  catalog::SourceTraits TraitsOf(const cluster::SourceRecord& source) const override;
  Result<std::vector<catalog::SdlFile>> Introspect(const Attachment& attachment) const override;
  Result<std::unique_ptr<ColumnTypeLookup>> LookUpTypes(const Attachment& attachment) const override;

 protected:
  Result<AttachPlan> PlanAttach(const cluster::SourceRecord& source) const override;
};

}  // namespace eider::sources
