#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/service.h"

namespace eider::query {

// What planning told of a document that is not run.
struct PlannedDocument {
  std::vector<std::string> keys;  // The normal form of each part: what plans are found by.
  std::string failure;            // The answer of a document that cannot be planned; else empty.
};

// Plans a document for `identity` as a request would, and keeps its plans for the requests that come.
inline PlannedDocument PlanDocument(QueryService& service, std::shared_ptr<const auth::Identity> identity,
                                    std::string_view request_id, GraphqlRequest request) {
  PlannedDocument planned;
  RequestContext context;
  context.identity = std::move(identity);
  context.request_id = request_id;
  context.plan_keys = &planned.keys;
  const auto execution = service.Prepare(std::move(context), std::move(request));
  const std::string* const ready = execution->ready_body();
  if (ready != nullptr && execution->stats().has_errors) planned.failure = *ready;
  return planned;
}

}  // namespace eider::query
