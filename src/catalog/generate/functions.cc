#include <algorithm>

#include "base/check.h"
#include "catalog/generate/roots.h"
#include "graphql/parser.h"

namespace eider::catalog {
namespace {

using graphql::FieldSpec;
using graphql::InputValueSpec;
using graphql::TypeRef;

constexpr std::string_view kModule = "core";

constexpr std::string_view kResults = R"(
"What this node is."
type core_info { version: String! build_date: String! cluster_mode: Boolean! node_role: String! node_name: String!
  config: core_config }
"A query that runs or waits."
type core_running_query { id: String! node: String! user_id: String user_name: String role: String protocol: String
  state: String started_at: String elapsed_ms: BigInt queue_ms: BigInt rows: BigInt bytes: BigInt memory_bytes: BigInt
  sources: [String!] operation_name: String text: String }
type core_version { version: String! build_date: String! }
"Settings that clients may want to know."
type core_config { timezone: String max_depth: Int query_default_limit: Int query_timeout: String
  allow_parallel: Boolean max_parallel_queries: Int }
"Who makes the request, and who acts as that one."
type core_auth_me { user_id: String! user_name: String! role: String! auth_type: String! auth_provider: String!
  impersonated_by_user_id: String impersonated_by_user_name: String impersonated_by_user_role: String }
)";

constexpr std::string_view kAccessResults = R"(
"A row of role_permissions."
type core_auth_permission { object: String! field: String! hidden: Boolean! disabled: Boolean! filter: JSON data: JSON }
"What is said about the role of a request."
type core_auth_permissions { role_name: String! disabled: Boolean! permissions: [core_auth_permission!]! }
type core_auth_access { field: String! enabled: Boolean! visible: Boolean! }
type core_auth_access_info { enabled: Boolean! visible: Boolean! filter: JSON data: JSON }
"A row of role_permissions that does not do what it says."
type core_auth_permission_warning { role: String! type_name: String! field_name: String! message: String! }
)";

// Adds functions of module core, or of one below, to one scope.
class FunctionAdder {
 public:
  FunctionAdder(Generation& generation, ModuleTree& modules, Scope scope, std::string_view module = kModule)
      : generation_(generation),
        modules_(modules),
        scope_(scope),
        module_(module) {}

  void Add(std::string_view name, TypeRef type, std::initializer_list<InputValueSpec> arguments,
           std::string_view description) {
    const FieldKind kind = scope_ == Scope::kFunction ? FieldKind::kFunction : FieldKind::kMutationFunction;
    const std::string path = std::string(module_) + "." + std::string(name);
    modules_.AddField(scope_, module_,
                      FieldSpec{.name = name,
                                .type = type,
                                .arguments = generation_.builder.Arguments(arguments),
                                .description = description,
                                .annotation = generation_.bindings->ForFunction(kind, path),
                                .hugr_type = "function",
                                .catalog = kModule});
  }

 private:
  Generation& generation_;
  ModuleTree& modules_;
  Scope scope_;
  std::string_view module_;
};

void AddGisFunctions(Generation& generation, ModuleTree& modules) {
  const TypeRef flag = generation.system.boolean;
  const TypeRef geometry = generation.system.Of(ScalarKind::kGeometry).scalar;
  const TypeRef cell = generation.builder.Ref("H3Cell");
  FunctionAdder gis(generation, modules, Scope::kFunction, "core.gis");
  gis.Add("geom_to_h3_cells", cell.NonNull().List(),
          {{"geom", geometry.NonNull(), "A geometry in degrees."},
           {"resolution", generation.system.integer, "From 0 to 15.", "8"},
           {"simplify", flag, "Leaves out positions that matter less than a hundredth of a cell.", "true"},
           {"compact", flag, "Puts parents in the place of complete sets of children.", "false"}},
          "The H3 cells that a geometry covers.");
  gis.Add("h3_cell_to_geom", geometry, {{"cell", cell.NonNull(), "The cell."}}, "The outline of an H3 cell.");
  gis.Add("h3_cells_to_multi_polygon", geometry,
          {{"cells", cell.NonNull().List().NonNull(), "The cells."},
           {"compact", flag, "Outlines parents of complete sets of children instead.", "false"}},
          "The outlines of sets of neighbouring H3 cells.");
}

void AddHttpFunctions(Generation& generation, FunctionAdder& queries) {
  const TypeRef text = generation.system.string;
  const TypeRef json = generation.system.Of(ScalarKind::kJson).scalar;
  const std::initializer_list<InputValueSpec> arguments = {
      {"source", text.NonNull(), "An HTTP data source."},
      {"path", text.NonNull(), "Below its base URL."},
      {"method", text, "GET, HEAD, POST, PUT, PATCH or DELETE.", "\"GET\""},
      {"headers", json, "An object."},
      {"parameters", json, "An object, of the query string."},
      {"body", json, "What is sent, unless by GET."},
      {"jq", text, "A program that the answer passes through.", "\"\""}};
  queries.Add("http_data_source_request_scalar", json, arguments, "The JSON answer to one request.");
  queries.Add("http_data_source_request", json.List(), arguments,
              "The same as rows: the items of a list, or one row of anything else.");
}

// The functions of `core.cluster` come with the table of its events, which only nodes of a cluster have.
bool IsInCluster(const Generation& generation) {
  return std::ranges::any_of(generation.objects, [](const auto& entry) { return entry.first->name == "core_events"; });
}

// Operations on all nodes beside those of sources.
void AddSharedOperations(Generation& generation, FunctionAdder& mutations) {
  const TypeRef text = generation.system.string;
  const TypeRef flag = generation.system.boolean;
  const TypeRef outcome = generation.system.operation_result;
  mutations.Add("register_storage", outcome,
                {{"type", text.NonNull(), "s3, r2, gcs or azure."},
                 {"name", text.NonNull(), "Its name; one of the same name is replaced."},
                 {"scope", text.NonNull(), "A bucket, or the prefix of the URLs it is for; empty = all."},
                 {"key", text.NonNull(), "The key's id; of azure the account's name."},
                 {"secret", text.NonNull(), "The key; never shown again."},
                 {"region", text, "The region."},
                 {"endpoint", text, "Host and port; empty = the provider's."},
                 {"use_ssl", flag.NonNull(), "Whether to use HTTPS.", "true"},
                 {"url_style", text.NonNull(), "path or vhost; empty = the provider's."}},
                "Makes an object storage usable on every node, now and after a restart.");
  mutations.Add("unregister_storage", outcome, {{"name", text.NonNull(), "Its name."}},
                "Forgets an object storage on every node.");
  mutations.Add("invalidate_cache", outcome, {{"catalog", text, "A data source; none = everything."}},
                "Drops kept results and plans on every node.");
  mutations.Add("set_auth_config", outcome,
                {{"config", generation.builder.Ref("JSON").NonNull(),
                  "Of the form of an auth file; *** keeps a secret that is stored."}},
                "Stores who may come in for every node, below what its environment and auth file say.");
  mutations.Add("drain_node", outcome, {{"name", text.NonNull(), "A node."}},
                "Takes a node out of service, also after its restart, until it is undrained.");
  mutations.Add("undrain_node", outcome, {{"name", text.NonNull(), "A node."}}, "Puts it into service again.");
  mutations.Add("reset_breaker", outcome, {{"source", text.NonNull(), "A data source."}},
                "Lets every node try a source at once that it could not reach.");
  mutations.Add("handle_breaker_reset", outcome, {{"source", text.NonNull(), "A data source."}},
                "For other nodes: a source may be tried again.");
  mutations.Add("handle_cache_invalidate", outcome, {{"catalog", text, "A data source; none = everything."}},
                "For other nodes: kept results are no longer true.");
  mutations.Add("handle_secret_sync", outcome, {}, "For other nodes: object storages have changed.");
}

void AddClusterFunctions(Generation& generation, ModuleTree& modules) {
  constexpr std::string_view kCluster = "core.cluster";
  const TypeRef text = generation.system.string;
  const TypeRef outcome = generation.system.operation_result;
  FunctionAdder queries(generation, modules, Scope::kFunction, kCluster);
  queries.Add("schema_version", generation.system.integer.NonNull(), {}, "The cluster's version that this node has.");
  queries.Add("my_role", text.NonNull(), {}, "management or worker; a worker that leads is management.");
  queries.Add("my_name", text, {}, "The name of this node.");
  queries.Add("leader", text, {}, "The node that leads; null = none does.");
  queries.Add("management_url", text, {}, "Where the node that leads is reached; null = none does.");
  queries.Add("auth_config", generation.builder.Ref("JSON"), {},
              "The auth settings that are stored for every node, without secrets.");
  queries.Add("is_leader", generation.system.boolean.NonNull(), {}, "Whether this node leads.");
  const TypeRef json = generation.builder.Ref("JSON");
  queries.Add("handle_core_call", json, {{"call", json.NonNull(), "What it asks."}},
              "For other nodes: a call of the core database that lies in this node's memory.");
  queries.Add("handle_core_news", json, {{"news", json.NonNull(), "What was announced."}},
              "For other nodes: what the management node announces.");
  queries.Add("handle_queries", json, {{"call", json.NonNull(), "Who asks, and what is to be cancelled."}},
              "For other nodes: the queries that run on this one.");
  FunctionAdder mutations(generation, modules, Scope::kMutationFunction, kCluster);
  const InputValueSpec source{"name", text.NonNull(), "The data source."};
  mutations.Add("load_source", outcome, {source}, "Loads a data source on every node, or loads it again.");
  mutations.Add("unload_source", outcome, {source}, "Unloads a data source on every node.");
  mutations.Add("reload_source", outcome, {source}, "Loads a data source again on every node.");
  mutations.Add("set_leader", outcome, {{"node", text.NonNull(), "A live node."}}, "Makes another node lead.");
  mutations.Add("remove_node", outcome, {{"name", text.NonNull(), "A node."}}, "Forgets a node that does not live.");
  mutations.Add("handle_source_load", outcome, {source}, "For other nodes: the desired sources have changed.");
  mutations.Add("handle_source_unload", outcome, {source}, "For other nodes: the desired sources have changed.");
  mutations.Add("handle_permission_sync", outcome, {}, "For other nodes: roles or keys have changed.");
  AddSharedOperations(generation, mutations);
}

// What a role may do.
void AddAccessFunctions(Generation& generation, ModuleTree& modules) {
  auto document = graphql::ParseSdl(std::string(kAccessResults), "access_functions.graphql");
  EIDER_CHECK(document.has_value());
  generation.builder.AddSdl(**document);
  generation.builder.Keep(*document);
  const TypeRef text = generation.system.string;
  const auto list_of = [&](std::string_view name) { return generation.builder.Ref(name).NonNull().List(); };
  FunctionAdder access(generation, modules, Scope::kFunction, "core.auth");
  access.Add("my_permissions", generation.builder.Ref("core_auth_permissions"), {},
             "The permissions of the role that asks.");
  access.Add("check_access", list_of("core_auth_access"),
             {{"type_name", text.NonNull(), "A type."}, {"fields", text.NonNull(), "Its fields, with commas between."}},
             "Whether the role that asks may use and see fields.");
  access.Add("check_access_info", generation.builder.Ref("core_auth_access_info"),
             {{"type_name", text.NonNull(), "A type."}, {"field", text.NonNull(), "A field of it."}},
             "The same for one field, with what is added to its filter and data.");
  access.Add("permission_warnings", list_of("core_auth_permission_warning"), {},
             "Permissions that name what does not exist, or whose filter does not fit.");
}

}  // namespace

void AddBuiltinFunctions(Generation& generation, ModuleTree& modules) {
  auto document = graphql::ParseSdl(std::string(kResults), "functions.graphql");
  EIDER_CHECK(document.has_value());
  generation.builder.AddSdl(**document);
  generation.builder.Keep(*document);
  const TypeRef text = generation.system.string;
  const TypeRef flag = generation.system.boolean;
  const TypeRef outcome = generation.system.operation_result;
  const InputValueSpec name{"name", text.NonNull(), "The data source."};
  FunctionAdder queries(generation, modules, Scope::kFunction);
  queries.Add("info", generation.builder.Ref("core_info"), {}, "What this node is.");
  queries.Add("version", generation.builder.Ref("core_version"), {}, "The version of the server.");
  queries.Add("data_source_status", text, {name}, "Whether a data source is attached or detached.");
  queries.Add("describe_data_source_schema", text,
              {name, {"self", flag, "Only what introspection gives.", "false"}, {"log", flag, "Also log it.", "false"}},
              "The schema definition of a data source, as declared.");
  FunctionAdder auth(generation, modules, Scope::kFunction, "core.auth");
  auth.Add("me", generation.builder.Ref("core_auth_me"), {}, "Who makes the request.");
  AddHttpFunctions(generation, queries);
  FunctionAdder mutations(generation, modules, Scope::kMutationFunction);
  mutations.Add("load_data_source", outcome, {name}, "Attaches a data source, or reloads it.");
  mutations.Add("unload_data_source", outcome, {name, {"hard", flag, "Also forgets stored annotations.", "false"}},
                "Detaches a data source.");
  FunctionAdder storage(generation, modules, Scope::kMutationFunction, "core.storage");
  storage.Add("register_object_storage", outcome,
              {{"type", text.NonNull(), "s3, r2, gcs or azure."},
               {"name", text.NonNull(), "Its name."},
               {"scope", text.NonNull(), "The prefix of the URLs it is for; empty = all."},
               {"key", text.NonNull(), "The key's id; of azure the account's name."},
               {"secret", text.NonNull(), "The key; never shown again."},
               {"region", text, "The region.", "\"\""},
               {"endpoint", text.NonNull(), "Host and port; empty = the provider's."},
               {"use_ssl", flag.NonNull(), "Whether to use HTTPS.", "true"},
               {"url_style", text.NonNull(), "path or vhost; empty = the provider's."},
               {"url_compatibility", flag, "Encodes special characters of URLs.", "false"},
               {"kms_key_id", text, "The key for encryption.", "\"\""},
               {"account_id", text, "The account, of r2.", "\"\""}},
              "Makes an object storage usable, now and after a restart.");
  storage.Add("unregister_storage", outcome, {{"name", text.NonNull(), "Its name."}}, "Forgets an object storage.");
  mutations.Add("checkpoint", outcome, {{"name", text, "The data source; empty = all.", "\"\""}},
                "Writes changes to the data source's file.");
  for (const Scope scope : {Scope::kFunction, Scope::kMutationFunction}) {
    FunctionAdder(generation, modules, scope, "core.cache")
        .Add("invalidate", outcome, {{"tags", text.NonNull().List(), "Of what results; none = all results."}},
             "Makes kept results invisible.");
  }
  FunctionAdder(generation, modules, Scope::kFunction, "core.queries")
      .Add("running", generation.builder.Ref("core_running_query").NonNull().List(),
           {{"all_nodes", flag, "Also those of other nodes.", "false"}}, "The queries that run or wait.");
  FunctionAdder ending(generation, modules, Scope::kMutationFunction, "core.queries");
  ending.Add("cancel", outcome, {{"id", text.NonNull(), "Of the query."}, {"reason", text, "For the log.", "\"\""}},
             "Ends a query.");
  ending.Add("cancel_where", outcome,
             {{"user_id", text, "Of this user.", "\"\""},
              {"role", text, "Of this role.", "\"\""},
              {"older_than", text, "That began so long ago, such as 5m.", "\"\""}},
             "Ends all queries that fit.");
  AddGisFunctions(generation, modules);
  AddAccessFunctions(generation, modules);
  if (IsInCluster(generation)) AddClusterFunctions(generation, modules);
}

}  // namespace eider::catalog
