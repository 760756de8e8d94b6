#pragma once

#include <string>

#include "query/operation.h"
#include "query/service.h"
#include "query/stream_registry.h"

namespace eider::query {

// The refusal of a subscription whose reason is `body`, an {"errors": …} answer.
Subscribed Unsubscribed(std::string body);

// What a query or mutation becomes: it runs once and its answer is one message.
Subscribed SubscribeOnce(GraphqlRequest request);

// What the subscription `definition` of `operation` asks again and again. The role was looked at. `streams` outlives
// the subscription; null = there are none. REQUIRES: `operation` is valid.
Subscribed BeginSubscription(const Operation& operation, const graphql::OperationDefinition& definition,
                             GraphqlRequest request, const SubscribeOptions& options, const StreamRegistry* streams);

}  // namespace eider::query
