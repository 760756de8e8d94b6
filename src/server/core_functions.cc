#include "server/core_functions.h"

#include <fmt/format.h>

#include "base/text.h"
#include "query/cache_reads.h"
#include "server/option_mapping.h"

namespace eider::server {
namespace {

using rapidjson::Value;

std::string TextArgument(const Value& arguments, const char* name) {
  const auto it = arguments.FindMember(name);
  if (it == arguments.MemberEnd() || !it->value.IsString()) return "";
  return {it->value.GetString(), it->value.GetStringLength()};
}

bool FlagArgument(const Value& arguments, const char* name) {
  const auto it = arguments.FindMember(name);
  return it != arguments.MemberEnd() && it->value.IsBool() && it->value.GetBool();
}

std::string Json(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

// A failure of an operation is an answer, not an error.
std::string OperationResult(const Status& done, std::string_view success_message) {
  const std::string message = Json(done ? success_message : std::string_view(done.error().message));
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
      Json(facts.version), Json(facts.build_date), config.cluster_enabled, Json(config.cluster_role),
      Json(config.cluster_enabled ? NodeName(config) : ""), Json(config.db_timezone), config.max_depth,
      config.query_default_limit, Json(DurationText(config.query_timeout)), config.allow_parallel,
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

void RegisterOperations(query::FunctionRegistry& functions, sources::SourceRegistry& sources,
                        cache::ResultCache* cache) {
  using query::RequestContext;
  functions.Register("core.load_data_source",
                     [&sources, cache](const Value& arguments, const RequestContext& context) -> Result<std::string> {
                       const std::string name = TextArgument(arguments, "name");
                       const Status done = sources.Load(name, context.core_changes);
                       ForgetSource(cache, name);
                       return OperationResult(done, "Datasource was loaded");
                     });
  functions.Register("core.unload_data_source",
                     [&sources, cache](const Value& arguments, const RequestContext&) -> Result<std::string> {
                       const std::string name = TextArgument(arguments, "name");
                       const Status done = sources.Unload(name);
                       ForgetSource(cache, name);
                       return OperationResult(done, "Datasource was unloaded");
                     });
  functions.Register(
      "core.checkpoint", [&sources](const Value& arguments, const RequestContext&) -> Result<std::string> {
        return OperationResult(sources.Checkpoint(TextArgument(arguments, "name")), "Datasource was checkpointed");
      });
}

Result<std::string> RegisterStorage(sources::ObjectStorages& storages, sources::ObjectStorage given) {
  std::string note;
  const auto storage = sources::NormalisedStorage(std::move(given), note);
  const std::string done = "Object storage was registered" + (note.empty() ? "" : ": " + note);
  return OperationResult(storage ? storages.Register(*storage) : Status(storage.error()), done);
}

}  // namespace

void RegisterStorageFunctions(query::FunctionRegistry& functions, sources::ObjectStorages& storages) {
  using query::RequestContext;
  functions.Register("core.storage.register_object_storage",
                     [&storages](const Value& arguments, const RequestContext&) -> Result<std::string> {
                       sources::ObjectStorage storage;
                       storage.name = TextArgument(arguments, "name");
                       storage.type = TextArgument(arguments, "type");
                       storage.scope = TextArgument(arguments, "scope");
                       storage.key = TextArgument(arguments, "key");
                       storage.secret = TextArgument(arguments, "secret");
                       storage.region = TextArgument(arguments, "region");
                       storage.endpoint = TextArgument(arguments, "endpoint");
                       storage.url_style = TextArgument(arguments, "url_style");
                       storage.kms_key_id = TextArgument(arguments, "kms_key_id");
                       storage.account_id = TextArgument(arguments, "account_id");
                       storage.use_ssl = FlagArgument(arguments, "use_ssl");
                       storage.url_compatibility = FlagArgument(arguments, "url_compatibility");
                       return RegisterStorage(storages, std::move(storage));
                     });
  functions.Register("core.storage.unregister_storage",
                     [&storages](const Value& arguments, const RequestContext&) -> Result<std::string> {
                       return OperationResult(storages.Unregister(TextArgument(arguments, "name")),
                                              "Object storage was unregistered");
                     });
}

void RegisterCoreFunctions(query::FunctionRegistry& functions, sources::SourceRegistry& sources,
                           const NodeFacts& facts) {
  using query::RequestContext;
  RegisterOperations(functions, sources, facts.cache);
  functions.Register("core.data_source_status",
                     [&sources](const Value& arguments, const RequestContext&) -> Result<std::string> {
                       EIDER_ASSIGN_OR_RETURN(const auto state, sources.State(TextArgument(arguments, "name")));
                       return Json(state == sources::SourceState::kAttached ? "attached" : "detached");
                     });
  functions.Register("core.describe_data_source_schema",
                     [&sources, log = facts.log](const Value& arguments, const RequestContext&) -> Result<std::string> {
                       const std::string name = TextArgument(arguments, "name");
                       EIDER_ASSIGN_OR_RETURN(const std::string sdl,
                                              sources.Describe(name, FlagArgument(arguments, "self")));
                       if (log != nullptr && FlagArgument(arguments, "log")) {
                         log->Info("schema of a data source", {{"source", name}, {"schema", sdl}});
                       }
                       return Json(sdl);
                     });
  functions.Register("core.auth.me", [](const Value&, const RequestContext& context) -> Result<std::string> {
    return IdentityJson(*context.identity);
  });
  functions.Register("core.info", [json = InfoJson(facts)](const Value&, const RequestContext&) -> Result<std::string> {
    return json;
  });
  functions.Register(
      "core.version",
      [json = fmt::format(R"({{"version":{},"build_date":{}}})", Json(facts.version), Json(facts.build_date))](
          const Value&, const RequestContext&) -> Result<std::string> { return json; });
}

}  // namespace eider::server
