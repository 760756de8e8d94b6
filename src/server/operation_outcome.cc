#include "server/operation_outcome.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "base/graphql_answer.h"
#include "base/json.h"
#include "query/function_registry.h"

namespace eider::server {
namespace {

const rapidjson::Value* Member(const rapidjson::Value* object, std::string_view name) {
  return object == nullptr ? nullptr : FindMember(*object, name);
}

}  // namespace

std::string ToJson(const OperationOutcome& outcome) {
  const std::string nodes =
      outcome.nodes.empty() ? "" : fmt::format(R"(,"{}":{})", query::kNodesOfFunction, outcome.nodes);
  return fmt::format(R"({{"success":{},"message":{},"affected_rows":{},"last_id":{}{}}})", outcome.success,
                     JsonTextOf(outcome.message), outcome.affected_rows, outcome.last_id, nodes);
}

Result<OperationOutcome> ReadOutcome(std::string_view operation, const std::string& body, std::string_view module) {
  rapidjson::Document json;
  json.Parse(body.data(), body.size());
  if (json.HasParseError() || !json.IsObject()) return Error(ErrorCode::kInternal, "its answer cannot be read");
  if (auto error = FirstErrorOf(json)) return Error(ErrorCode::kInternal, std::move(error->message));
  const rapidjson::Value* value = DataAt(json, {"function", "core", module, operation});
  if (value == nullptr || !value->IsObject()) return Error(ErrorCode::kInternal, "its answer is empty");
  OperationOutcome outcome;
  outcome.success = FlagMember(*value, "success");
  outcome.message = TextMember(*value, "message");
  outcome.affected_rows = NumberMember(*value, "affected_rows");
  outcome.last_id = NumberMember(*value, "last_id");
  const rapidjson::Value* nodes = Member(&json, "extensions");
  // Members of an answer stand among the `children` of what they are in.
  for (const std::string_view name : {std::string_view("function"), std::string_view("core"), module, operation}) {
    const rapidjson::Value* children = name == "function" ? nodes : Member(nodes, "children");
    nodes = Member(children, name);
  }
  nodes = Member(nodes, "nodes");
  if (nodes != nullptr && nodes->IsArray()) outcome.nodes = JsonTextOf(*nodes);
  return outcome;
}

}  // namespace eider::server
