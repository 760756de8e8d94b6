#include "sources/source_compilation.h"

#include <algorithm>

#include "cache/key.h"
#include "catalog/compiled_source.h"
#include "sources/catalog_reader.h"
#include "sources/extension/extension_connector.h"

namespace eider::sources {
namespace {

Error CompileError(const std::string& name, const std::string& what) {
  return Error(ErrorCode::kBadInput, "compile catalog \"" + name + "\": " + what);
}

catalog::Source ModelSource(const Connector& connector, const cluster::SourceRecord& record) {
  catalog::Source source;
  source.name = record.name;
  source.type = record.type;
  // What an extension declares itself has no prefix, so that names of all sources are written alike.
  source.prefix = source.IsExtension() ? std::string() : record.prefix;
  source.catalog = record.name;
  source.default_schema = connector.DefaultSchemaOf(record);
  source.traits = connector.TraitsOf(record);
  source.description = record.description;
  source.as_module = record.as_module;
  source.read_only = connector.IsReadOnly(record);
  return source;
}

// Nodes that serve the same definitions from the same place have the same generation, so that they share results; every
// further load on one node gives another.
std::string GenerationOf(const cluster::SourceRecord& record, const SourceModel& model, std::uint64_t load) {
  cache::KeyBuilder builder;
  builder.Add(record.name).Add(record.type).Add(record.path).Add(record.prefix).Add(load);
  builder.Add(static_cast<std::uint64_t>(record.as_module)).Add(static_cast<std::uint64_t>(record.read_only));
  for (const auto* files : {&model.introspected, &model.files}) {
    builder.Add(static_cast<std::uint64_t>(files->size()));
    for (const catalog::SdlFile& file : *files) builder.Add(file.name).Add(file.text);
  }
  return builder.Finish().Text();
}

// Geometries are the business of an extension of the engine. Statements that a source runs itself do without.
Status PrepareGeometries(engine::Session& session, const catalog::CompiledSource& compiled) {
  const bool has_geometry = std::ranges::any_of(compiled.objects, [](const catalog::DataObject& object) {
    return std::ranges::any_of(
        object.columns, [](const catalog::Column& column) { return column.kind == catalog::ScalarKind::kGeometry; });
  });
  if (!has_geometry) return {};
  Status loaded = session.LoadExtension("spatial");
  return compiled.source.type == "postgres" ? Status() : loaded;
}

}  // namespace

Error InvalidSchema(const std::string& name, const Error& problem) {
  return CompileError(name, "catalog schema is invalid: " + problem.message);
}

namespace {

// Reads the SDL of an attached source: its own, and that of its catalogs.
Status ReadSdl(const Attachment& attachment, const Connector& connector, const cluster::SourceRecord& source,
               SourceModel& model) {
  if (source.self_defined || connector.always_self_defined()) {
    auto introspected = connector.Introspect(attachment);
    if (!introspected) return CompileError(source.name, "introspection failed: " + introspected.error().message);
    model.introspected = std::move(*introspected);
  }
  auto files = ReadCatalogs(attachment.session, source.catalogs);
  if (!files) return CompileError(source.name, files.error().message);
  model.files = std::move(*files);
  return {};
}

// Makes `definition` ask `types`, which outlives it.
void AskTypes(catalog::SourceDefinition& definition, ColumnTypeLookup& types) {
  const std::string name = definition.source.name;
  definition.describe = [&types](const catalog::DataObject& object) { return types.Find(object); };
  definition.is_generated = [&types](const catalog::DataObject& object, const std::string& column) {
    return types.IsGenerated(object, column);
  };
  definition.estimate = [&types](const catalog::DataObject& object) { return types.EstimateRows(object); };
  definition.qualify = [&types, name](const std::string& view_sql) { return types.Qualify(view_sql, name); };
  definition.find_function = [&types, name](const std::string& function) { return types.FindFunction(function, name); };
}

// Compiles what `model` says; where that has no answers, `types` has them.
Result<std::shared_ptr<const catalog::CompiledSource>> CompileModel(const SourceModel& model, ColumnTypeLookup* types,
                                                                    catalog::SourceDefinition definition,
                                                                    const catalog::CompileOptions& options) {
  definition.introspected = model.introspected;
  definition.files = model.files;
  if (model.answers) {
    catalog::AnswerBy(definition, model.answers);
  } else {
    AskTypes(definition, *types);
  }
  if (definition.source.IsExtension()) definition.qualify = nullptr;
  auto compiled = catalog::CompileSource(definition, options);
  if (!compiled) return InvalidSchema(definition.source.name, compiled.error());
  return compiled;
}

}  // namespace

Result<SourceCompilation> CompileAttached(const Attachment& attachment, const Connector& connector,
                                          const cluster::SourceRecord& source, const catalog::CompileOptions& options,
                                          const SourceModel* given) {
  const Attachment own{attachment.session, attachment.catalog, attachment.native, &source};
  auto model = std::make_shared<SourceModel>();
  std::unique_ptr<ColumnTypeLookup> types;
  if (given != nullptr) {
    *model = *given;
  } else {
    EIDER_RETURN_IF_ERROR(ReadSdl(own, connector, source, *model));
    auto looked_up = connector.LookUpTypes(own);
    if (!looked_up) return CompileError(source.name, "column types cannot be read: " + looked_up.error().message);
    types = std::move(*looked_up);
  }
  catalog::SourceDefinition definition;
  definition.source = ModelSource(connector, source);
  definition.source.generation = GenerationOf(source, *model, options.load);
  if (attachment.native != nullptr) definition.source.engine_refusal = connector.EngineRefusal(attachment.session);
  EIDER_ASSIGN_OR_RETURN(auto compiled, CompileModel(*model, types.get(), std::move(definition), options));
  if (const Status checked = connector.Check(*compiled); !checked) return InvalidSchema(source.name, checked.error());
  EIDER_RETURN_IF_ERROR(PrepareGeometries(attachment.session, *compiled));
  model->answers = compiled->answers;
  return SourceCompilation{std::move(compiled), std::move(model)};
}

Result<std::shared_ptr<const catalog::CompiledSource>> CompileAway(const Connector& connector,
                                                                   const cluster::SourceRecord& source,
                                                                   const SourceModel& model,
                                                                   const catalog::CompileOptions& options) {
  catalog::SourceDefinition definition;
  definition.source = ModelSource(connector, source);
  definition.source.generation = "away";
  return CompileModel(model, nullptr, std::move(definition), options);
}

Result<std::shared_ptr<const catalog::CompiledSource>> CompileExtensionAgain(engine::Session& session,
                                                                             const cluster::SourceRecord& source,
                                                                             const std::vector<catalog::SdlFile>& files,
                                                                             const catalog::CompileOptions& options) {
  EngineColumnTypes types(session, source.name);
  catalog::SourceDefinition definition;
  definition.source = ModelSource(ExtensionConnector(), source);
  definition.files = files;
  definition.describe = [&types](const catalog::DataObject& object) { return types.Find(object); };
  return catalog::CompileSource(definition, options);
}

}  // namespace eider::sources
