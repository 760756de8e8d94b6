#include <thread>
#include <utility>

#include "cluster/core_database.h"
#include "core_sdl.h"
#include "engine/text_rows.h"
#include "sources/column_types.h"
#include "sources/source_entry.h"
#include "sources/source_registry.h"

// How compiled sources become the one schema that is served.
namespace eider::sources {
namespace {

catalog::SourceDefinition CoreDefinition() {
  catalog::SourceDefinition definition;
  definition.source.name = cluster::kCoreCatalog;
  definition.source.type = "duckdb";
  definition.source.prefix = "core";
  definition.source.catalog = cluster::kCoreCatalog;
  definition.source.description = "What the node knows about sources, roles and keys";
  definition.source.as_module = true;
  definition.source.internal = true;
  definition.files.push_back({"core.graphql", std::string(assets::CoreSdl("core.graphql"))});
  return definition;
}

}  // namespace

Status SourceRegistry::Start() {
  std::shared_ptr<const catalog::CompiledSource> compiled;
  if (core_ != nullptr) {
    EIDER_ASSIGN_OR_RETURN(const auto session, engine::Session::Open(database_, {}));
    EngineColumnTypes types(*session, std::string(cluster::kCoreCatalog));
    catalog::SourceDefinition definition = CoreDefinition();
    definition.describe = [&types](const catalog::DataObject& object) { return types.Find(object); };
    definition.source.read_only = options_.core_read_only;
    auto core = catalog::CompileSource(definition, options_.compile);
    if (!core) return InvalidSchema("core", core.error());
    compiled = std::move(*core);
  }
  MutexLock lock(publish_mutex_);
  core_compiled_ = std::move(compiled);
  EIDER_ASSIGN_OR_RETURN(auto next, Build(compiled_));
  version_ = next->version;
  snapshot_.Set(std::move(next));
  return {};
}

Status SourceRegistry::LoadAll() {
  EIDER_ASSIGN_OR_RETURN(const std::vector<cluster::SourceRecord> records, AllRecords());
  {
    MutexLock lock(publish_mutex_);
    collecting_ = true;
  }
  std::vector<std::thread> remote;
  for (const cluster::SourceRecord& record : records) {
    if (!record.disabled) {
      const auto connector = connectors_.Find(record.type);
      if (connector && (*connector)->is_remote()) {
        remote.emplace_back([this, &record] { (void)LoadRecord(record); });
      } else {
        (void)LoadRecord(record);
      }
      continue;
    }
    const std::shared_ptr<Entry> entry = EntryOf(record.name);
    MutexLock lock(entry->facts);
    entry->report.name = record.name;
    entry->report.type = record.type;
    entry->report.disabled = true;
  }
  for (std::thread& thread : remote) thread.join();
  PublishCollected();
  return {};
}

Result<std::shared_ptr<const catalog::Snapshot>> SourceRegistry::Build(const CompiledSources& sources) {
  std::vector<std::shared_ptr<const catalog::CompiledSource>> parts;
  if (core_compiled_) parts.push_back(core_compiled_);
  for (const auto& [name, compiled] : sources) parts.push_back(compiled);
  return catalog::BuildSnapshot(parts, version_ + 1, options_.compile);
}

Status SourceRegistry::Publish(const std::string& name, std::shared_ptr<const catalog::CompiledSource> compiled,
                               const std::function<Status()>& before_publishing) {
  MutexLock lock(publish_mutex_);
  CompiledSources next_sources = compiled_;
  if (compiled) {
    next_sources[name] = std::move(compiled);
  } else {
    next_sources.erase(name);
  }
  std::shared_ptr<const catalog::Snapshot> next;
  if (!collecting_) {
    auto built = Build(next_sources);
    if (!built) return InvalidSchema(name, built.error());
    next = std::move(*built);
  }
  if (before_publishing) EIDER_RETURN_IF_ERROR(before_publishing());
  compiled_ = std::move(next_sources);
  if (!next) return {};
  version_ = next->version;
  snapshot_.Set(std::move(next));
  return {};
}

// One schema for all collected sources; when they do not fit together, those that fit the ones before them by name.
void SourceRegistry::PublishCollected() {
  MutexLock lock(publish_mutex_);
  collecting_ = false;
  auto whole = Build(compiled_);
  if (!whole) {
    CompiledSources fitting;
    for (const auto& [name, compiled] : std::exchange(compiled_, {})) {
      fitting[name] = compiled;
      auto partial = Build(fitting);
      if (partial) {
        whole = std::move(partial);
        continue;
      }
      fitting.erase(name);
      const std::shared_ptr<Entry> entry = EntryOf(name);
      MutexLock facts(entry->facts);
      entry->report.has_schema = false;
      entry->report.error = InvalidSchema(name, partial.error()).message;
    }
    compiled_ = std::move(fitting);
  }
  if (!whole) return;
  version_ = (*whole)->version;
  snapshot_.Set(std::move(*whole));
}

}  // namespace eider::sources
