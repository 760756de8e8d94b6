#include "query/subscribe.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
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
#include "query/stream_query.h"
#include "query/stream_subscription.h"

namespace eider::query {
namespace {

using graphql::CollectedField;
using graphql::GraphqlError;
using graphql::GraphqlResult;

// Reads one subscription operation.
class Beginning {
 public:
  Beginning(const Operation& operation, const graphql::OperationDefinition& definition, GraphqlRequest request,
            const SubscribeOptions& options, const StreamRegistry* streams, const graphql::Variables& variables)
      : operation_(operation),
        document_(*operation.document),
        schema_(*operation.snapshot->schema),
        definition_(definition),
        request_(std::move(request)),
        options_(options),
        streams_(streams),
        variables_(variables) {}

  GraphqlResult<std::unique_ptr<Subscription>> Make() {
    if (request_.jq || ComputesVariables(request_)) {
      return Fail(definition_.position,
                  "a subscription takes no jq program: use the field jq inside of its query, with \"delivery\": "
                  "\"result\"");
    }
    auto path = FieldsToFollow();
    if (!path) return tl::unexpected(std::move(path).error());
    const CollectedField& last = path->back();
    if (auto fits = CheckDirectives(*path); !fits) return tl::unexpected(std::move(fits).error());
    const catalog::FieldBinding* binding = catalog::BindingOf(*last.definition);
    if (binding == nullptr && last.definition->type.named() == schema_.query()) return MakeRepeated(last);
    if (binding != nullptr && binding->kind == catalog::FieldKind::kStream) return MakeStream(*path);
    return Fail(last.position(), fmt::format("\"{}\" is nothing to subscribe to", last.name()));
  }

 private:
  graphql::CollectContext context() const { return {schema_, document_, variables_}; }

  tl::unexpected<GraphqlError> Fail(graphql::Position position, std::string message) const {
    return tl::unexpected(GraphqlError{std::move(message), {document_.Locate(position)}, {}});
  }

  // From the root through modules to the one field that is subscribed to.
  GraphqlResult<std::vector<CollectedField>> FieldsToFollow() const {
    std::vector<CollectedField> path;
    auto fields = graphql::CollectFields(context(), *schema_.subscription(), definition_.selections);
    while (true) {
      const graphql::Position position = path.empty() ? definition_.position : path.back().position();
      if (fields.empty()) return Fail(position, "the subscription selects nothing: all of it is skipped");
      if (fields.size() > 1) {
        return Fail(fields[1].position(), "a subscription follows one field: subscribe once for each");
      }
      path.push_back(std::move(fields.front()));
      const graphql::Field& field = *path.back().definition;
      const catalog::FieldBinding* binding = catalog::BindingOf(field);
      if (binding == nullptr || binding->kind != catalog::FieldKind::kModule) return path;
      fields = graphql::CollectSubfields(context(), *field.type.named(), path.back());
    }
  }

  // What all runs say of themselves.
  GraphqlRequest Run() {
    GraphqlRequest run;
    run.operation_name = definition_.name;
    run.validate_only = request_.validate_only;
    run.no_mutation = request_.no_mutation;
    run.over_get = request_.over_get;
    run.subscription = std::move(request_.query);
    return run;
  }

  GraphqlResult<std::unique_ptr<Subscription>> MakeStream(const std::vector<CollectedField>& path) {
    std::string name;
    for (const CollectedField& field : path) name.append(name.empty() ? "" : ".").append(field.name());
    const StreamTail* tail = streams_ == nullptr ? nullptr : streams_->Find(name);
    const CollectedField& stream = path.back();
    if (tail == nullptr) return Fail(stream.position(), fmt::format("this node has no stream \"{}\"", name));
    StreamSubscription::Options options;
    if (auto read = ReadAfter(stream, options.after); !read) return tl::unexpected(std::move(read).error());
    auto queries = MakeStreamQueries(context(), definition_, path, request_.variables, operation_.has_jq);
    options.run = Run();
    return std::make_unique<StreamSubscription>(std::move(queries), *tail, std::move(options));
  }

  GraphqlResult<void> ReadAfter(const CollectedField& stream, std::optional<std::int64_t>& after) const {
    auto arguments = graphql::ResolveArguments(stream.definition->arguments, stream.node().arguments, variables_,
                                               variables_.arena());
    if (!arguments) return tl::unexpected(std::move(arguments).error());
    const graphql::ResolvedArgument& argument = arguments->front();
    if (argument.value == nullptr || argument.value->IsNull()) return {};
    const std::string_view text = argument.value->text;
    std::int64_t key = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), key);
    if (error == std::errc() && end == text.data() + text.size() && key >= 0) {
      after = key;
      return {};
    }
    return Fail(argument.node == nullptr ? stream.position() : argument.node->position,
                fmt::format("after {} is no key: give the greatest one that was received",
                            graphql::PrintValue(*argument.value)));
  }

  GraphqlResult<std::unique_ptr<Subscription>> MakeRepeated(const CollectedField& query) {
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
    GraphqlRequest run = Run();
    run.query = std::move(inner.text);
    run.variables = std::move(inner.variables);
    return std::make_unique<RepeatedRequest>(std::move(run), std::move(repeat));
  }

  // What acts on a result has no result here: the query's own fields have.
  GraphqlResult<void> CheckDirectives(const std::vector<CollectedField>& path) const {
    for (const CollectedField& field : path) {
      for (const graphql::FieldNode* node : field.nodes) {
        for (const graphql::Directive& directive : node->directives) {
          if (directive.name == "skip" || directive.name == "include") continue;
          return Fail(directive.position, fmt::format("@{} has no effect on \"{}\" of a subscription: put it on the "
                                                      "fields inside",
                                                      directive.name, field.name()));
        }
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
  const StreamRegistry* const streams_;
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
                             GraphqlRequest request, const SubscribeOptions& options, const StreamRegistry* streams) {
  const rapidjson::Value* sent = &request.variables;
  auto variables = graphql::CoerceVariables(*operation.snapshot->schema, *operation.document, definition, sent);
  if (!variables) return Unsubscribed(GraphqlErrorsBody(variables.error()));
  auto subscription = Beginning(operation, definition, std::move(request), options, streams, *variables).Make();
  if (!subscription) return Unsubscribed(GraphqlErrorsBody({&subscription.error(), 1}));
  return {*std::move(subscription), {}};
}

}  // namespace eider::query
