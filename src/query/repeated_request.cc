#include "query/repeated_request.h"

#include <utility>

namespace eider::query {

GraphqlRequest CopyOf(const GraphqlRequest& request) {
  GraphqlRequest copy;
  copy.query = request.query;
  copy.variables.CopyFrom(request.variables, copy.variables.GetAllocator());
  copy.operation_name = request.operation_name;
  copy.validate_only = request.validate_only;
  copy.no_mutation = request.no_mutation;
  copy.over_get = request.over_get;
  copy.jq = request.jq;
  copy.jq_caching = request.jq_caching;
  copy.describes = request.describes;
  copy.subscription = request.subscription;
  return copy;
}

RepeatedRequest::RepeatedRequest(GraphqlRequest request, Options options)
    : request_(std::move(request)),
      options_(std::move(options)) {
  if (!options_.interval) {
    runs_left_ = 1;
  } else if (options_.runs > 0) {
    runs_left_ = options_.runs;
  }
}

std::optional<GraphqlRequest> RepeatedRequest::Begin() {
  if (runs_left_) --*runs_left_;
  body_.clear();
  if (options_.rows) splitter_.emplace(*options_.rows, kLargestMessage);
  return CopyOf(request_);
}

Status RepeatedRequest::Take(std::string_view bytes, const Emit& emit) {
  if (splitter_) return splitter_->Take(bytes, emit);
  if (bytes.size() > kLargestMessage - body_.size()) {
    return Error(
        ErrorCode::kResultTooLarge,
        "an answer is longer than 64 MiB, which is too long for one message: select less, set a limit, or take "
        "the rows one by one");
  }
  body_.append(bytes);
  return {};
}

void RepeatedRequest::End(const Emit& emit) {
  if (splitter_) return splitter_->End(emit);
  emit(std::exchange(body_, {}));
}

}  // namespace eider::query
