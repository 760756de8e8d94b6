#include "query/cost_check.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <string>

#include "base/json.h"

namespace eider::query {
namespace {

using rapidjson::Value;

struct Estimate {
  double rows = 0;       // Of this step.
  double most_rows = 0;  // Of this step and those below it.
  int joins = 0;
};

// What the planner says about the step itself; nothing when it says nothing.
std::optional<double> OwnRows(const Value& node) {
  if (const auto rows = node.FindMember("Plan Rows"); rows != node.MemberEnd() && rows->value.IsNumber()) {
    return rows->value.GetDouble();
  }
  const auto extra = node.FindMember("extra_info");
  if (extra == node.MemberEnd() || !extra->value.IsObject()) return std::nullopt;
  const std::string text = TextMember(extra->value, "Estimated Cardinality");
  return text.empty() ? std::nullopt : std::optional<double>(std::strtod(text.c_str(), nullptr));
}

bool IsJoin(const Value& node) {
  const std::string engine = TextMember(node, "name");
  if (engine.find("JOIN") != std::string::npos || engine == "CROSS_PRODUCT") return true;
  const std::string postgres = TextMember(node, "Node Type");
  return postgres == "Nested Loop" || postgres.ends_with("Join");
}

// Plans are as deep as their statements, which the limits of documents bound.
Estimate EstimateOf(const Value& node) {
  Estimate all;
  double product = 1;
  for (const char* name : {"children", "Plans"}) {
    const auto found = node.FindMember(name);
    if (found == node.MemberEnd() || !found->value.IsArray()) continue;
    for (const Value& child : found->value.GetArray()) {
      if (!child.IsObject()) continue;
      const Estimate below = EstimateOf(child);
      all.joins += below.joins;
      all.most_rows = std::max(all.most_rows, below.most_rows);
      all.rows = std::max(all.rows, below.rows);
      product *= std::max(1.0, below.rows);
    }
  }
  const bool joins = IsJoin(node);
  // A join without an estimate pairs every row with every other one.
  if (joins) all.rows = product;
  if (joins) ++all.joins;
  if (const auto own = OwnRows(node)) all.rows = *own;
  all.most_rows = std::max(all.most_rows, all.rows);
  return all;
}

}  // namespace

int CallsIn(std::string_view sql) {
  int calls = 0;
  for (const std::string_view function : {"http_data_source_request", "eider_http_batch"}) {
    for (std::size_t at = sql.find(function); at != std::string_view::npos; at = sql.find(function, at + 1)) ++calls;
  }
  return calls;
}

Result<double> CostOf(std::string_view explained, int calls) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(explained.data(), explained.size());
  if (document.HasParseError() || !document.IsArray()) {
    return Error(ErrorCode::kInternal, "a plan cannot be read, so its cost is not known");
  }
  double cost = 0;
  for (const Value& root : document.GetArray()) {
    if (!root.IsObject()) continue;
    const auto plan = root.FindMember("Plan");
    const Estimate estimate = EstimateOf(plan == root.MemberEnd() ? root : plan->value);
    cost = std::max(cost, estimate.most_rows * (1 + estimate.joins + calls));
  }
  return cost;
}

Status CheckCost(Leaf& leaf, const SessionRouter& sessions, const Leaf::Settings& settings, double max_cost) {
  const int calls = CallsIn(leaf.plan().sql);
  double cost = 0;
  return leaf.Explain(sessions, settings, [&](const std::string& explained) -> Status {
    EIDER_ASSIGN_OR_RETURN(const double more, CostOf(explained, calls));
    cost += more;
    if (cost <= max_cost) return {};
    return Error(ErrorCode::kQueryTooComplex,
                 fmt::format("the query is expected to cost {:.0f}, and the role may use {:.0f}; filter, or join less",
                             cost, max_cost));
  });
}

}  // namespace eider::query
