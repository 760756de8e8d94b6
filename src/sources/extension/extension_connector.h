#pragma once

#include "sources/connector.h"

namespace eider::sources {

// A source of SDL alone: it adds to the types of other sources and has nothing of its own to attach (14.1). The engine
// gets an empty database of its name, so that the name is taken and its life is that of any other source.
class ExtensionConnector final : public Connector {
 public:
  Result<std::string> Fingerprint(const cluster::SourceRecord& source) const override;
  Status Attach(engine::Session& session, const cluster::SourceRecord& source,
                const std::string& catalog) const override;
  Status Replace(engine::Session& session, const cluster::SourceRecord& source,
                 const std::string& catalog) const override;
  Status Refresh(engine::Session& session, const cluster::SourceRecord& source,
                 const std::string& catalog) const override;
  bool always_self_defined() const override { return false; }
  bool always_read_only() const override { return true; }
  Result<std::vector<catalog::SdlFile>> Introspect(const Attachment& attachment) const override;
};

}  // namespace eider::sources
