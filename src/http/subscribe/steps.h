#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>

#include "http/caller.h"
#include "http/subscribe/messages.h"
#include "http/subscribe/subscriber.h"
#include "query/service.h"

namespace eider::http {

class Endpoints;

// What a subscription needs that may take a while: other threads do it, the coroutine's loop goes on. Everything that
// is handed over by reference outlives the step.
using LoopExecutor = boost::asio::io_context::executor_type;

// Endpoints::Recognise(), wherever that has to wait.
boost::asio::awaitable<Caller, LoopExecutor> Recognise(Endpoints& endpoints, LoopExecutor executor,
                                                       Subscriber& subscriber, bool is_request);

// ParseClientMessage(); nothing when too many wait.
boost::asio::awaitable<std::optional<Result<ClientMessage>>, LoopExecutor> ReadMessage(Endpoints& endpoints,
                                                                                       LoopExecutor executor,
                                                                                       const std::string& text);

// Whether it says that the subscriber may not come in at all, now and later.
bool IsRefusal(const Caller& caller);

// Endpoints::Subscribe().
boost::asio::awaitable<query::Subscribed, LoopExecutor> Subscribe(Endpoints& endpoints, LoopExecutor executor,
                                                                  Subscriber& subscriber, Caller caller,
                                                                  query::GraphqlRequest request,
                                                                  query::Delivery delivery);

}  // namespace eider::http
