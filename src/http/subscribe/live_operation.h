#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/caller.h"
#include "http/run.h"
#include "http/subscribe/subscriber.h"
#include "query/service.h"

namespace eider::http {

class Endpoints;
class Worker;

// To whom an operation belongs, and who hands its messages to the client. Called on the operation's loop.
class OperationOwner {
 public:
  virtual ~OperationOwner() = default;

  virtual Subscriber& subscriber() = 0;

  // Whether it looks by itself, time and again, whether the subscriber may still come in.
  virtual bool rechecks() const = 0;

  // Whether the client is fast enough for more; else LiveOperation::OnRoom() is called once it is.
  virtual bool HasRoom() const = 0;

  // A message: a GraphQL response object.
  virtual void OnNext(const std::string& id, std::string payload) = 0;

  // The operation has ended by itself; `errors`, a JSON list, tells why when it is not empty.
  virtual void OnEnd(const std::string& id, std::string errors) = 0;

  // The subscriber may not come in any more; the operation has ended.
  virtual void OnRefused(const Response& refusal) = 0;

  // Nothing of the operation runs any more.
  virtual void OnGone() = 0;
};

// One operation of a subscriber: runs its requests when they are due, each as a request of its own, and hands on what
// they give. Lives on one event loop. Keeps itself and its owner alive until its last run has ended.
class LiveOperation final : public std::enable_shared_from_this<LiveOperation> {
 public:
  using Executor = boost::asio::io_context::executor_type;

  struct Environment {
    Endpoints& endpoints;
    Worker& worker;
  };

  LiveOperation(const Environment& environment, Executor executor, std::string id);

  // Begins, with what is to be asked. To be called once.
  void Start(std::shared_ptr<OperationOwner> owner, query::GraphqlRequest request, query::Delivery delivery);

  // The same with a subscription that has been made already.
  void Start(std::shared_ptr<OperationOwner> owner, std::unique_ptr<query::Subscription> subscription);

  // Ends soon and says nothing more.
  void Stop();

  // Ends after the present run, if there is one.
  void FinishSoon();

  void OnRoom() { Wake(); }

  const std::string& id() const { return id_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;
  template <class T>
  using Awaitable = boost::asio::awaitable<T, Executor>;

  Awaitable<void> Serve(std::shared_ptr<LiveOperation> self, query::GraphqlRequest request, query::Delivery delivery);
  // Finds out what is to be asked; false = nothing.
  Awaitable<bool> Prepare(query::GraphqlRequest request, query::Delivery delivery);
  Awaitable<void> Tick();
  // Waits for the next run, and looks meanwhile whether the subscriber may still come in.
  Awaitable<void> Rest(Clock::time_point until);
  Awaitable<void> RunOnce(query::GraphqlRequest request);
  Awaitable<void> TakeBody();
  Awaitable<void> AwaitWake(Clock::time_point until);
  Clock::time_point NextTick(Clock::time_point begun) const;
  void Emit(std::string payload);
  bool Refuses(const Caller& caller);
  std::string FailureOf(const Error& error) const;
  void NoteFailure();
  void ReleaseRun();
  void End(std::string errors);
  void Wake();

  const Environment environment_;
  const std::string id_;
  Timer timer_;
  std::shared_ptr<OperationOwner> owner_;
  std::unique_ptr<query::Subscription> subscription_;
  std::shared_ptr<AnswerRun> run_;
  std::string request_id_;        // Of the present run.
  std::string failure_;           // What a run gave instead of data.
  int failures_ = 0;              // Runs in a row.
  Clock::time_point recognised_;  // When the subscriber was last looked at.
  bool woken_ = false;
  bool finishing_ = false;
  bool stopped_ = false;  // The owner hears nothing more.
};

}  // namespace eider::http
