#include "query/subscribe.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "catalog/model.h"
#include "graphql/coerce.h"
#include "graphql/collect.h"
#include "graphql/print.h"
#include "query/answer_shape.h"
#include "query/error_body.h"
#include "query/inner_query.h"
#include "query/jq_execution.h"
#include "query/repeated_request.h"
#include "query/run_interval.h"

namespace eider::query {
namespace {

using graphql::CollectedField;
using graphql::GraphqlError;
using graphql::GraphqlResult;

// Reads one subscription operation.
class Beginning {
 public:
  Beginning(const Operation& operation, const graphql::OperationDefinition& definition, GraphqlRequest request,
            const SubscribeOptions& options, const graphql::Variables& variables)
      : operation_(operation),
        document_(*operation.document),
        schema_(*operation.snapshot->schema),
        definition_(definition),
        request_(std::move(request)),
        options_(options),
        variables_(variables) {}

  GraphqlResult<std::unique_ptr<Subscription>> Make() {
    if (request_.jq || ComputesVariables(request_)) {
      return Fail(definition_.position,
                  "a subscription takes no jq program: use the field jq inside of its query, with \"delivery\": "
                  "\"result\"");
    }
    const auto fields = graphql::CollectFields(context(), *schema_.subscription(), definition_.selections);
    if (fields.empty()) return Fail(definition_.position, "the subscription selects nothing: all of it is skipped");
    return MakeRepeated(fields.front());
  }

 private:
  graphql::CollectContext context() const { return {schema_, document_, variables_}; }

  tl::unexpected<GraphqlError> Fail(graphql::Position position, std::string message) const {
    return tl::unexpected(GraphqlError{std::move(message), {document_.Locate(position)}, {}});
  }

  GraphqlResult<std::unique_ptr<Subscription>> MakeRepeated(const CollectedField& query) {
    if (auto fits = CheckDirectives(query); !fits) return tl::unexpected(std::move(fits).error());
    RepeatedRequest::Options repeat;
    if (auto read = ReadArguments(query, repeat); !read) return tl::unexpected(std::move(read).error());
    if (options_.delivery == Delivery::kRows) {
      const graphql::Type& root = *query.definition->type.named();
      if (auto fits = CheckRows(query, root); !fits) return tl::unexpected(std::move(fits).error());
      repeat.rows = ShapeOf(context(), query, root);
    }
    std::vector<graphql::Selection> selections;
    for (const graphql::FieldNode* node : query.nodes) {
      selections.insert(selections.end(), node->selections.begin(), node->selections.end());
    }
    InnerQuery inner =
        MakeInnerQuery(document_, definition_, selections, request_.variables, {.all_variables = operation_.has_jq});
    GraphqlRequest run;
    run.query = std::move(inner.text);
    run.variables = std::move(inner.variables);
    run.operation_name = definition_.name;
    run.validate_only = request_.validate_only;
    run.no_mutation = request_.no_mutation;
    run.over_get = request_.over_get;
    run.subscription = std::move(request_.query);
    return std::make_unique<RepeatedRequest>(std::move(run), std::move(repeat));
  }

  // What acts on a result has no result here: the query's own fields have.
  GraphqlResult<void> CheckDirectives(const CollectedField& query) const {
    for (const graphql::FieldNode* node : query.nodes) {
      for (const graphql::Directive& directive : node->directives) {
        if (directive.name == "skip" || directive.name == "include") continue;
        return Fail(directive.position, fmt::format("@{} has no effect on \"query\" of a subscription: put it on the "
                                                    "fields inside",
                                                    directive.name));
      }
    }
    return {};
  }

  // What a jq field makes stands beside the data, which has the rows.
  GraphqlResult<void> CheckRows(const CollectedField& query, const graphql::Type& root) const {
    for (const CollectedField& field : graphql::CollectSubfields(context(), root, query)) {
      const catalog::FieldBinding* binding = catalog::BindingOf(*field.definition);
      if (binding == nullptr || binding->kind != catalog::FieldKind::kJq) continue;
      return Fail(field.position(), "the field jq gives no rows: subscribe with \"delivery\": \"result\"");
    }
    return {};
  }

  GraphqlResult<void> ReadArguments(const CollectedField& query, RepeatedRequest::Options& repeat) const {
    auto arguments =
        graphql::ResolveArguments(query.definition->arguments, query.node().arguments, variables_, variables_.arena());
    if (!arguments) return tl::unexpected(std::move(arguments).error());
    for (const graphql::ResolvedArgument& argument : *arguments) {
      if (argument.value == nullptr || argument.value->IsNull()) continue;
      const graphql::Position position = argument.node == nullptr ? query.position() : argument.node->position;
      if (argument.definition->name == "interval") {
        auto interval = ParseRunInterval(IntervalText(*argument.value));
        if (!interval) return Fail(position, interval.error().message);
        repeat.interval = std::max(*interval, options_.min_interval);
      } else {
        repeat.runs = std::stoll(std::string(argument.value->text));
        if (repeat.runs < 0) return Fail(position, "count must not be negative: give 0 for runs without end");
      }
    }
    return {};
  }

  // What is no text and no number is as unreadable as its JSON.
  static std::string IntervalText(const graphql::Value& value) {
    const bool is_plain = value.kind == graphql::ValueKind::kInt || value.kind == graphql::ValueKind::kFloat ||
                          value.kind == graphql::ValueKind::kString;
    if (is_plain) return std::string(value.text);
    return graphql::PrintValue(value);
  }

  const Operation& operation_;
  const graphql::Document& document_;
  const graphql::Schema& schema_;
  const graphql::OperationDefinition& definition_;
  GraphqlRequest request_;
  const SubscribeOptions& options_;
  const graphql::Variables& variables_;
};

}  // namespace

Subscribed Unsubscribed(std::string body) {
  constexpr std::string_view kBefore = "{\"errors\":";
  EIDER_CHECK(body.starts_with(kBefore) && body.ends_with('}'));
  return {nullptr, body.substr(kBefore.size(), body.size() - kBefore.size() - 1)};
}

Subscribed SubscribeOnce(GraphqlRequest request) {
  return {std::make_unique<RepeatedRequest>(std::move(request), RepeatedRequest::Options{}), {}};
}

Subscribed BeginSubscription(const Operation& operation, const graphql::OperationDefinition& definition,
                             GraphqlRequest request, const SubscribeOptions& options) {
  const rapidjson::Value* sent = &request.variables;
  auto variables = graphql::CoerceVariables(*operation.snapshot->schema, *operation.document, definition, sent);
  if (!variables) return Unsubscribed(GraphqlErrorsBody(variables.error()));
  auto subscription = Beginning(operation, definition, std::move(request), options, *variables).Make();
  if (!subscription) return Unsubscribed(GraphqlErrorsBody({&subscription.error(), 1}));
  return {*std::move(subscription), {}};
}

}  // namespace eider::query
