#include "base/circuit_breaker.h"

#include <algorithm>

namespace eider {

CircuitBreaker::Attempt::~Attempt() {
  if (breaker_ != nullptr) breaker_->Abandon(trial_);
}

void CircuitBreaker::Attempt::Succeeded() {
  if (CircuitBreaker* const breaker = std::exchange(breaker_, nullptr)) breaker->End(trial_, nullptr);
}

void CircuitBreaker::Attempt::Failed(const Error& error) {
  if (CircuitBreaker* const breaker = std::exchange(breaker_, nullptr)) breaker->End(trial_, &error);
}

CircuitBreaker::~CircuitBreaker() {
  MutexLock lock(mutex_);
  SetByOthers(false);
}

Result<CircuitBreaker::Attempt> CircuitBreaker::Admit() {
  MutexLock lock(mutex_);
  if (!open_) return Attempt(this, 0);
  if (trial_ != 0 || options_.now() < open_until_) return Refusal();
  trial_ = ++trials_;
  return Attempt(this, trial_);
}

void CircuitBreaker::End(std::uint64_t trial, const Error* error) {
  MutexLock lock(mutex_);
  const bool is_trial = trial != 0 && trial == trial_;
  if (is_trial) trial_ = 0;
  if (error == nullptr) {
    if (open_) Close();
    failed_ = 0;
    return Count(false);
  }
  Count(true);
  ++failed_;
  last_failure_ = options_.now();
  last_ = error->message;
  if (is_trial) return Open(std::min(2 * pause_, std::max(options_.longest, options_.reset)));
  // One that began before the circuit opened changes nothing.
  if (open_ || (failed_ < options_.failures && !MostFailed())) return;
  failed_ = std::max(failed_, options_.failures);
  Open(options_.reset);
}

void CircuitBreaker::Abandon(std::uint64_t trial) {
  MutexLock lock(mutex_);
  if (trial != 0 && trial == trial_) trial_ = 0;
}

void CircuitBreaker::Count(bool failed) {
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(options_.now().time_since_epoch()).count();
  Second& second = seconds_[static_cast<std::size_t>(since % kSeconds)];
  if (second.number != since) second = {.number = since};
  ++second.calls;
  if (failed) ++second.failed;
}

bool CircuitBreaker::MostFailed() const {
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(options_.now().time_since_epoch()).count();
  std::int64_t calls = 0;
  std::int64_t failed = 0;
  for (const Second& second : seconds_) {
    if (second.number < 0 || since - second.number >= kSeconds) continue;
    calls += second.calls;
    failed += second.failed;
  }
  return calls >= kLeastCalls && 2 * failed > calls;
}

// Shorter by chance, so that many nodes do not come back at one moment, and none later than it was told.
void CircuitBreaker::Open(Milliseconds pause) {
  open_ = true;
  pause_ = pause;
  opened_ = options_.now();
  open_until_ = opened_ + options_.choose(pause * 3 / 4, pause);
}

void CircuitBreaker::Close() {
  open_ = false;
  trial_ = 0;
  pause_ = Milliseconds(0);
  seconds_ = {};
  SetByOthers(false);
}

void CircuitBreaker::SetByOthers(bool by_others) {
  if (by_others_.exchange(by_others) == by_others) return;
  opened_by_others_ += by_others ? 1 : -1;
}

void CircuitBreaker::Reset() {
  MutexLock lock(mutex_);
  Close();
  failed_ = 0;
}

void CircuitBreaker::OpenByOthers(const std::string& reason) {
  MutexLock lock(mutex_);
  SetByOthers(true);
  if (open_) return;
  if (failed_ == 0) last_ = reason;
  Open(options_.reset);
}

Status CircuitBreaker::CheckOthers() const {
  if (!by_others_) return {};
  MutexLock lock(mutex_);
  if (!open_ || (trial_ == 0 && options_.now() >= open_until_)) return {};
  return Refusal();
}

void CircuitBreaker::TryNow() {
  MutexLock lock(mutex_);
  open_until_ = std::min(open_until_, options_.now());
}

bool CircuitBreaker::IsWorthALook() const {
  MutexLock lock(mutex_);
  const auto now = options_.now();
  return open_ && trial_ == 0 && pause_ > options_.reset && now < open_until_ && now >= opened_ + options_.reset / 2;
}

bool CircuitBreaker::is_open() const {
  MutexLock lock(mutex_);
  return open_;
}

std::optional<std::string> CircuitBreaker::reason() const {
  MutexLock lock(mutex_);
  if (!open_) return std::nullopt;
  return last_;
}

CircuitBreaker::Failures CircuitBreaker::failures() const {
  MutexLock lock(mutex_);
  if (failed_ == 0) return {};
  return {failed_, std::chrono::duration_cast<Milliseconds>(options_.now() - last_failure_)};
}

Error CircuitBreaker::Refusal() const {
  std::string text = options_.name.empty() ? "" : options_.name + ": ";
  const auto left = std::chrono::ceil<std::chrono::seconds>(open_until_ - options_.now()).count();
  text.append("the circuit is open, ");
  if (trial_ != 0) {
    text.append("it is being tried right now");
  } else {
    text.append("it is tried again in ").append(std::to_string(std::max<std::int64_t>(1, left))).append(" s");
  }
  return Error(ErrorCode::kSourceCircuitOpen, text + ": " + last_);
}

}  // namespace eider
