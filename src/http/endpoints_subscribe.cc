#include <utility>

#include "http/endpoints.h"
#include "http/graphql_request.h"
#include "http/negotiate.h"
#include "http/subscribe/upgrade.h"

// What opens subscriptions, and the requests that they make.
namespace eider::http {
namespace {

constexpr std::string_view kProtocol = "graphql-transport-ws";

Response BadRequest(std::string_view message) { return ErrorResponse(400, ErrorCode::kBadInput, message, true); }

struct EventRequest {
  query::GraphqlRequest request;
  std::optional<query::Delivery> delivery;
};

Result<EventRequest> ReadEventRequest(const Request& request) {
  EventRequest out;
  if (request.method == "GET") {
    EIDER_ASSIGN_OR_RETURN(out.request, ParseGraphqlParameters(request.query_string()));
    return out;
  }
  rapidjson::Document& document = out.request.variables;
  EIDER_RETURN_IF_ERROR(ParseJsonObject(request.body, document));
  EIDER_ASSIGN_OR_RETURN(out.delivery, ReadDelivery(document));
  EIDER_RETURN_IF_ERROR(TakeRequest(document, out.request));
  return out;
}

}  // namespace

bool Endpoints::MayIntroduceItself(const Request& request) const {
  return request.path() == "/subscribe" && IsUpgrade(request) && authenticator_ != nullptr &&
         !authenticator_->HasCredential(RequestCredentials(request));
}

Subscriber Endpoints::SubscriberOf(Asked& asked, std::string_view protocol) const {
  Subscriber subscriber;
  subscriber.request = asked.request;
  std::string().swap(subscriber.request.body);
  subscriber.client_ip = std::move(asked.client_ip);
  subscriber.protocol = protocol;
  return subscriber;
}

Answer Endpoints::SubscribePath(Asked asked) const {
  const Request& request = asked.request;
  Answer answer;
  if (request.Count("x-eider-target-node") > 0) {
    answer.response = BadRequest("the header X-Eider-Target-Node is for single requests: subscribe at the node itself");
  } else if (IsUpgrade(request)) {
    return OpenWebSocket(std::move(asked), true);
  } else if (request.method != "GET" && request.method != "POST") {
    answer.response = NotAllowed("GET, POST");
  } else if (WantsEvents(request.Header("accept"))) {
    return OpenEvents(std::move(asked));
  } else {
    answer.response = ErrorResponse(
        406, ErrorCode::kBadInput,
        "subscribe by WebSocket (graphql-transport-ws), or with the header Accept: text/event-stream", true);
  }
  return answer;
}

Answer Endpoints::OpenWebSocket(Asked asked, bool is_known) const {
  Answer answer;
  auto accept = AcceptUpgrade(asked.request, kProtocol);
  if (!accept) {
    answer.response = BadRequest(accept.error().message);
    answer.response->headers.append("Sec-WebSocket-Version: 13\r\n");
    return answer;
  }
  answer.opening = std::make_unique<Opening>();
  answer.opening->accept = std::move(*accept);
  answer.opening->is_known = is_known;
  answer.opening->may_introduce = MayIntroduceItself(asked.request);
  answer.opening->subscriber = SubscriberOf(asked, "ws");
  return answer;
}

Answer Endpoints::OpenEvents(Asked asked) const {
  Answer answer;
  auto read = ReadEventRequest(asked.request);
  if (!read) {
    answer.response = BadRequest(read.error().message);
    return answer;
  }
  answer.opening = std::make_unique<Opening>();
  answer.opening->request = std::move(read->request);
  answer.opening->delivery = read->delivery.value_or(options_.subscribe.defaults.delivery);
  answer.opening->subscriber = SubscriberOf(asked, "sse");
  return answer;
}

Caller Endpoints::Recognise(const Subscriber& subscriber, std::string_view request_id, bool is_request,
                            auth::Patience patience) const {
  return Authenticate(subscriber.request, request_id, subscriber.client_ip, is_request, patience);
}

Endpoints::Asked Endpoints::AskedBy(Subscriber& subscriber, std::string_view request_id, Caller caller) const {
  return {
      subscriber.request, request_id, std::move(caller.identity), subscriber.client_ip, std::move(caller.role), {}, {}};
}

query::Subscribed Endpoints::Subscribe(Subscriber& subscriber, Caller caller, std::string_view request_id,
                                       query::GraphqlRequest request, query::Delivery delivery) {
  const Asked asked = AskedBy(subscriber, request_id, std::move(caller));
  auto context = Context(asked);
  if (!context) return {nullptr, ErrorListOf(context.error().code, context.error().message)};
  context->protocol = subscriber.protocol;
  query::SubscribeOptions options = options_.subscribe.defaults;
  options.delivery = delivery;
  return run_environment_.service.Subscribe(*context, std::move(request), options);
}

Result<std::shared_ptr<AnswerRun>> Endpoints::MakeRun(Subscriber& subscriber, Caller caller,
                                                      std::string_view request_id, query::GraphqlRequest request,
                                                      std::function<void()> wake) {
  Asked asked = AskedBy(subscriber, request_id, std::move(caller));
  EIDER_ASSIGN_OR_RETURN(query::RequestContext context, Context(asked));
  context.protocol = subscriber.protocol;
  // It was the client's word about one request.
  context.idempotency_key.clear();
  BodyStream::Options stream;
  stream.deadline = context.deadline;
  stream.write_timeout = options_.write_timeout;
  stream.wake = std::move(wake);
  auto run = std::make_shared<QueryRun>(run_environment_, std::move(context), std::move(request), std::move(stream));
  run->SetRole(std::move(asked.role));
  return run;
}

}  // namespace eider::http
