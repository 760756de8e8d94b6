#include "http/subscribe/steps.h"

#include <string>
#include <utility>

#include "async/run_in_pool.h"
#include "http/endpoints.h"

namespace eider::http {
namespace {

constexpr std::size_t kMostWaiting = 256;
constexpr std::string_view kTooMany = "too many requests; try again later";

}  // namespace

boost::asio::awaitable<Caller, LoopExecutor> Recognise(Endpoints& endpoints, LoopExecutor executor,
                                                       Subscriber& subscriber, bool is_request) {
  const std::string request_id = endpoints.NewRequestId();
  Caller caller = endpoints.Recognise(subscriber, request_id, is_request, auth::Patience::kNone);
  if (!caller.must_wait) co_return caller;
  async::BlockingPool* pool = endpoints.identification_pool();
  auto work = [&] { return endpoints.Recognise(subscriber, request_id, is_request, auth::Patience::kMayWait); };
  std::optional<Caller> waited;
  if (pool != nullptr) waited = co_await async::RunInPool(executor, *pool, kMostWaiting, std::move(work));
  if (waited) co_return std::move(*waited);
  caller.answer = ErrorResponse(ErrorCode::kOverloaded, kTooMany, true);
  co_return caller;
}

boost::asio::awaitable<std::optional<Result<ClientMessage>>, LoopExecutor> ReadMessage(Endpoints& endpoints,
                                                                                       LoopExecutor executor,
                                                                                       const std::string& text) {
  auto work = [&text] { return ParseClientMessage(text); };
  co_return co_await async::RunInPool(executor, endpoints.prepare_pool(), kMostWaiting, std::move(work));
}

bool IsRefusal(const Caller& caller) {
  // 302 is 401 to a browser.
  return caller.answer &&
         (caller.answer->status == 401 || caller.answer->status == 403 || caller.answer->status == 302);
}

boost::asio::awaitable<query::Subscribed, LoopExecutor> Subscribe(Endpoints& endpoints, LoopExecutor executor,
                                                                  Subscriber& subscriber, Caller caller,
                                                                  query::GraphqlRequest request,
                                                                  query::Delivery delivery) {
  const std::string request_id = endpoints.NewRequestId();
  auto work = [&] {
    return endpoints.Subscribe(subscriber, std::move(caller), request_id, std::move(request), delivery);
  };
  auto begun = co_await async::RunInPool(executor, endpoints.prepare_pool(), kMostWaiting, std::move(work));
  if (begun) co_return std::move(*begun);
  co_return query::Subscribed{nullptr, ErrorListOf(ErrorCode::kOverloaded, kTooMany)};
}

}  // namespace eider::http
