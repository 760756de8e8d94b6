#pragma once

#include "sources/attached/attached_connector.h"

namespace eider::sources {

// DuckLake: a catalog database and Parquet files. The path is that of the catalog, with or without `ducklake:` before
// it: a DuckDB file, `sqlite:FILE`, `postgres:host=… dbname=…`, `postgres://…`, `mysql:…`, and after a question mark
// the options of the lake, such as `data_path=/data/lake`.
class DucklakeConnector final : public AttachedConnector {
 public:
  Result<std::string> Fingerprint(const cluster::SourceRecord& source) const override;
  catalog::SourceTraits traits() const override;
  Result<std::vector<catalog::SdlFile>> Introspect(const Attachment& attachment) const override;

 protected:
  Result<AttachPlan> PlanAttach(const cluster::SourceRecord& source) const override;
};

}  // namespace eider::sources
