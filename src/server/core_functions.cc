#include "server/core_functions.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "query/cache_reads.h"
#include "server/lone_sources.h"
#include "server/option_mapping.h"

namespace eider::server {
namespace {

using rapidjson::Value;

// A failure of an operation is an answer, not an error.
std::string OperationResult(const Status& done, std::string_view success_message) {
  const std::string message = JsonTextOf(done ? success_message : std::string_view(done.error().message));
  return fmt::format(R"({{"success":{},"affected_rows":0,"last_id":null,"message":{}}})", done.ok(), message);
}

std::string DurationText(config::Duration duration) {
  const auto ms = duration.count();
  return ms % 1000 == 0 ? fmt::format("{}s", ms / 1000) : fmt::format("{}ms", ms);
}

std::string InfoJson(const NodeFacts& facts) {
  const config::Config& config = facts.config;
  return fmt::format(
      R"({{"version":{},"build_date":{},"cluster_mode":{},"node_role":{},"node_name":{},"config":{{"timezone":{},)"
      R"("max_depth":{},"query_default_limit":{},"query_timeout":{},"allow_parallel":{},"max_parallel_queries":{}}}}})",
      JsonTextOf(facts.version), JsonTextOf(facts.build_date), config.cluster_enabled, JsonTextOf(config.cluster_role),
      JsonTextOf(config.cluster_enabled ? NodeName(config) : ""), JsonTextOf(config.db_timezone), config.max_depth,
      config.query_default_limit, JsonTextOf(DurationText(config.query_timeout)), config.allow_parallel,
      config.max_parallel_queries);
}

void AppendMember(std::string& json, std::string_view name, const std::string* value) {
  json.append(json.size() > 1 ? ",\"" : "\"").append(name).append("\":");
  if (value == nullptr) {
    json.append("null");
  } else {
    AppendJsonString(json, *value);
  }
}

// Who asks, as `core.auth.me` tells it.
std::string IdentityJson(const auth::Identity& identity) {
  const auth::Identity* by = identity.impersonated_by.get();
  std::string json = "{";
  AppendMember(json, "user_id", &identity.user_id);
  AppendMember(json, "user_name", &identity.user_name);
  AppendMember(json, "role", &identity.role);
  AppendMember(json, "auth_type", &identity.auth_type);
  AppendMember(json, "auth_provider", &identity.auth_provider);
  AppendMember(json, "impersonated_by_user_id", by == nullptr ? nullptr : &by->user_id);
  AppendMember(json, "impersonated_by_user_name", by == nullptr ? nullptr : &by->user_name);
  AppendMember(json, "impersonated_by_user_role", by == nullptr ? nullptr : &by->role);
  return json + "}";
}

// Results read from a source are no longer true once it was loaded again or unloaded.
void ForgetSource(cache::ResultCache* cache, const std::string& name) {
  if (cache != nullptr) cache->Bump({query::SourceTag(name)});
}

void RegisterOperations(query::FunctionRegistry& functions, sources::SourceRegistry& sources, const NodeFacts& facts) {
  using query::RequestContext;
  cache::ResultCache* const cache = facts.cache;
  const auto lone = [slot = facts.lone] { return slot == nullptr ? nullptr : slot->load(); };
  functions.Register(
      "core.load_data_source",
      [&sources, cache, lone](const Value& arguments, const RequestContext& context) -> Result<std::string> {
        const std::string name = TextMember(arguments, "name");
        LoneSources* const keeper = lone();
        const Status done = keeper != nullptr ? keeper->Load(name, context.core_changes, context.at_core_end)
                                              : sources.Load(name, context.core_changes);
        ForgetSource(cache, name);
        return OperationResult(done, "Datasource was loaded");
      });
  functions.Register("core.unload_data_source",
                     [&sources, cache, lone](const Value& arguments, const RequestContext&) -> Result<std::string> {
                       const std::string name = TextMember(arguments, "name");
                       LoneSources* const keeper = lone();
                       const Status done = keeper != nullptr ? keeper->Unload(name) : sources.Unload(name);
                       ForgetSource(cache, name);
                       return OperationResult(done, "Datasource was unloaded");
                     });
  functions.Register(
      "core.checkpoint", [&sources](const Value& arguments, const RequestContext&) -> Result<std::string> {
        return OperationResult(sources.Checkpoint(TextMember(arguments, "name")), "Datasource was checkpointed");
      });
}

Result<std::string> RegisterStorage(sources::ObjectStorages& storages, sources::ObjectStorage given) {
  std::string note;
  const auto storage = sources::NormalisedStorage(std::move(given), note);
  const std::string done = "Object storage was registered" + (note.empty() ? "" : ": " + note);
  return OperationResult(storage ? storages.Register(*storage) : Status(storage.error()), done);
}

}  // namespace

sources::ObjectStorage StorageOf(const rapidjson::Value& arguments) {
  sources::ObjectStorage storage;
  for (const auto& [name, member] :
       {std::pair("type", &storage.type), std::pair("name", &storage.name), std::pair("scope", &storage.scope),
        std::pair("key", &storage.key), std::pair("secret", &storage.secret), std::pair("region", &storage.region),
        std::pair("endpoint", &storage.endpoint), std::pair("url_style", &storage.url_style),
        std::pair("kms_key_id", &storage.kms_key_id), std::pair("account_id", &storage.account_id)}) {
    *member = TextMember(arguments, name);
  }
  storage.use_ssl = FlagMember(arguments, "use_ssl");
  storage.url_compatibility = FlagMember(arguments, "url_compatibility");
  return storage;
}

void RegisterStorageFunctions(query::FunctionRegistry& functions, sources::ObjectStorages& storages) {
  using query::RequestContext;
  functions.Register("core.storage.register_object_storage",
                     [&storages](const Value& arguments, const RequestContext&) -> Result<std::string> {
                       return RegisterStorage(storages, StorageOf(arguments));
                     });
  functions.Register("core.storage.unregister_storage",
                     [&storages](const Value& arguments, const RequestContext&) -> Result<std::string> {
                       return OperationResult(storages.Unregister(TextMember(arguments, "name")),
                                              "Object storage was unregistered");
                     });
}

void RegisterCoreFunctions(query::FunctionRegistry& functions, sources::SourceRegistry& sources,
                           const NodeFacts& facts) {
  using query::RequestContext;
  RegisterOperations(functions, sources, facts);
  functions.Register("core.data_source_status",
                     [&sources](const Value& arguments, const RequestContext&) -> Result<std::string> {
                       EIDER_ASSIGN_OR_RETURN(const auto state, sources.State(TextMember(arguments, "name")));
                       return JsonTextOf(state == sources::SourceState::kAttached ? "attached" : "detached");
                     });
  functions.Register("core.describe_data_source_schema",
                     [&sources, log = facts.log](const Value& arguments, const RequestContext&) -> Result<std::string> {
                       const std::string name = TextMember(arguments, "name");
                       EIDER_ASSIGN_OR_RETURN(const std::string sdl,
                                              sources.Describe(name, FlagMember(arguments, "self")));
                       if (log != nullptr && FlagMember(arguments, "log")) {
                         log->Info("schema of a data source", {{"source", name}, {"schema", sdl}});
                       }
                       return JsonTextOf(sdl);
                     });
  functions.Register("core.auth.me", [](const Value&, const RequestContext& context) -> Result<std::string> {
    return IdentityJson(*context.identity);
  });
  functions.Register("core.info", [json = InfoJson(facts)](const Value&, const RequestContext&) -> Result<std::string> {
    return json;
  });
  functions.Register("core.version",
                     [json = fmt::format(R"({{"version":{},"build_date":{}}})", JsonTextOf(facts.version),
                                         JsonTextOf(facts.build_date))](
                         const Value&, const RequestContext&) -> Result<std::string> { return json; });
}

}  // namespace eider::server
