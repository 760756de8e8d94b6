#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eider::query {

struct GraphqlRequest;

// How an answer is cut into messages: one for each row of each list, or one for the whole.
enum class Delivery { kRows, kResults };

// What one operation of a subscriber asks, again and again, and what its answers become. Knows no clock and runs
// nothing: who has it runs its requests when they are due, one at a time, and shows it their bodies. Used by one thread
// at a time.
class Subscription {
 public:
  // Takes one message: a GraphQL response object such as {"data":…} or {"errors":[…]}.
  using Emit = std::function<void(std::string payload)>;

  // A longer message is refused.
  static constexpr std::size_t kLargestMessage = std::size_t{64} << 20;

  virtual ~Subscription() = default;

  // From the start of a run to the start of the next one, at least; nothing = there is one run alone.
  virtual std::optional<std::chrono::milliseconds> interval() const = 0;

  // Whether no further run follows.
  virtual bool is_over() const = 0;

  // The request of the next run; nothing = there is no news to ask for. REQUIRES: !is_over(), and the run before has
  // ended.
  virtual std::optional<GraphqlRequest> Begin() = 0;

  // Takes the next bytes of the run's body and gives the messages that they complete. Fails with kResultTooLarge.
  virtual Status Take(std::string_view bytes, const Emit& emit) = 0;

  // The run's body is complete; not to be called of one that broke off. A run of errors that gave no message failed for
  // a while only, which the subscriber is not to know of.
  virtual void End(const Emit& emit) = 0;
};

struct SubscribeOptions {
  Delivery delivery = Delivery::kRows;
  std::chrono::milliseconds min_interval{100};  // Shorter ones are raised to it.
};

// A subscription, or why there is none.
struct Subscribed {
  std::unique_ptr<Subscription> subscription;
  std::string errors;  // A JSON list of GraphQL errors, when there is none.
};

}  // namespace eider::query
