#include "http/remote_run.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace eider::http {
namespace {

constexpr int kMisdirected = 421;
constexpr int kBadGateway = 502;
constexpr int kUnavailable = 503;
constexpr std::size_t kShownName = 64;
// The other node tells of its own timeout.
constexpr std::chrono::seconds kSlack{1};

// What of another node's headers is for the client.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kHandedOn = {
    {{"content-type", "Content-Type"},
     {"content-encoding", "Content-Encoding"},
     {"vary", "Vary"},
     {"age", "Age"},
     {"allow", "Allow"},
     {"retry-after", "Retry-After"},
     {"x-eider-cache", "X-Eider-Cache"},
     {"x-eider-error-code", "X-Eider-Error-Code"}}};

Response Unavailable(std::string_view message, ErrorCode code = ErrorCode::kSourceUnavailable) {
  Response response = ErrorResponse(kUnavailable, code, message, true);
  response.headers.append("Retry-After: 1\r\n");
  return response;
}

Deadline WithSlack(const Deadline& deadline) {
  return deadline.never() ? deadline : Deadline::After(deadline.Remaining() + kSlack);
}

}  // namespace

RemoteRun::RemoteRun(const RemoteEnvironment& environment, std::string target, cluster::ForwardedRequest request,
                     BodyStream::Options stream)
    : environment_(environment),
      target_(std::move(target)),
      request_(std::move(request)),
      deadline_(WithSlack(stream.deadline)),
      stream_(std::move(stream)) {}

void RemoteRun::Start() {
  self_ = shared_from_this();
  if (environment_.pool != nullptr && environment_.pool->Submit(self_, environment_.max_queued)) return;
  const auto self = std::move(self_);
  Answer(Unavailable("too many requests; try again later", ErrorCode::kOverloaded));
}

void RemoteRun::Cancel() {
  stop_.request_stop();
  stream_.Abandon();
}

void RemoteRun::Run() {
  const auto self = std::move(self_);
  Forward();
}

void RemoteRun::Forward() {
  // It may have waited for its turn.
  if (stop_.stop_requested()) return Fail(Error(ErrorCode::kCancelled, "query cancelled"));
  if (deadline_.Passed()) return Fail(Error(ErrorCode::kTimeout, "query timeout"));
  const NodePlace place = environment_.find_node(target_);
  const std::string shown = "node \"" + target_.substr(0, kShownName) + "\"";
  if (place.state == NodePlace::State::kUnknown) {
    return Answer(ErrorResponse(ErrorCode::kNotFound, shown + " is not known", true));
  }
  if (!environment_.forwards) {
    return Answer(ErrorResponse(
        kMisdirected, ErrorCode::kBadInput,
        "this is not " + shown + "; ask that one, or let this one send requests on by CLUSTER_ROUTE_HEADER=true",
        true));
  }
  if (place.state == NodePlace::State::kDead) return Answer(Unavailable(shown + " does not answer"));
  const Status done = environment_.streams->Forward(place.address, request_, *this, deadline_, stop_.get_token());
  if (!done) return Fail(done.error());
  stream_.Finish({});
}

Status RemoteRun::OnHead(const fetch::Response& head) {
  Response response;
  response.status = head.status;
  response.content_type = {};
  for (const auto& [lower, name] : kHandedOn) {
    const std::string_view value = head.Header(lower);
    if (!value.empty()) response.headers.append(name).append(": ").append(value).append("\r\n");
  }
  const std::string_view version = head.Header("x-eider-schema-version");
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(version.data(), version.data() + version.size(), number);
  if (failed == std::errc() && end == version.data() + version.size()) response.schema_version = number;
  head_ = std::move(response);
  return {};
}

void RemoteRun::Fail(const Error& error) {
  // A part may be on its way already.
  if (head_) return stream_.Finish(error);
  switch (error.code) {
    case ErrorCode::kTimeout:
    case ErrorCode::kCancelled: return Answer(ErrorResponse(error.code, error.message, true));
    // The other node has refused it before it began.
    case ErrorCode::kOverloaded:
    case ErrorCode::kDraining:
    case ErrorCode::kSchemaNotReady:
    case ErrorCode::kCoreUnavailable: return Answer(Unavailable(error.message, error.code));
    case ErrorCode::kUnauthenticated: return Answer(Unavailable(error.message));
    default: break;
  }
  // 503 invites to send it again, which is right only when it cannot have been done.
  if (!is_sent_) return Answer(Unavailable(error.message));
  Answer(ErrorResponse(kBadGateway, ErrorCode::kSourceUnavailable,
                       error.message + "; what it was asked for may have been done", true));
}

void RemoteRun::Answer(Response response) {
  std::string body(response.bytes());
  response.body.clear();
  response.static_body = {};
  head_ = std::move(response);
  stream_.FinishWith(std::move(body));
}

}  // namespace eider::http
