#include "server/query_functions.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "config/load.h"

namespace eider::server {
namespace {

using query::RequestContext;
using rapidjson::Value;

std::string Outcome(int cancelled, std::string_view none) {
  return fmt::format(R"({{"success":{},"affected_rows":{},"last_id":null,"message":"{}"}})", cancelled > 0, cancelled,
                     cancelled > 0 ? "query cancelled" : none);
}

Result<std::string> CancelWhere(auth::LiveQueries& live, const Value& arguments, const RequestContext& context) {
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
  return Outcome(live.Cancel(*context.identity, selection), "no query fits");
}

}  // namespace

void RegisterQueryFunctions(query::FunctionRegistry& functions, auth::LiveQueries& live, const std::string& node) {
  functions.Register("core.queries.running",
                     [&live, node](const Value&, const RequestContext& context) -> Result<std::string> {
                       return auth::QueriesJson(live, *context.identity, node);
                     });
  functions.Register("core.queries.cancel",
                     [&live](const Value& arguments, const RequestContext& context) -> Result<std::string> {
                       auth::LiveQueries::Selection selection;
                       selection.id = TextMember(arguments, "id");
                       if (selection.id.empty()) return Error(ErrorCode::kBadInput, "cancel needs the id of a query");
                       return Outcome(live.Cancel(*context.identity, selection), "query is not running");
                     });
  functions.Register("core.queries.cancel_where", [&live](const Value& arguments, const RequestContext& context) {
    return CancelWhere(live, arguments, context);
  });
}

}  // namespace eider::server
