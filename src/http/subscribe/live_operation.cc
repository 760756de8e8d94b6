#include "http/subscribe/live_operation.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "http/endpoints.h"
#include "http/subscribe/steps.h"
#include "http/worker.h"

namespace eider::http {
namespace {

namespace asio = boost::asio;

constexpr asio::use_awaitable_t<LiveOperation::Executor> kAwait;
constexpr int kMostFailures = 3;
constexpr std::size_t kSlice = 4 << 10;  // Of a body, whose rows may become messages of many times their size.
constexpr auto kRecheck = std::chrono::seconds(3);
constexpr std::string_view kErrors = R"({"errors":)";

// The list of an errors payload, which has nothing else.
std::string ListOf(const std::string& payload) {
  const std::size_t end = payload.rfind(']');
  return end == std::string::npos ? std::string("[]") : payload.substr(kErrors.size(), end + 1 - kErrors.size());
}

}  // namespace

LiveOperation::LiveOperation(const Environment& environment, Executor executor, std::string id)
    : environment_(environment),
      id_(std::move(id)),
      timer_(executor, Clock::time_point::max()) {}

void LiveOperation::Start(std::shared_ptr<OperationOwner> owner, query::GraphqlRequest request,
                          query::Delivery delivery) {
  owner_ = std::move(owner);
  asio::co_spawn(timer_.get_executor(), Serve(shared_from_this(), std::move(request), delivery), asio::detached);
}

void LiveOperation::Start(std::shared_ptr<OperationOwner> owner, std::unique_ptr<query::Subscription> subscription) {
  subscription_ = std::move(subscription);
  Start(std::move(owner), query::GraphqlRequest(), query::Delivery::kRows);
}

void LiveOperation::Stop() {
  stopped_ = true;
  if (run_) run_->Cancel();
  Wake();
}

void LiveOperation::FinishSoon() {
  finishing_ = true;
  Wake();
}

void LiveOperation::Wake() {
  woken_ = true;
  timer_.cancel();
}

asio::awaitable<void, LiveOperation::Executor> LiveOperation::Serve(std::shared_ptr<LiveOperation> /*self*/,
                                                                    query::GraphqlRequest request,
                                                                    query::Delivery delivery) {
  HttpMetrics& metrics = environment_.endpoints.metrics();
  metrics.CountSubscription(owner_->subscriber().protocol, 1);
  std::string failed;
  try {
    const bool is_ready = subscription_ != nullptr || co_await Prepare(std::move(request), delivery);
    while (is_ready && !stopped_ && !finishing_) co_await Tick();
  } catch (const std::exception& error) {
    environment_.worker.log().Error("subscription failed", {{"reason", error.what()}});
    failed = ErrorListOf(ErrorCode::kInternal, "internal error");
    if (run_) run_->Cancel();
  }
  ReleaseRun();
  End(std::move(failed));
  metrics.CountSubscription(owner_->subscriber().protocol, -1);
  const auto owner = std::move(owner_);
  owner->OnGone();
}

asio::awaitable<bool, LiveOperation::Executor> LiveOperation::Prepare(query::GraphqlRequest request,
                                                                      query::Delivery delivery) {
  Endpoints& endpoints = environment_.endpoints;
  Caller caller = co_await Recognise(endpoints, timer_.get_executor(), owner_->subscriber(), false);
  recognised_ = Clock::now();
  if (stopped_ || Refuses(caller)) co_return false;
  if (caller.answer) {
    End(ListOf(caller.answer->body));
    co_return false;
  }
  query::Subscribed begun = co_await Subscribe(endpoints, timer_.get_executor(), owner_->subscriber(),
                                               std::move(caller), std::move(request), delivery);
  subscription_ = std::move(begun.subscription);
  if (subscription_ == nullptr) End(std::move(begun.errors));
  co_return subscription_ != nullptr;
}

// Whether the caller is none any more, which ends the operation.
bool LiveOperation::Refuses(const Caller& caller) {
  if (!IsRefusal(caller)) return false;
  if (!std::exchange(stopped_, true)) owner_->OnRefused(*caller.answer);
  return true;
}

void LiveOperation::ReleaseRun() {
  if (run_ == nullptr) return;
  run_->stream().Detach();
  run_.reset();
  environment_.worker.CountRunning(-1);
}

asio::awaitable<void, LiveOperation::Executor> LiveOperation::Tick() {
  const auto begun = Clock::now();
  std::optional<query::GraphqlRequest> request = subscription_->Begin();
  if (request) co_await RunOnce(std::move(*request));
  if (stopped_ || finishing_) co_return;
  if (subscription_->is_over()) {
    End({});
    co_return;
  }
  co_await Rest(NextTick(begun));
}

asio::awaitable<void, LiveOperation::Executor> LiveOperation::Rest(Clock::time_point until) {
  while (!stopped_ && !finishing_ && Clock::now() < until) {
    const auto check = owner_->rechecks() ? Clock::time_point::max() : recognised_ + kRecheck;
    co_await AwaitWake(std::min(until, check));
    if (stopped_ || Clock::now() < check) continue;
    const Caller caller =
        co_await Recognise(environment_.endpoints, timer_.get_executor(), owner_->subscriber(), false);
    recognised_ = Clock::now();
    if (!stopped_) Refuses(caller);
  }
}

// Ticks come at whole intervals from the last one's start; those that a long run has covered are left out.
LiveOperation::Clock::time_point LiveOperation::NextTick(Clock::time_point begun) const {
  const Clock::duration interval = subscription_->interval().value_or(std::chrono::milliseconds(0));
  if (interval.count() <= 0) return begun;
  const auto passed = (Clock::now() - begun + interval - Clock::duration(1)) / interval;
  return begun + interval * std::max<Clock::rep>(1, passed);
}

asio::awaitable<void, LiveOperation::Executor> LiveOperation::RunOnce(query::GraphqlRequest request) {
  Endpoints& endpoints = environment_.endpoints;
  Caller caller = co_await Recognise(endpoints, timer_.get_executor(), owner_->subscriber(), true);
  recognised_ = Clock::now();
  if (stopped_ || Refuses(caller)) co_return;
  failure_.clear();
  if (caller.answer) {
    failure_ = caller.answer->body;
    NoteFailure();
    co_return;
  }
  request_id_ = endpoints.NewRequestId();
  auto run = endpoints.MakeRun(owner_->subscriber(), std::move(caller), request_id_, std::move(request),
                               [weak = weak_from_this(), executor = timer_.get_executor()] {
                                 asio::post(executor, [weak] {
                                   if (const auto self = weak.lock()) self->Wake();
                                 });
                               });
  if (!run) {
    End(ErrorListOf(run.error().code, run.error().message));
    co_return;
  }
  run_ = std::move(*run);
  environment_.worker.CountRunning(1);
  co_await TakeBody();
}

asio::awaitable<void, LiveOperation::Executor> LiveOperation::TakeBody() {
  const auto emit = [this](std::string payload) { Emit(std::move(payload)); };
  Status taken;
  run_->Start();
  BodyStream::Piece piece;
  while (!piece.last) {
    while (!run_->stream().Take(piece)) co_await AwaitWake(Clock::time_point::max());
    for (std::string_view rest = piece.bytes; taken && !stopped_ && !rest.empty();) {
      while (!stopped_ && !owner_->HasRoom()) co_await AwaitWake(Clock::time_point::max());
      const std::string_view slice = rest.substr(0, kSlice);
      rest.remove_prefix(slice.size());
      if (!stopped_) taken = subscription_->Take(slice, emit);
      run_->stream().NoteProgress();
    }
    if (!taken || stopped_) run_->Cancel();
    run_->stream().Recycle(std::move(piece.bytes));
  }
  Status status = taken ? run_->stream().status() : std::move(taken);
  const bool forbidden = run_->stats().error_code == ErrorCodeName(ErrorCode::kForbidden);
  environment_.endpoints.metrics().CountResultBytes(run_->stream().bytes_taken());
  ReleaseRun();
  if (stopped_) co_return;
  // A body that broke off is no result.
  if (status) subscription_->End(emit);
  if (!status) failure_ = FailureOf(status.error());
  if (forbidden) {
    End(R"([{"message":"forbidden"}])");
  } else if (!failure_.empty()) {
    NoteFailure();
  } else {
    failures_ = 0;
  }
}

// What went wrong inside is in the log, under the request's id.
std::string LiveOperation::FailureOf(const Error& error) const {
  const bool internal = error.code == ErrorCode::kInternal;
  return ErrorBody(error.code, internal ? "internal error, request " + request_id_ : error.message, true);
}

// Errors are told when the run has ended, as they may be its third ones.
void LiveOperation::Emit(std::string payload) {
  if (stopped_) return;
  if (payload.starts_with(kErrors)) {
    failure_ = std::move(payload);
  } else {
    owner_->OnNext(id_, std::move(payload));
  }
}

void LiveOperation::NoteFailure() {
  if (++failures_ >= kMostFailures) return End(ListOf(failure_));
  owner_->OnNext(id_, std::move(failure_));
}

void LiveOperation::End(std::string errors) {
  if (std::exchange(stopped_, true)) return;
  owner_->OnEnd(id_, std::move(errors));
}

asio::awaitable<void, LiveOperation::Executor> LiveOperation::AwaitWake(Clock::time_point until) {
  if (!woken_) {
    boost::system::error_code ignored;
    timer_.expires_at(until);
    co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
  }
  woken_ = false;
}

}  // namespace eider::http
