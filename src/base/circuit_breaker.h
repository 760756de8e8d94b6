#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/deadline.h"
#include "base/mutex.h"
#include "base/random_time.h"
#include "base/result.h"

namespace eider {

// Keeps requests from waiting for a source that cannot be reached. Its circuit opens after some failures in a row, or
// when most of many calls have failed lately: calls are refused at once then. After a pause one is let through, and
// what becomes of it closes the circuit or doubles the pause. Only calls that did not reach the source count as failed.
// Thread-safe.
class CircuitBreaker {
 public:
  using Clock = Deadline::Clock;
  using Milliseconds = std::chrono::milliseconds;

  struct Options {
    std::string name = {};          // What refusals call the source; empty = they leave it to others.
    int failures = 5;               // In a row.
    Milliseconds reset{10'000};     // The first pause; the others are longer, until a call succeeds.
    Milliseconds longest{120'000};  // The longest pause, unless the first is longer.
    std::function<Clock::time_point()> now = &Clock::now;
    std::function<Milliseconds(Milliseconds least, Milliseconds most)> choose = &RandomTime;
  };

  // A call that was let through. Told how it ended; one that ends without, because nobody waited for it any longer,
  // says nothing about the source. The breaker outlives it.
  class Attempt {
   public:
    Attempt(Attempt&& other) noexcept : breaker_(std::exchange(other.breaker_, nullptr)), trial_(other.trial_) {}
    Attempt& operator=(Attempt&&) = delete;
    ~Attempt();
    void Succeeded();
    void Failed(const Error& error);

   private:
    friend class CircuitBreaker;
    Attempt(CircuitBreaker* breaker, std::uint64_t trial) : breaker_(breaker), trial_(trial) {}
    CircuitBreaker* breaker_;
    std::uint64_t trial_;  // Its number; zero = it is none.
  };

  explicit CircuitBreaker(Options options) : options_(std::move(options)) {}
  ~CircuitBreaker();
  CircuitBreaker(const CircuitBreaker&) = delete;
  CircuitBreaker& operator=(const CircuitBreaker&) = delete;

  // Lets a call through; kSourceCircuitOpen with the last failure when it may not.
  Result<Attempt> Admit();

  // Forgets all failures: the next call is let through.
  void Reset();

  // Opens the circuit because nodes that share it cannot reach the source; no effect while it is open.
  void OpenByOthers(const std::string& reason);
  // Whether it is. Then also connections that still work are left alone. Does not block.
  bool is_open_by_others() const { return by_others_; }
  // kSourceCircuitOpen while other nodes keep the circuit open and no call may be tried.
  Status CheckOthers() const;
  // How many breakers of this process others have opened.
  static int opened_by_others() { return opened_by_others_; }

  // The source may be back: the next call is let through as after the pause.
  void TryNow();
  // Whether it is time to look for that: the pause has grown beyond the first, and half of a first one is over.
  bool IsWorthALook() const;

  // Also while one call is let through.
  bool is_open() const;
  // Why it is: the last failure; nothing while it is closed.
  std::optional<std::string> reason() const;

  // The failures in a row up to now.
  struct Failures {
    int count = 0;
    Milliseconds age{0};  // Of the last one.
  };
  Failures failures() const;

 private:
  // The calls of one second.
  struct Second {
    std::int64_t number = -1;
    int calls = 0;
    int failed = 0;
  };
  static constexpr std::int64_t kSeconds = 30;
  static constexpr int kLeastCalls = 20;

  void End(std::uint64_t trial, const Error* error);
  void Abandon(std::uint64_t trial);
  void Count(bool failed) REQUIRES_LOCK(mutex_);
  bool MostFailed() const REQUIRES_LOCK(mutex_);
  void Open(Milliseconds pause) REQUIRES_LOCK(mutex_);
  void Close() REQUIRES_LOCK(mutex_);
  void SetByOthers(bool by_others) REQUIRES_LOCK(mutex_);
  Error Refusal() const REQUIRES_LOCK(mutex_);

  static inline std::atomic<int> opened_by_others_ = 0;
  const Options options_;
  std::atomic<bool> by_others_ = false;  // Written with `mutex_` held.
  mutable Mutex mutex_;
  int failed_ GUARDED_BY(mutex_) = 0;  // In a row.
  Clock::time_point last_failure_ GUARDED_BY(mutex_);
  std::array<Second, kSeconds> seconds_ GUARDED_BY(mutex_) = {};
  bool open_ GUARDED_BY(mutex_) = false;
  Milliseconds pause_ GUARDED_BY(mutex_) = Milliseconds(0);  // The present one, before it is varied.
  Clock::time_point opened_ GUARDED_BY(mutex_);
  Clock::time_point open_until_ GUARDED_BY(mutex_);
  std::uint64_t trial_ GUARDED_BY(mutex_) = 0;  // That runs; zero = none does.
  std::uint64_t trials_ GUARDED_BY(mutex_) = 0;
  std::string last_ GUARDED_BY(mutex_);
};

}  // namespace eider
