#include "server/cluster_functions.h"

#include <fmt/format.h>

#include "base/text.h"
#include "engine/text_function.h"

namespace eider::server {
namespace {

using query::RequestContext;
using rapidjson::Value;

std::string TextArgument(const Value& arguments, const char* name) {
  const auto it = arguments.FindMember(name);
  if (it == arguments.MemberEnd() || !it->value.IsString()) return "";
  return {it->value.GetString(), it->value.GetStringLength()};
}

std::string Json(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

std::string JsonOrNull(const std::string& text) { return text.empty() ? "null" : Json(text); }

std::string ToJson(const OperationOutcome& outcome) {
  return fmt::format(R"({{"success":{},"message":{},"affected_rows":{},"last_id":{}}})", outcome.success,
                     Json(outcome.message), outcome.affected_rows, outcome.last_id);
}

OperationOutcome NotYet() { return {false, "cluster not initialized"}; }

Error NotYetError() { return Error(ErrorCode::kSchemaNotReady, "cluster not initialized"); }

void RegisterSourceOperation(query::FunctionRegistry& functions, const ClusterSlot& slot, const std::string& name,
                             SourceOperation operation) {
  functions.RegisterWaiting(
      "core.cluster." + name,
      [&slot, operation](const Value& arguments, const RequestContext& context) -> Result<std::string> {
        ClusterNode* const node = slot.load();
        if (node == nullptr) return ToJson(NotYet());
        return ToJson(node->operations().Run(operation, TextArgument(arguments, "name"), *context.identity));
      });
}

// Calls that nodes make of each other.
void RegisterHandler(query::FunctionRegistry& functions, const ClusterSlot& slot, const std::string& name,
                     std::string_view message) {
  functions.Register("core.cluster." + name,
                     [&slot, message](const Value&, const RequestContext& context) -> Result<std::string> {
                       if (context.identity->auth_provider != "cluster-internal") {
                         return ToJson({false, "cluster secret required"});
                       }
                       ClusterNode* const node = slot.load();
                       if (node == nullptr) return ToJson(NotYet());
                       if (node->lease().is_held()) return ToJson({true, "skipped (management)"});
                       node->LookAtSources();
                       return ToJson({true, std::string(message)});
                     });
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
  fact("my_role", [](ClusterNode& node) { return Json(node.role()); });
  fact("my_name", [](ClusterNode& node) { return Json(node.name()); });
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

}  // namespace

void RegisterClusterFunctions(query::FunctionRegistry& functions, const ClusterSlot& slot) {
  RegisterFacts(functions, slot);
  RegisterSourceOperation(functions, slot, "load_source", SourceOperation::kLoad);
  RegisterSourceOperation(functions, slot, "unload_source", SourceOperation::kUnload);
  RegisterSourceOperation(functions, slot, "reload_source", SourceOperation::kReload);
  RegisterHandler(functions, slot, "handle_source_load", "source loaded");
  RegisterHandler(functions, slot, "handle_source_unload", "source unloaded");
  RegisterHandler(functions, slot, "handle_permission_sync", "permissions synced");
  functions.RegisterWaiting(
      "core.cluster.set_leader", [&slot](const Value& arguments, const RequestContext& context) -> Result<std::string> {
        ClusterNode* const node = slot.load();
        if (node == nullptr) return ToJson(NotYet());
        return ToJson(node->operations().SetLeader(TextArgument(arguments, "node"), *context.identity));
      });
  functions.RegisterWaiting(
      "core.cluster.remove_node",
      [&slot](const Value& arguments, const RequestContext& context) -> Result<std::string> {
        ClusterNode* const node = slot.load();
        if (node == nullptr) return ToJson(NotYet());
        return ToJson(node->operations().RemoveNode(TextArgument(arguments, "name"), *context.identity));
      });
}

void RegisterClusterLoading(query::FunctionRegistry& functions, const ClusterSlot& slot) {
  const auto add = [&](const std::string& name, SourceOperation operation, std::string_view message) {
    functions.RegisterWaiting(
        name,
        [&slot, operation, message](const Value& arguments, const RequestContext& context) -> Result<std::string> {
          ClusterNode* const node = slot.load();
          if (node == nullptr) return ToJson(NotYet());
          auto outcome = node->operations().Run(operation, TextArgument(arguments, "name"), *context.identity);
          if (outcome.success) outcome = {true, std::string(message)};
          return ToJson(outcome);
        });
  };
  add("core.load_data_source", SourceOperation::kLoad, "Datasource was loaded");
  add("core.unload_data_source", SourceOperation::kUnload, "Datasource was unloaded");
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
