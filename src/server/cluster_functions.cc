#include "server/cluster_functions.h"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "engine/text_function.h"
#include "server/core_functions.h"

namespace eider::server {
namespace {

using query::RequestContext;
using rapidjson::Value;

// An empty text counts as none.
std::optional<std::string> GivenText(const Value& arguments, const char* name) {
  std::string text = TextMember(arguments, name);
  if (text.empty()) return std::nullopt;
  return text;
}

std::string JsonOrNull(const std::string& text) { return text.empty() ? "null" : JsonTextOf(text); }

OperationOutcome NotYet() { return {false, "cluster not initialized"}; }

Error NotYetError() { return Error(ErrorCode::kSchemaNotReady, "cluster not initialized"); }

// Whether another node speaks, for itself.
bool IsNodeItself(const RequestContext& context) {
  constexpr std::string_view kNode = "node:";
  const auth::Identity& who = *context.identity;
  return context.of_node && who.auth_provider == "cluster-internal" && who.auth_type == "cluster" &&
         who.principal.starts_with(kNode) && who.principal.size() > kNode.size();
}

Error NodesOnly() { return Error(ErrorCode::kForbidden, "only nodes of the cluster are answered here"); }

// Calls that nodes make of each other; `work` does what is asked, and its failure is this node's answer.
void RegisterHandler(query::FunctionRegistry& functions, const ClusterSlot& slot, const std::string& name,
                     std::string_view message, std::function<Status(ClusterNode&, const Value&)> work) {
  functions.RegisterWaiting("core.cluster." + name,
                            [&slot, message, work = std::move(work)](
                                const Value& arguments, const RequestContext& context) -> Result<std::string> {
                              if (context.identity->auth_provider != "cluster-internal") {
                                return ToJson({false, "cluster secret required"});
                              }
                              ClusterNode* const node = slot.load();
                              if (node == nullptr) return ToJson(NotYet());
                              if (node->lease().is_held()) return ToJson({true, "skipped (management)"});
                              if (const Status done = work(*node, arguments); !done)
                                return ToJson({false, done.error().message});
                              return ToJson({true, std::string(message)});
                            });
}

// Calls of a core database that lies in the management node's memory, in both directions. Only a node that speaks for
// itself is answered: who calls can read and write all that the nodes share.
void RegisterStoreHandler(query::FunctionRegistry& functions, const ClusterSlot& slot, const std::string& name,
                          const char* argument, std::function<Result<std::string>(ClusterNode&, const Value&)> work) {
  functions.RegisterWaiting("core.cluster." + name,
                            [&slot, argument, work = std::move(work)](
                                const Value& arguments, const RequestContext& context) -> Result<std::string> {
                              if (!IsNodeItself(context)) return NodesOnly();
                              ClusterNode* const node = slot.load();
                              if (node == nullptr) return NotYetError();
                              const Value* given = FindMember(arguments, argument);
                              return work(*node, given == nullptr ? arguments : *given);
                            });
}

void RegisterStoreHandlers(query::FunctionRegistry& functions, const ClusterSlot& slot) {
  RegisterStoreHandler(functions, slot, "handle_core_call", "call",
                       [](ClusterNode& node, const Value& call) { return node.AnswerStoreCall(call); });
  RegisterStoreHandler(functions, slot, "handle_core_news", "news",
                       [](ClusterNode& node, const Value& json) -> Result<std::string> {
                         EIDER_ASSIGN_OR_RETURN(auto news, cluster::StoreNewsFromJson(json));
                         node.Hear(std::move(news));
                         return std::string("true");
                       });
}

// Whom it concerns is told by the node that asks, which has let that one in.
void RegisterQueriesHandler(query::FunctionRegistry& functions, const ClusterSlot& slot) {
  functions.Register("core.cluster.handle_queries",
                     [&slot](const Value& arguments, const RequestContext& context) -> Result<std::string> {
                       if (!IsNodeItself(context)) return NodesOnly();
                       ClusterNode* const node = slot.load();
                       if (node == nullptr) return NotYetError();
                       const Value* const call = FindMember(arguments, "call");
                       if (call == nullptr) return Error(ErrorCode::kBadInput, "the call is missing");
                       return AnswerQueriesCall(node->data().live(), *call, node->name(),
                                                std::string(context.request_id));
                     });
}

void RegisterHandlers(query::FunctionRegistry& functions, const ClusterSlot& slot) {
  const auto look = [](ClusterNode& node, const Value&) -> Status {
    node.LookAtSources();
    return {};
  };
  RegisterHandler(functions, slot, "handle_source_load", "source loaded", look);
  RegisterHandler(functions, slot, "handle_source_unload", "source unloaded", look);
  RegisterHandler(functions, slot, "handle_permission_sync", "permissions synced", look);
  RegisterHandler(functions, slot, "handle_cache_invalidate", "cache invalidated",
                  [](ClusterNode& node, const Value& arguments) -> Status {
                    node.data().ForgetEverything(GivenText(arguments, "catalog"));
                    return {};
                  });
  RegisterHandler(functions, slot, "handle_breaker_reset", "breaker reset",
                  [](ClusterNode& node, const Value& arguments) -> Status {
                    node.TryAgain(TextMember(arguments, "source"));
                    return {};
                  });
  RegisterHandler(functions, slot, "handle_secret_sync", "secrets synced",
                  [](ClusterNode& node, const Value&) { return node.data().SyncStorages(); });
}

using Arguments = std::vector<OperationArgument>;

// A storage as arguments for the leader; `is_full` = with what the module core.storage alone knows.
Arguments StorageArguments(const sources::ObjectStorage& storage, bool is_full) {
  const auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
  Arguments out = {{"type", "String!", JsonTextOf(storage.type)},
                   {"name", "String!", JsonTextOf(storage.name)},
                   {"scope", "String!", JsonTextOf(storage.scope)},
                   {"key", "String!", JsonTextOf(storage.key)},
                   {"secret", "String!", JsonTextOf(storage.secret)},
                   {"region", "String", JsonTextOf(storage.region)},
                   {"endpoint", is_full ? "String!" : "String", JsonTextOf(storage.endpoint)},
                   {"url_style", "String!", JsonTextOf(storage.url_style)},
                   {"use_ssl", "Boolean!", flag(storage.use_ssl)}};
  if (!is_full) return out;
  out.push_back({"url_compatibility", "Boolean", flag(storage.url_compatibility)});
  out.push_back({"kms_key_id", "String", JsonTextOf(storage.kms_key_id)});
  out.push_back({"account_id", "String", JsonTextOf(storage.account_id)});
  return out;
}

// An operation of all nodes as a mutation; `message` takes the place of the one of a success.
using Operation = std::function<OperationOutcome(ClusterOperations&, const Value&, const OperationCaller&)>;
void RegisterOperation(query::FunctionRegistry& functions, const ClusterSlot& slot, const std::string& name,
                       Operation run, std::string message = "") {
  functions.RegisterWaiting(
      name,
      [&slot, name, run = std::move(run), message = std::move(message)](
          const Value& arguments, const RequestContext& context) -> Result<std::string> {
        ClusterNode* const node = slot.load();
        if (node == nullptr) return ToJson(NotYet());
        const OperationCaller caller{*context.identity, context.idempotency_key, context.client_ip, context.request_id,
                                     context.least_schema};
        const observe::TraceScope trace(context.trace);
        const auto act = [&] {
          const auto once = [&] { return run(node->operations(), arguments, caller); };
          // Who only sends it on forgets it: the next try may reach a leader.
          return node->lease().is_held() ? node->operations().Once(name + JsonTextOf(arguments), caller, once) : once();
        };
        // Another node that sent it here tries again itself.
        OperationOutcome outcome = context.of_node ? act() : node->operations().Led(context.stop, act);
        if (outcome.success && !message.empty()) outcome = {true, message, 0, 0, std::move(outcome.nodes)};
        return ToJson(outcome);
      });
}

// Both modules that name storages; their mutations are the same operation.
void RegisterStorageOperations(query::FunctionRegistry& functions, const ClusterSlot& slot, const std::string& module,
                               const std::string& name, bool is_full) {
  RegisterOperation(
      functions, slot, "core." + module + "." + name,
      [module, name, is_full](ClusterOperations& operations, const Value& arguments, const OperationCaller& caller) {
        const sources::ObjectStorage storage = StorageOf(arguments);
        return operations.RegisterStorage(storage, {module, name, StorageArguments(storage, is_full)}, caller);
      },
      is_full ? "Object storage was registered" : "");
  RegisterOperation(
      functions, slot, "core." + module + ".unregister_storage",
      [module](ClusterOperations& operations, const Value& arguments, const OperationCaller& caller) {
        const std::string storage = TextMember(arguments, "name");
        return operations.UnregisterStorage(
            storage, {module, "unregister_storage", {{"name", "String!", JsonTextOf(storage)}}}, caller);
      },
      is_full ? "Object storage was unregistered" : "");
}

void RegisterOperations(query::FunctionRegistry& functions, const ClusterSlot& slot) {
  const auto add = [&](const std::string& name, Operation run) {
    RegisterOperation(functions, slot, "core.cluster." + name, std::move(run));
  };
  for (const auto& [name, operation] :
       {std::pair("load_source", SourceOperation::kLoad), std::pair("unload_source", SourceOperation::kUnload),
        std::pair("reload_source", SourceOperation::kReload)}) {
    add(name, [operation](ClusterOperations& operations, const Value& arguments, const OperationCaller& caller) {
      return operations.Run(operation, TextMember(arguments, "name"), caller);
    });
  }
  add("set_leader", [](ClusterOperations& operations, const Value& arguments, const OperationCaller& caller) {
    return operations.SetLeader(TextMember(arguments, "node"), caller);
  });
  add("remove_node", [](ClusterOperations& operations, const Value& arguments, const OperationCaller& caller) {
    return operations.RemoveNode(TextMember(arguments, "name"), caller);
  });
  add("invalidate_cache", [](ClusterOperations& operations, const Value& arguments, const OperationCaller& caller) {
    return operations.InvalidateCache(GivenText(arguments, "catalog"), caller);
  });
  add("set_auth_config", [](ClusterOperations& operations, const Value& arguments, const OperationCaller& caller) {
    const Value* config = FindMember(arguments, "config");
    return operations.SetAuthConfig(config == nullptr ? "" : PlainTextOf(*config), caller);
  });
  add("reset_breaker", [](ClusterOperations& operations, const Value& arguments, const OperationCaller& caller) {
    return operations.ResetBreaker(TextMember(arguments, "source"), caller);
  });
  for (const bool drained : {true, false}) {
    add(drained ? "drain_node" : "undrain_node",
        [drained](ClusterOperations& operations, const Value& arguments, const OperationCaller& caller) {
          return operations.SetDrained(TextMember(arguments, "name"), drained, caller);
        });
  }
}

void RegisterFacts(query::FunctionRegistry& functions, const ClusterSlot& slot) {
  const auto fact = [&](const std::string& name, std::function<std::string(ClusterNode&)> tell) {
    functions.Register("core.cluster." + name,
                       [&slot, tell = std::move(tell)](const Value&, const RequestContext&) -> Result<std::string> {
                         ClusterNode* const node = slot.load();
                         if (node == nullptr) return NotYetError();
                         return tell(*node);
                       });
  };
  fact("schema_version", [](ClusterNode& node) { return std::to_string(node.schema_version()); });
  fact("my_role", [](ClusterNode& node) { return JsonTextOf(node.role()); });
  fact("my_name", [](ClusterNode& node) { return JsonTextOf(node.name()); });
  fact("is_leader", [](ClusterNode& node) { return std::string(node.lease().is_held() ? "true" : "false"); });
  fact("leader", [](ClusterNode& node) {
    const auto view = node.lease().view();
    return view.expired ? "null" : JsonOrNull(view.node);
  });
  fact("management_url", [](ClusterNode& node) {
    const auto view = node.lease().view();
    return view.expired ? "null" : JsonOrNull(view.url);
  });
}

void RegisterAuthConfig(query::FunctionRegistry& functions, const ClusterSlot& slot) {
  functions.RegisterWaiting("core.cluster.auth_config",
                            [&slot](const Value&, const RequestContext&) -> Result<std::string> {
                              ClusterNode* const node = slot.load();
                              if (node == nullptr) return NotYetError();
                              return node->shared_auth().Show();
                            });
}

}  // namespace

void RegisterClusterFunctions(query::FunctionRegistry& functions, const ClusterSlot& slot) {
  RegisterFacts(functions, slot);
  RegisterAuthConfig(functions, slot);
  RegisterOperations(functions, slot);
  RegisterHandlers(functions, slot);
  RegisterStoreHandlers(functions, slot);
  RegisterQueriesHandler(functions, slot);
  RegisterStorageOperations(functions, slot, "cluster", "register_storage", false);
}

void RegisterClusterLoading(query::FunctionRegistry& functions, const ClusterSlot& slot) {
  const auto add = [&](const std::string& name, SourceOperation operation, std::string message) {
    RegisterOperation(
        functions, slot, name,
        [operation](ClusterOperations& operations, const Value& arguments, const OperationCaller& caller) {
          return operations.Run(operation, TextMember(arguments, "name"), caller);
        },
        std::move(message));
  };
  add("core.load_data_source", SourceOperation::kLoad, "Datasource was loaded");
  add("core.unload_data_source", SourceOperation::kUnload, "Datasource was unloaded");
  RegisterStorageOperations(functions, slot, "storage", "register_object_storage", true);
}

Status AddClusterTables(engine::Database& database, const ClusterSlot& slot) {
  return database.AddTextFunction(
      {"eider_cluster_rows", 1, true,
       [&slot](std::span<const engine::TextFunction::Argument> arguments) -> Result<std::optional<std::string>> {
         ClusterNode* const node = slot.load();
         if (node == nullptr) return std::optional<std::string>("[]");
         EIDER_ASSIGN_OR_RETURN(std::string rows, node->Rows(arguments[0].value_or("")));
         return std::optional<std::string>(std::move(rows));
       }});
}

}  // namespace eider::server
