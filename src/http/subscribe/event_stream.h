#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "http/subscribe/live_operation.h"

namespace eider::http {

// The text of one operation's event stream (GraphQL over server-sent events, one connection for each operation),
// without its socket. Lives on one event loop.
class EventStream final : public OperationOwner, public std::enable_shared_from_this<EventStream> {
 public:
  // `on_output` is called when there is something to send, or it has ended.
  EventStream(Subscriber subscriber, std::function<void()> on_output)
      : subscriber_(std::move(subscriber)),
        on_output_(std::move(on_output)) {}

  // Begins. To be called once.
  void Start(const LiveOperation::Environment& environment, LiveOperation::Executor executor,
             std::unique_ptr<query::Subscription> subscription);

  // What is to be sent now; empties it.
  std::string TakeOutput();

  // Lets the operation end after its present run, or at once.
  void FinishSoon();
  void Stop();

  // Whether nothing of it runs any more.
  bool is_gone() const { return is_gone_; }

  Subscriber& subscriber() override { return subscriber_; }
  bool rechecks() const override { return false; }
  bool HasRoom() const override;
  void OnNext(const std::string& id, std::string payload) override;
  void OnEnd(const std::string& id, std::string errors) override;
  void OnRefused(const Response& refusal) override;
  void OnGone() override;

 private:
  Subscriber subscriber_;
  const std::function<void()> on_output_;
  std::shared_ptr<LiveOperation> operation_;
  std::string output_;
  bool is_gone_ = false;
};

}  // namespace eider::http
