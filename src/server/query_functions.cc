#include "server/query_functions.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "config/load.h"
#include "server/cluster_node.h"

namespace eider::server {
namespace {

using query::RequestContext;
using rapidjson::Value;

std::string Outcome(int cancelled, std::string_view none) {
  return fmt::format(R"({{"success":{},"affected_rows":{},"last_id":null,"message":"{}"}})", cancelled > 0, cancelled,
                     cancelled > 0 ? "query cancelled" : none);
}

// Here first; a query with an id runs on one node.
int CancelAnywhere(auth::LiveQueries& live, const ClusterSlot& slot, const RequestContext& context,
                   const auth::LiveQueries::Selection& selection) {
  const int here = live.Cancel(*context.identity, selection);
  ClusterNode* const cluster = slot.load();
  if (cluster == nullptr || (here > 0 && !selection.id.empty())) return here;
  const observe::TraceScope trace(context.trace);
  return here + cluster->queries().Cancel(*context.identity, selection);
}

Result<std::string> CancelWhere(auth::LiveQueries& live, const ClusterSlot& slot, const Value& arguments,
                                const RequestContext& context) {
  auth::LiveQueries::Selection selection;
  selection.user_id = TextMember(arguments, "user_id");
  selection.role = TextMember(arguments, "role");
  const std::string older_than = TextMember(arguments, "older_than");
  if (!older_than.empty()) {
    auto age = config::ParseDuration(older_than);
    if (!age) return Error(ErrorCode::kBadInput, "older_than " + age.error().message);
    selection.older_than = *age;
  }
  if (selection.user_id.empty() && selection.role.empty() && older_than.empty()) {
    return Error(ErrorCode::kBadInput, "cancel_where needs user_id, role or older_than");
  }
  selection.except = context.request_id;
  return Outcome(CancelAnywhere(live, slot, context, selection), "no query fits");
}

}  // namespace

std::string RunningQueries(auth::LiveQueries& live, const ClusterSlot& slot, const std::string& node,
                           const auth::Identity& viewer) {
  std::string json = auth::QueriesJson(live, viewer, node);
  ClusterNode* const cluster = slot.load();
  if (cluster == nullptr) return json;
  std::string others = cluster->queries().Running(viewer);
  if (others.empty()) return json;
  if (json == "[]") others.erase(0, 1);
  json.pop_back();
  return json.append(others).append("]");
}

void RegisterQueryFunctions(query::FunctionRegistry& functions, auth::LiveQueries& live, const ClusterSlot& slot,
                            const std::string& node) {
  functions.Register(
      "core.queries.running",
      [&live, &slot, node](const Value& arguments, const RequestContext& context) -> Result<std::string> {
        const Value* const all = FindMember(arguments, "all_nodes");
        if (all == nullptr || !all->IsTrue()) return auth::QueriesJson(live, *context.identity, node);
        const observe::TraceScope trace(context.trace);
        return RunningQueries(live, slot, node, *context.identity);
      });
  functions.Register("core.queries.cancel",
                     [&live, &slot](const Value& arguments, const RequestContext& context) -> Result<std::string> {
                       auth::LiveQueries::Selection selection;
                       selection.id = TextMember(arguments, "id");
                       if (selection.id.empty()) return Error(ErrorCode::kBadInput, "cancel needs the id of a query");
                       return Outcome(CancelAnywhere(live, slot, context, selection), "query is not running");
                     });
  functions.Register("core.queries.cancel_where",
                     [&live, &slot](const Value& arguments, const RequestContext& context) {
                       return CancelWhere(live, slot, arguments, context);
                     });
}

}  // namespace eider::server
