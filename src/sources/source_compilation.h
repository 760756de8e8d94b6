#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/compiler.h"
#include "cluster/source_record.h"
#include "sources/connector.h"
#include "sources/source_model.h"

namespace eider::sources {

// What one load of an attached source gives.
struct SourceCompilation {
  std::shared_ptr<const catalog::CompiledSource> compiled;
  std::shared_ptr<const SourceModel> model;  // With which the same can be compiled again.
};

// Introspects the attached source, reads the catalogs of `source` and compiles both to a schema in
// which the source is reached under its own name. With `given`, what that says is compiled instead of what the source
// has. Errors read `compile catalog "<name>": …`.
Result<SourceCompilation> CompileAttached(const Attachment& attachment, const Connector& connector,
                                          const cluster::SourceRecord& source, const catalog::CompileOptions& options,
                                          const SourceModel* given = nullptr);

// Compiles a source that cannot be reached, as `model` says it is.
Result<std::shared_ptr<const catalog::CompiledSource>> CompileAway(const Connector& connector,
                                                                   const cluster::SourceRecord& source,
                                                                   const SourceModel& model,
                                                                   const catalog::CompileOptions& options);

// Compiles an extension that is loaded once more from the same text, for what its views read may have changed.
Result<std::shared_ptr<const catalog::CompiledSource>> CompileExtensionAgain(engine::Session& session,
                                                                             const cluster::SourceRecord& source,
                                                                             const std::vector<catalog::SdlFile>& files,
                                                                             const catalog::CompileOptions& options);

// The error of a schema that does not fit: `compile catalog "<name>": catalog schema is invalid: <problem>`.
Error InvalidSchema(const std::string& name, const Error& problem);

}  // namespace eider::sources
