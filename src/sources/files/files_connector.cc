#include "sources/files/files_connector.h"

#include <algorithm>

#include "base/text.h"
#include "engine/text_rows.h"
#include "sources/duckdb/introspection.h"
#include "sources/empty_catalog.h"
#include "sources/files/file_discovery.h"
#include "sources/files/file_reader.h"

namespace eider::sources {
namespace {

std::string ViewName(const std::string& catalog, std::string_view name) {
  return QuoteIdentifier(catalog) + ".main." + QuoteIdentifier(name);
}

// The engine binds a new view, which reads the head of the file: a broken file is found here.
Status CreateView(engine::Session& session, const std::string& catalog, const DataFile& file) {
  EIDER_ASSIGN_OR_RETURN(const std::string call, FileReaderSql(session, file));
  auto created = session.Run("CREATE OR REPLACE VIEW " + ViewName(catalog, file.name) + " AS SELECT * FROM " + call);
  if (created) return {};
  return Error(ErrorCode::kSourceUnavailable, "cannot read " + std::string(FileFormatName(file.format)) + " file " +
                                                  file.path + ": " + created.error().message);
}

Status DropOthers(engine::Session& session, const std::string& catalog, const std::vector<DataFile>& files) {
  EIDER_ASSIGN_OR_RETURN(
      const auto views,
      engine::ReadTextRows(session, "SELECT view_name FROM duckdb_views() WHERE database_name = $1 AND NOT internal",
                           {catalog}));
  for (const engine::TextRow& view : views) {
    const bool wanted =
        std::any_of(files.begin(), files.end(), [&](const DataFile& file) { return file.name == view[0]; });
    if (wanted) continue;
    if (auto dropped = session.Run("DROP VIEW " + ViewName(catalog, *view[0])); !dropped) return dropped.error();
  }
  return {};
}

}  // namespace

Result<std::string> FilesConnector::Fingerprint(const cluster::SourceRecord& source) const {
  // Asked here so that a path without files fails before anything is attached.
  EIDER_ASSIGN_OR_RETURN(const auto files, DiscoverDataFiles(source.path));
  return std::string("files");
}

Status FilesConnector::Attach(engine::Session& session, const cluster::SourceRecord&,
                              const std::string& catalog) const {
  return AttachEmpty(session, "ATTACH", catalog);
}

Status FilesConnector::Replace(engine::Session& session, const cluster::SourceRecord&,
                               const std::string& catalog) const {
  return AttachEmpty(session, "ATTACH OR REPLACE", catalog);
}

Status FilesConnector::Refresh(engine::Session& session, const cluster::SourceRecord& source,
                               const std::string& catalog) const {
  EIDER_ASSIGN_OR_RETURN(const std::vector<DataFile> files, DiscoverDataFiles(source.path));
  for (const DataFile& file : files) EIDER_RETURN_IF_ERROR(CreateView(session, catalog, file));
  return DropOthers(session, catalog, files);
}

Result<std::vector<catalog::SdlFile>> FilesConnector::Introspect(const Attachment& attachment) const {
  return IntrospectDatabase(attachment.session, attachment.catalog);
}

}  // namespace eider::sources
