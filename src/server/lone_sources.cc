#include "server/lone_sources.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "cluster/core_snapshot.h"
#include "cluster/memory_core_store.h"
#include "server/option_mapping.h"

namespace eider::server {
namespace {

constexpr std::chrono::seconds kOwnTurn{30};
constexpr std::chrono::seconds kOwnLook{300};

ReconcilerOptions LoneOptions(DataNode& data, const config::Config& config, observe::Log& log) {
  ReconcilerOptions options;
  options.node = NodeName(config);
  options.retry_min = config.source_retry_min;
  options.retry_max = config.source_retry_max;
  options.look_every = kOwnLook;
  options.warn = [&log](std::string_view source, std::string_view reason) {
    log.Error("source was not loaded", {{"source", source}, {"reason", reason}});
  };
  options.changed = [&data](const std::string& source) { data.ForgetResults(source); };
  return options;
}

}  // namespace

LoneSources::LoneSources(DataNode& data, const config::Config& config, std::unique_ptr<cluster::CoreStore> store,
                         observe::Log& log)
    : data_(data),
      node_(NodeName(config)),
      log_(log),
      store_(std::move(store)),
      desired_(*store_, data.secrets().cipher()),
      reconciler_(desired_, data.sources(), LoneOptions(data, config, log)) {
  for (const cluster::SourceRecord& record : DeclaredSources(config)) declared_.insert(record.name);
}

Result<std::unique_ptr<LoneSources>> LoneSources::Open(DataNode& data, const config::Config& config,
                                                       observe::Log& log) {
  EIDER_ASSIGN_OR_RETURN(auto store, cluster::EngineCoreStore::OpenIn(data.database()));
  std::unique_ptr<LoneSources> lone(new LoneSources(data, config, std::move(store), log));
  EIDER_RETURN_IF_ERROR(lone->Prepare());
  return lone;
}

Result<bool> LoneSources::IsLoadedAtStart(cluster::DesiredSource& wanted, const cluster::SourceRecord* registered) {
  // Of what is gone, or not to be loaded, nothing is remembered: a later registration is a new one.
  const bool is_over = registered == nullptr ? !wanted.is_loaded : registered->disabled;
  if (is_over || IsDeclared(wanted.name)) {
    EIDER_RETURN_IF_ERROR(desired_.Forget(wanted.name));
    return false;
  }
  if (!wanted.is_loaded) return true;
  // What never could be loaded is what it is registered as.
  if (registered == nullptr || !wanted.model_hash.empty() || wanted.record == *registered) return true;
  EIDER_ASSIGN_OR_RETURN(wanted.generation, desired_.Put(*registered, true, std::nullopt, node_, ""));
  wanted.record = *registered;
  return true;
}

Status LoneSources::Prepare() {
  EIDER_ASSIGN_OR_RETURN(std::vector<cluster::SourceRecord> registered, data_.core()->ListSources());
  EIDER_ASSIGN_OR_RETURN(std::vector<cluster::DesiredSource> wanted, desired_.List());
  cluster::CoreSnapshot known;
  std::set<std::string> seen;
  for (cluster::DesiredSource& source : wanted) {
    seen.insert(source.name);
    const auto record = std::ranges::find(registered, source.name, &cluster::SourceRecord::name);
    EIDER_ASSIGN_OR_RETURN(const bool is_kept,
                           IsLoadedAtStart(source, record == registered.end() ? nullptr : &*record));
    if (is_kept) known.sources.push_back({std::move(source), ""});
  }
  for (const cluster::SourceRecord& record : registered) {
    if (record.disabled || seen.contains(record.name) || IsDeclared(record.name)) continue;
    cluster::CoreSnapshot::Source& fresh = known.sources.emplace_back();
    EIDER_ASSIGN_OR_RETURN(fresh.wanted.generation, desired_.Put(record, true, std::nullopt, node_, ""));
    fresh.wanted.name = record.name;
    fresh.wanted.is_loaded = true;
    fresh.wanted.record = record;
  }
  EIDER_ASSIGN_OR_RETURN(std::vector<cluster::SourceRecord> records, reconciler_.AtStart(known));
  // Those are listed as such.
  for (cluster::SourceRecord& record : registered) {
    if (record.disabled) records.push_back(std::move(record));
  }
  data_.sources().SetRegistered(std::move(records));
  return {};
}

void LoneSources::Begin() {
  // What they were compiled to serves while they are away.
  if (const auto wanted = desired_.List()) {
    for (const cluster::DesiredSource& source : *wanted) {
      const std::string model = source.is_loaded ? data_.sources().ModelOf(source.name) : "";
      if (!model.empty()) (void)desired_.KeepModel(source, model);
    }
  }
  reconciler_.Begin();
}

Status LoneSources::LoadHere(const cluster::SourceRecord& record) {
  // What the source has now, and not what it had.
  data_.sources().SetModel(record.name, "");
  EIDER_RETURN_IF_ERROR(data_.sources().Load(record));
  return {};
}

std::int64_t LoneSources::NextNumber(const std::string& name) {
  MutexLock lock(mutex_);
  return ++numbers_[name];
}

Status LoneSources::Load(const std::string& name, engine::Session* changing, const AtEnd& at_end) {
  if (IsDeclared(name)) return data_.sources().Load(name, changing);
  EIDER_ASSIGN_OR_RETURN(const auto record, data_.core()->FindSource(name, changing));
  if (!record) return Error(ErrorCode::kNotFound, "data source not found");
  if (record->disabled) return Error(ErrorCode::kConstraint, "data source \"" + name + "\" is disabled");
  EIDER_ASSIGN_OR_RETURN(auto hold, reconciler_.Take(name, Deadline::After(kOwnTurn)));
  EIDER_RETURN_IF_ERROR(LoadHere(*record));
  const std::int64_t number = NextNumber(name);
  const std::string model = data_.sources().ModelOf(name);
  if (changing == nullptr) return Remember(hold, *record, model);
  EIDER_ASSIGN_OR_RETURN(const auto wanted, desired_.List(name));
  // What was remembered before holds until then, and nobody goes back to it meanwhile.
  hold.Has(wanted.empty() ? 0 : wanted.front().generation);
  at_end([this, record = *record, model, number](bool committed) {
    const Status done = committed ? RememberLater(record, model, number) : Status();
    if (done) return;
    log_.Error("a loaded source is not remembered: load it again",
               {{"source", record.name}, {"reason", done.error().message}});
  });
  return {};
}

Status LoneSources::RememberLater(const cluster::SourceRecord& record, const std::string& model, std::int64_t number) {
  EIDER_ASSIGN_OR_RETURN(auto hold, reconciler_.Take(record.name, Deadline::After(kOwnTurn)));
  {
    MutexLock lock(mutex_);
    if (numbers_[record.name] != number) return {};
  }
  return Remember(hold, record, model);
}

Status LoneSources::Remember(SourceReconciler::Hold& hold, const cluster::SourceRecord& record,
                             const std::string& model) {
  EIDER_ASSIGN_OR_RETURN(const auto wanted, desired_.List(record.name));
  if (!wanted.empty() && wanted.front().IsLoadedAs(record, model)) {
    hold.Has(wanted.front().generation);
    return {};
  }
  const auto begun = desired_.Put(record, true, std::nullopt, node_, model);
  // Without it the node goes back to what it remembers.
  hold.Has(begun ? *begun : 0);
  return begun ? Status() : Status(begun.error());
}

Status LoneSources::Unload(const std::string& name) {
  if (IsDeclared(name)) return data_.sources().Unload(name);
  EIDER_ASSIGN_OR_RETURN(auto hold, reconciler_.Take(name, Deadline::After(kOwnTurn)));
  EIDER_ASSIGN_OR_RETURN(const auto wanted, desired_.List(name));
  NextNumber(name);
  Status done = data_.sources().Unload(name);
  // One that cannot be reached is tried again until then.
  if (wanted.empty() || !wanted.front().is_loaded) return done;
  const auto begun = desired_.Put(wanted.front().record, false, std::nullopt, node_, "");
  hold.Has(begun ? *begun : 0);
  return begun ? Status() : Status(begun.error());
}

}  // namespace eider::server
