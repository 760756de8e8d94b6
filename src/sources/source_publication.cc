#include <algorithm>
#include <thread>
#include <utility>

#include "catalog/compiled_source.h"
#include "catalog/sdl/declared.h"
#include "cluster/core_database.h"
#include "core_sdl.h"
#include "sources/column_types.h"
#include "sources/source_entry.h"
#include "sources/source_registry.h"

// How compiled sources become the one schema that is served.
namespace eider::sources {
namespace {

catalog::SourceDefinition CoreDefinition(bool with_members, bool in_cluster) {
  catalog::SourceDefinition definition;
  definition.source.name = cluster::kCoreCatalog;
  definition.source.type = "duckdb";
  definition.source.prefix = "core";
  definition.source.catalog = cluster::kCoreCatalog;
  definition.source.description = "What the node knows about sources, roles and keys";
  definition.source.as_module = true;
  definition.source.internal = true;
  std::vector<const char*> files = {"core.graphql", "meta.graphql"};
  if (with_members) files.push_back("cluster.graphql");
  if (in_cluster) files.push_back("cluster_mode.graphql");
  for (const char* file : files) {
    definition.files.push_back({file, std::string(assets::CoreSdl(file))});
  }
  return definition;
}

}  // namespace

Status SourceRegistry::Start() {
  std::shared_ptr<const catalog::CompiledSource> compiled;
  if (core_ != nullptr) {
    EIDER_ASSIGN_OR_RETURN(const auto session, engine::Session::Open(database_, {}));
    EngineColumnTypes types(*session, std::string(cluster::kCoreCatalog));
    catalog::SourceDefinition definition = CoreDefinition(options_.with_members, options_.in_cluster);
    definition.describe = [&types](const catalog::DataObject& object) { return types.Find(object); };
    definition.source.read_only = options_.core_read_only;
    auto core = catalog::CompileSource(definition, options_.compile);
    if (!core) return InvalidSchema("core", core.error());
    compiled = std::move(*core);
  }
  MutexLock lock(publish_mutex_);
  core_compiled_ = std::move(compiled);
  EIDER_ASSIGN_OR_RETURN(auto next, Build(compiled_, {}));
  Serve(std::move(next));
  return {};
}

Status SourceRegistry::LoadAll() {
  EIDER_ASSIGN_OR_RETURN(const std::vector<cluster::SourceRecord> records, AllRecords());
  {
    MutexLock lock(publish_mutex_);
    collecting_ = true;
  }
  std::vector<const cluster::SourceRecord*> extensions;
  std::vector<std::thread> remote;
  for (const cluster::SourceRecord& record : records) {
    if (record.disabled) {
      NoteDisabled(record);
      continue;
    }
    const auto connector = connectors_.Find(record.type);
    if (record.type == catalog::Source::kExtensionType) {
      extensions.push_back(&record);
    } else if (connector && (*connector)->is_remote()) {
      remote.emplace_back([this, &record] { (void)LoadRecord(record); });
    } else {
      (void)LoadRecord(record);
    }
  }
  for (std::thread& thread : remote) thread.join();
  for (const cluster::SourceRecord* record : extensions) (void)LoadRecord(*record);
  PublishCollected();
  return {};
}

void SourceRegistry::NoteDisabled(const cluster::SourceRecord& record) {
  const std::shared_ptr<Entry> entry = EntryOf(record.name);
  MutexLock lock(entry->facts);
  entry->report.name = record.name;
  entry->report.type = record.type;
  entry->report.disabled = true;
}

Result<std::shared_ptr<const catalog::Snapshot>> SourceRegistry::Build(const CompiledSources& sources,
                                                                       std::set<std::string, std::less<>> strict) {
  std::vector<std::shared_ptr<const catalog::CompiledSource>> parts;
  if (core_compiled_) parts.push_back(core_compiled_);
  for (const auto& [name, compiled] : sources) parts.push_back(compiled);
  catalog::CompileOptions options = options_.compile;
  options.strict_extensions = std::move(strict);
  return catalog::BuildSnapshot(parts, version_ + 1, options);
}

void SourceRegistry::Serve(std::shared_ptr<const catalog::Snapshot> next) {
  version_ = next->version;
  for (const catalog::Source* source : next->sources) {
    if (source->IsExtension()) NoteMisfits(*next, source->name);
  }
  snapshot_.Set(std::move(next));
}

void SourceRegistry::NoteMisfits(const catalog::Snapshot& snapshot, const std::string& extension) {
  constexpr std::string_view kLeftOut = "left out: ";
  const auto found = snapshot.misfits.find(extension);
  const std::shared_ptr<Entry> entry = EntryOf(extension);
  MutexLock facts(entry->facts);
  if (found != snapshot.misfits.end()) {
    entry->report.error = std::string(kLeftOut) + found->second;
  } else if (entry->report.error.starts_with(kLeftOut)) {
    entry->report.error.clear();
  }
}

Status SourceRegistry::Publish(const std::string& name, std::shared_ptr<const catalog::CompiledSource> compiled,
                               const std::function<Status()>& before_publishing) {
  MutexLock lock(publish_mutex_);
  CompiledSources next_sources = compiled_;
  std::set<std::string, std::less<>> strict;
  if (compiled) {
    strict.insert(name);
    next_sources[name] = std::move(compiled);
  } else {
    next_sources.erase(name);
  }
  std::shared_ptr<const catalog::Snapshot> next;
  if (!collecting_) {
    auto built = Build(next_sources, std::move(strict));
    if (!built) return InvalidSchema(name, built.error());
    next = std::move(*built);
  }
  if (before_publishing) EIDER_RETURN_IF_ERROR(before_publishing());
  compiled_ = std::move(next_sources);
  if (next) Serve(std::move(next));
  return {};
}

// One schema for all collected sources; when they do not fit together, those that fit the ones before them by name,
// extensions last.
void SourceRegistry::PublishCollected() {
  MutexLock lock(publish_mutex_);
  collecting_ = false;
  std::vector<std::string> order;
  std::vector<std::string> extensions;
  for (const auto& [name, compiled] : compiled_) (compiled->source.IsExtension() ? extensions : order).push_back(name);
  order.insert(order.end(), extensions.begin(), extensions.end());
  auto whole = Build(compiled_, {order.begin(), order.end()});
  if (!whole) {
    const CompiledSources collected = std::exchange(compiled_, {});
    CompiledSources fitting;
    for (const std::string& name : order) {
      fitting[name] = collected.at(name);
      auto partial = Build(fitting, {name});
      if (partial) {
        whole = std::move(partial);
        continue;
      }
      fitting.erase(name);
      const std::shared_ptr<Entry> entry = EntryOf(name);
      MutexLock facts(entry->facts);
      entry->report.has_schema = false;
      entry->model.reset();
      entry->report.error = InvalidSchema(name, partial.error()).message;
    }
    compiled_ = std::move(fitting);
  }
  if (whole) Serve(std::move(*whole));
}

namespace {

// Whether a view of the extension reads `name`.
bool HasViewsOver(const catalog::CompiledSource& extension, std::string_view name) {
  return std::ranges::any_of(extension.declared->types, [&](const catalog::DeclaredType& type) {
    return std::ranges::any_of(type.directives, [&](const catalog::DeclaredDirective& directive) {
      return directive.name() == "dependency" && directive.Text("name") == name;
    });
  });
}

}  // namespace

void SourceRegistry::RefreshDependants(const std::string& name) {
  std::vector<std::string> dependants;
  {
    MutexLock lock(publish_mutex_);
    if (collecting_) return;  // Extensions are loaded last.
    for (const auto& [extension, compiled] : compiled_) {
      if (compiled->source.IsExtension() && HasViewsOver(*compiled, name)) dependants.push_back(extension);
    }
  }
  for (const std::string& extension : dependants) {
    const std::shared_ptr<Entry> entry = FindEntry(extension);
    if (entry == nullptr) continue;
    const Status done = RefreshExtension(*entry, extension);
    if (done) continue;
    MutexLock facts(entry->facts);
    entry->report.error = done.error().message;
  }
}

Status SourceRegistry::RefreshExtension(Entry& entry, const std::string& name) {
  MutexLock loading(entry.loading);
  if (!entry.is_attached()) return {};
  std::vector<catalog::SdlFile> files;
  {
    MutexLock lock(entry.facts);
    if (!entry.model) return {};
    files = entry.model->files;
  }
  EIDER_ASSIGN_OR_RETURN(const auto session, engine::Session::Open(database_, {}));
  EIDER_ASSIGN_OR_RETURN(auto compiled, CompileExtensionAgain(*session, entry.attached, files, options_.compile));
  MutexLock lock(publish_mutex_);
  const auto served = compiled_.find(name);
  if (served == compiled_.end()) return {};
  CompiledSources next = compiled_;
  next[name] = std::move(compiled);
  EIDER_ASSIGN_OR_RETURN(auto snapshot, Build(next, {}));
  compiled_ = std::move(next);
  Serve(std::move(snapshot));
  return {};
}

}  // namespace eider::sources
