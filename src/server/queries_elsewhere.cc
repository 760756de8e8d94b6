#include "server/queries_elsewhere.h"

#include <fmt/format.h>

#include <chrono>

#include "auth/forwarded_identity.h"
#include "base/graphql_answer.h"
#include "base/json.h"
#include "base/text.h"

namespace eider::server {
namespace {

using rapidjson::Document;
using rapidjson::Value;

// Who cancels a query wants it to end within a second.
constexpr std::chrono::seconds kPatience{1};

constexpr std::string_view kQuery =
    "query($call: JSON!) { function { core { cluster { handle_queries(call: $call) } } } }";

const Value* AnswerIn(const Document& document) {
  return DataAt(document, {"function", "core", "cluster", "handle_queries"});
}

std::string ViewerOnly(const auth::Identity& viewer) { return "{\"viewer\":" + auth::ForwardedIdentityJson(viewer); }

auth::LiveQueries::Selection SelectionOf(const Value& json) {
  auth::LiveQueries::Selection selection;
  selection.id = TextMember(json, "id");
  selection.user_id = TextMember(json, "user_id");
  selection.role = TextMember(json, "role");
  selection.older_than = std::chrono::milliseconds(NumberMember(json, "older_than_ms"));
  return selection;
}

}  // namespace

std::vector<Document> QueriesElsewhere::AskAll(const std::string& call) {
  cluster::PeerCall request;
  request.operation = "queries";
  request.query = kQuery;
  request.variables = "{\"call\":" + call + "}";
  request.trace = observe::CurrentTrace();
  std::vector<Document> documents;
  for (const auto& body : peers_.CallAll(members_(), request, Deadline::After(kPatience), {})) {
    if (!body) continue;
    documents.emplace_back().Parse<rapidjson::kParseIterativeFlag>(body->data(), body->size());
  }
  return documents;
}

std::string QueriesElsewhere::Running(const auth::Identity& viewer) {
  std::string out;
  for (const Document& document : AskAll(ViewerOnly(viewer) + "}")) {
    const Value* const answer = AnswerIn(document);
    const Value* const queries = answer == nullptr ? nullptr : FindMember(*answer, "queries");
    if (queries == nullptr || !queries->IsArray()) continue;
    for (const Value& query : queries->GetArray()) out.append(",").append(JsonTextOf(query));
  }
  return out;
}

int QueriesElsewhere::Cancel(const auth::Identity& viewer, const auth::LiveQueries::Selection& selection) {
  const std::string call = fmt::format(R"({},"cancel":{{"id":{},"user_id":{},"role":{},"older_than_ms":{}}}}})",
                                       ViewerOnly(viewer), JsonTextOf(selection.id), JsonTextOf(selection.user_id),
                                       JsonTextOf(selection.role), selection.older_than.count());
  int cancelled = 0;
  for (const Document& document : AskAll(call)) {
    const Value* const answer = AnswerIn(document);
    if (answer != nullptr) cancelled += static_cast<int>(NumberMember(*answer, "cancelled"));
  }
  return cancelled;
}

Result<std::string> AnswerQueriesCall(auth::LiveQueries& live, const Value& call, std::string_view node,
                                      const std::string& request_id) {
  const Value* const who = FindMember(call, "viewer");
  if (who == nullptr) return Error(ErrorCode::kBadInput, "the call does not tell who asks");
  EIDER_ASSIGN_OR_RETURN(const auto viewer, auth::ReadForwardedIdentity(JsonTextOf(*who), node));
  const Value* const cancel = FindMember(call, "cancel");
  if (cancel == nullptr) return "{\"queries\":" + auth::QueriesJson(live, *viewer, node, request_id) + "}";
  auth::LiveQueries::Selection selection = SelectionOf(*cancel);
  selection.except = request_id;
  return fmt::format(R"({{"cancelled":{}}})", live.Cancel(*viewer, selection));
}

}  // namespace eider::server
