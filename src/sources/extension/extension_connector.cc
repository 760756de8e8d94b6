#include "sources/extension/extension_connector.h"

#include "base/text.h"

namespace eider::sources {
namespace {

Status RunAttach(engine::Session& session, std::string_view verb, const std::string& catalog) {
  auto done = session.Run(std::string(verb) + " ':memory:' AS " + QuoteIdentifier(catalog));
  if (!done) return Error(ErrorCode::kSourceUnavailable, done.error().message);
  return {};
}

}  // namespace

Result<std::string> ExtensionConnector::Fingerprint(const cluster::SourceRecord& /*source*/) const {
  return std::string("extension");
}

Status ExtensionConnector::Attach(engine::Session& session, const cluster::SourceRecord& /*source*/,
                                  const std::string& catalog) const {
  return RunAttach(session, "ATTACH", catalog);
}

Status ExtensionConnector::Replace(engine::Session& session, const cluster::SourceRecord& /*source*/,
                                   const std::string& catalog) const {
  return RunAttach(session, "ATTACH OR REPLACE", catalog);
}

Status ExtensionConnector::Refresh(engine::Session& /*session*/, const cluster::SourceRecord& /*source*/,
                                   const std::string& /*catalog*/) const {
  return {};
}

Result<std::vector<catalog::SdlFile>> ExtensionConnector::Introspect(const Attachment& /*attachment*/) const {
  return std::vector<catalog::SdlFile>();
}

}  // namespace eider::sources
