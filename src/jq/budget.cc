#include "jq/budget.h"

namespace eider::jq {

thread_local Budget* Budget::current = nullptr;

Budget::Budget(Limits limits) : limits_(std::move(limits)), outer_(current) { current = this; }

Budget::~Budget() { current = outer_; }

bool Budget::Spend() {
  if (current == nullptr) return true;
  if (current->exhausted_) return false;
  return (++current->steps_ & 255) != 0 || current->Check();
}

void Budget::Use(std::int64_t bytes) {
  if (current == nullptr) return;
  current->bytes_ += bytes;
  if (current->bytes_ > current->limits_.max_bytes)
    Exhaust(ErrorCode::kMemoryLimit, "the jq program uses too much memory");
}

bool Budget::HasRoom(std::int64_t bytes) {
  if (current == nullptr) return true;
  if (current->bytes_ + bytes > current->limits_.max_bytes) {
    Exhaust(ErrorCode::kMemoryLimit, "the jq program uses too much memory");
  }
  return !current->exhausted_;
}

void Budget::Exhaust(ErrorCode code, const char* why) {
  if (current != nullptr && !current->exhausted_) current->exhausted_ = Error(code, why);
}

const Error* Budget::exhausted() { return current != nullptr && current->exhausted_ ? &*current->exhausted_ : nullptr; }

bool Budget::Check() {
  if (limits_.stop.stop_requested()) Exhaust(ErrorCode::kCancelled, "request cancelled");
  if (limits_.deadline.Passed()) Exhaust(ErrorCode::kTimeout, "query timeout");
  return !exhausted_;
}

}  // namespace eider::jq
