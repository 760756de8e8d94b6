#include "sources/extension/extension_connector.h"

#include "sources/empty_catalog.h"

namespace eider::sources {
Result<std::string> ExtensionConnector::Fingerprint(const cluster::SourceRecord& /*source*/) const {
  return std::string("extension");
}

Status ExtensionConnector::Attach(engine::Session& session, const cluster::SourceRecord& /*source*/,
                                  const std::string& catalog) const {
  return AttachEmpty(session, "ATTACH", catalog);
}

Status ExtensionConnector::Replace(engine::Session& session, const cluster::SourceRecord& /*source*/,
                                   const std::string& catalog) const {
  return AttachEmpty(session, "ATTACH OR REPLACE", catalog);
}

Status ExtensionConnector::Refresh(engine::Session& /*session*/, const cluster::SourceRecord& /*source*/,
                                   const std::string& /*catalog*/) const {
  return {};
}

Result<std::vector<catalog::SdlFile>> ExtensionConnector::Introspect(const Attachment& /*attachment*/) const {
  return std::vector<catalog::SdlFile>();
}

}  // namespace eider::sources
