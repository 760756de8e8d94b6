#include "sources/source_registry.h"

#include <algorithm>

#include "base/text.h"
#include "sources/sdl_printer.h"
#include "sources/source_entry.h"

namespace eider::sources {
namespace {

Error NotFound() { return Error(ErrorCode::kNotFound, "data source not found"); }

bool ByName(const cluster::SourceRecord& a, const cluster::SourceRecord& b) { return a.name < b.name; }

}  // namespace

std::string_view StateText(const SourceReport& report) {
  if (report.has_schema) return report.circuit_open ? "degraded" : "loaded";
  if (!report.error.empty()) return "failed";
  if (report.state == SourceState::kAttached) return "attached";
  return report.disabled ? "disabled" : "detached";
}

SourceRegistry::SourceRegistry(engine::Database& database, engine::SessionPool& sessions, cluster::CoreDatabase* core,
                               SnapshotHolder<catalog::Snapshot>& snapshot, Options options)
    : database_(database),
      sessions_(sessions),
      core_(core),
      snapshot_(snapshot),
      options_(std::move(options)),
      connectors_(options_.http, options_.breaker) {}

SourceRegistry::~SourceRegistry() = default;

Result<cluster::SourceRecord> SourceRegistry::FindRecord(std::string_view name, engine::Session* changing) {
  for (const cluster::SourceRecord& record : options_.declared) {
    if (record.name == name) return record;
  }
  if (core_ == nullptr) return NotFound();
  EIDER_ASSIGN_OR_RETURN(auto record, core_->FindSource(name, changing));
  if (!record) return NotFound();
  return std::move(*record);
}

void SourceRegistry::SetRegistered(std::vector<cluster::SourceRecord> records) {
  MutexLock lock(mutex_);
  registered_ = std::move(records);
}

Result<std::vector<cluster::SourceRecord>> SourceRegistry::RegisteredRecords() {
  {
    MutexLock lock(mutex_);
    if (registered_) return *registered_;
  }
  return core_->ListSources();
}

Result<std::vector<cluster::SourceRecord>> SourceRegistry::AllRecords() {
  std::vector<cluster::SourceRecord> records = options_.declared;
  if (core_ != nullptr) {
    EIDER_ASSIGN_OR_RETURN(auto stored, RegisteredRecords());
    for (cluster::SourceRecord& record : stored) {
      const bool hidden = std::any_of(options_.declared.begin(), options_.declared.end(),
                                      [&](const auto& declared) { return declared.name == record.name; });
      if (!hidden) records.push_back(std::move(record));
    }
  }
  std::sort(records.begin(), records.end(), ByName);
  return records;
}

std::shared_ptr<SourceRegistry::Entry> SourceRegistry::EntryOf(const std::string& name) {
  MutexLock lock(mutex_);
  std::shared_ptr<Entry>& entry = entries_[name];
  if (!entry) entry = std::make_shared<Entry>();
  return entry;
}

std::shared_ptr<SourceRegistry::Entry> SourceRegistry::FindEntry(std::string_view name) {
  MutexLock lock(mutex_);
  const auto it = entries_.find(name);
  return it == entries_.end() ? nullptr : it->second;
}

Status SourceRegistry::Load(std::string_view name, engine::Session* changing) {
  EIDER_ASSIGN_OR_RETURN(const cluster::SourceRecord record, FindRecord(name, changing));
  return LoadRecord(record);
}

Status SourceRegistry::LoadRecord(const cluster::SourceRecord& record) {
  const std::shared_ptr<Entry> entry = EntryOf(record.name);
  Status done = [&] {
    MutexLock loading(entry->loading);
    Status loaded = TakeModel(*entry, record.name);
    if (loaded) loaded = LoadEntry(*entry, record);
    if (loaded) SetAway(*entry, false);
    if (!loaded && !entry->is_attached() && entry->given != nullptr) {
      if (const Status served = ServeAway(*entry, record); !served) loaded = served;
    }
    MutexLock lock(entry->facts);
    entry->report.name = record.name;
    entry->report.type = record.type;
    entry->report.disabled = record.disabled;
    entry->report.error = loaded ? "" : loaded.error().message;
    return loaded;
  }();
  if (done) RefreshDependants(record.name);
  return done;
}

void SourceRegistry::SetModel(const std::string& name, std::string model) {
  MutexLock lock(mutex_);
  if (model.empty()) {
    models_.erase(name);
  } else {
    models_[name] = std::move(model);
  }
}

Status SourceRegistry::TakeModel(Entry& entry, const std::string& name) {
  entry.given.reset();
  std::string json;
  {
    MutexLock lock(mutex_);
    const auto found = models_.find(name);
    if (found == models_.end()) return {};
    json = found->second;
  }
  EIDER_ASSIGN_OR_RETURN(SourceModel model, SourceModelFromJson(json));
  entry.given = std::make_shared<const SourceModel>(std::move(model));
  return {};
}

std::string SourceRegistry::ModelOf(std::string_view name) {
  const std::shared_ptr<Entry> entry = FindEntry(name);
  if (!entry) return {};
  std::shared_ptr<const SourceModel> model;
  {
    MutexLock lock(entry->facts);
    model = entry->model;
  }
  return model ? ToJson(*model) : std::string();
}

bool SourceRegistry::IsAway(std::string_view name) {
  const std::shared_ptr<Entry> entry = FindEntry(name);
  if (!entry) return false;
  MutexLock lock(entry->facts);
  return entry->away;
}

void SourceRegistry::SetAway(Entry& entry, bool away) {
  MutexLock lock(entry.facts);
  if (entry.away != away) away_ += away ? 1 : -1;
  entry.away = away;
}

// The types of a source that cannot be reached stay in the schema.
Status SourceRegistry::ServeAway(Entry& entry, const cluster::SourceRecord& record) {
  EIDER_ASSIGN_OR_RETURN(const Connector* connector, connectors_.Find(record.type));
  if (IsAway(record.name)) return {};
  EIDER_ASSIGN_OR_RETURN(auto compiled, CompileAway(*connector, record, *entry.given, options_.compile));
  EIDER_RETURN_IF_ERROR(Publish(record.name, std::move(compiled), nullptr));
  SetAway(entry, true);
  return {};
}

Status SourceRegistry::Unload(std::string_view name) {
  const std::shared_ptr<Entry> entry = FindEntry(name);
  if (!entry) return Error(ErrorCode::kBadInput, "data source already unloaded");
  MutexLock loading(entry->loading);
  if (!entry->is_attached()) {
    if (!IsAway(name)) return Error(ErrorCode::kBadInput, "data source already unloaded");
    EIDER_RETURN_IF_ERROR(Publish(std::string(name), nullptr, nullptr));
    SetAway(*entry, false);
    return {};
  }
  EIDER_RETURN_IF_ERROR(Publish(std::string(name), nullptr, nullptr));
  EIDER_ASSIGN_OR_RETURN(const auto session, engine::Session::Open(database_, {}));
  auto detached = session->Run("DETACH " + QuoteIdentifier(name));
  if (!detached) return std::move(detached).error();
  entry->SetDetached();
  sessions_.Clear();
  return {};
}

Result<SourceState> SourceRegistry::State(std::string_view name) {
  if (const std::shared_ptr<Entry> entry = FindEntry(name)) {
    MutexLock lock(entry->facts);
    if (entry->report.state == SourceState::kAttached) return SourceState::kAttached;
  }
  EIDER_ASSIGN_OR_RETURN(const cluster::SourceRecord record, FindRecord(name));
  return SourceState::kDetached;
}

Result<std::string> SourceRegistry::Describe(std::string_view name, bool introspected_only) {
  const std::shared_ptr<Entry> entry = FindEntry(name);
  if (!entry) {
    EIDER_ASSIGN_OR_RETURN(const cluster::SourceRecord record, FindRecord(name));
    return Error(ErrorCode::kBadInput, "data source is not loaded");
  }
  MutexLock lock(entry->facts);
  if (!entry->model) return Error(ErrorCode::kBadInput, "data source is not loaded");
  std::vector<catalog::SdlFile> files = entry->model->introspected;
  if (!introspected_only) files.insert(files.end(), entry->model->files.begin(), entry->model->files.end());
  return PrintDeclaredSdl(files);
}

Status SourceRegistry::Checkpoint(std::string_view name) {
  std::vector<std::string> targets;
  if (!name.empty()) {
    EIDER_ASSIGN_OR_RETURN(const SourceState state, State(name));
    if (state == SourceState::kDetached) return Error(ErrorCode::kBadInput, "data source is not attached");
    // A database of its own writes its journal itself.
    if (NativeSessions(name) != nullptr) return {};
    targets.emplace_back(name);
  } else {
    if (core_ != nullptr) targets.emplace_back(cluster::kCoreCatalog);
    MutexLock lock(mutex_);
    for (const auto& [key, entry] : entries_) {
      MutexLock facts(entry->facts);
      const bool has_journal =
          entry->report.state == SourceState::kAttached && !entry->report.read_only && entry->native == nullptr;
      if (has_journal) targets.push_back(key);
    }
  }
  EIDER_ASSIGN_OR_RETURN(const auto session, engine::Session::Open(database_, {}));
  for (const std::string& target : targets) {
    if (auto done = session->Run("CHECKPOINT " + QuoteIdentifier(target)); !done) return std::move(done).error();
  }
  return {};
}

std::vector<SourceReport> SourceRegistry::Reports() {
  std::vector<SourceReport> reports;
  MutexLock lock(mutex_);
  for (const auto& [name, entry] : entries_) {
    MutexLock facts(entry->facts);
    SourceReport& report = reports.emplace_back(entry->report);
    if (entry->native == nullptr || entry->native->breaker == nullptr) continue;
    report.is_native = true;
    report.circuit_open = entry->native->breaker->reason();
    if (entry->native->sessions != nullptr) report.open_sessions = entry->native->sessions->open_sessions();
  }
  return reports;
}

std::vector<std::pair<std::string, std::shared_ptr<const NativeSource>>> SourceRegistry::WithBreakers() {
  std::vector<std::pair<std::string, std::shared_ptr<const NativeSource>>> found;
  MutexLock lock(mutex_);
  for (const auto& [name, entry] : entries_) {
    auto native = entry->Native();
    if (native != nullptr && native->breaker != nullptr) found.emplace_back(name, std::move(native));
  }
  return found;
}

std::shared_ptr<engine::SessionPool> SourceRegistry::NativeSessions(std::string_view name) {
  const std::shared_ptr<Entry> entry = FindEntry(name);
  if (!entry) return nullptr;
  const auto native = entry->Native();
  return native == nullptr ? nullptr : native->sessions;
}

void SourceRegistry::ForgetFailures(std::string_view name) {
  const std::shared_ptr<Entry> entry = FindEntry(name);
  const auto native = entry ? entry->Native() : nullptr;
  if (native != nullptr && native->breaker != nullptr) native->breaker->Reset();
}

void SourceRegistry::AskPulse(std::string_view name, bool urgent) {
  const std::shared_ptr<Entry> entry = FindEntry(name);
  const auto native = entry ? entry->Native() : nullptr;
  if (native != nullptr && native->pulse != nullptr) native->pulse->Ask(urgent);
}

Status SourceRegistry::CheckPulse(std::string_view name) {
  const std::shared_ptr<Entry> entry = FindEntry(name);
  const auto native = entry ? entry->Native() : nullptr;
  if (native == nullptr) return {};
  if (native->breaker != nullptr) EIDER_RETURN_IF_ERROR(native->breaker->CheckOthers());
  if (native->pulse == nullptr) return {};
  Status status = native->pulse->Check();
  if (status) return status;
  return Error(status.error().code, "data source \"" + std::string(name) + "\": " + status.error().message);
}

bool SourceRegistry::IsCalledByEngine(std::string_view name) {
  const std::shared_ptr<Entry> entry = FindEntry(name);
  const auto native = entry ? entry->Native() : nullptr;
  return native != nullptr && native->engine_connects != nullptr;
}

Result<std::optional<EngineCall>> SourceRegistry::BeginCall(std::string_view name) {
  const std::shared_ptr<Entry> entry = FindEntry(name);
  auto native = entry ? entry->Native() : nullptr;
  if (native == nullptr || native->engine_connects == nullptr) return std::nullopt;
  EIDER_ASSIGN_OR_RETURN(auto attempt, native->breaker->Admit());
  return std::optional(EngineCall{std::move(native), std::move(attempt)});
}

Result<std::shared_ptr<HttpService>> SourceRegistry::Http(std::string_view name) {
  const std::shared_ptr<Entry> entry = FindEntry(name);
  if (!entry) return Error(ErrorCode::kNotFound, "data source not found: " + std::string(name));
  const auto native = entry->Native();
  if (native != nullptr && native->http != nullptr) return native->http;
  return Error(ErrorCode::kBadInput, "data source is no attached HTTP source: " + std::string(name));
}

}  // namespace eider::sources
