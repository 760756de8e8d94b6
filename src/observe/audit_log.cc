#include "observe/audit_log.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace eider::observe {
namespace {

constexpr std::size_t kBatch = 512;
constexpr auto kBetweenTries = std::chrono::milliseconds(500);
constexpr auto kTimeAtStop = std::chrono::seconds(3);
constexpr auto kWaitStep = std::chrono::milliseconds(50);

}  // namespace

AuditLog::Places& AuditLog::Places::operator=(Places&& other) noexcept {
  std::swap(log_, other.log_);
  std::swap(count_, other.count_);
  return *this;
}

AuditLog::Places::~Places() {
  if (log_ == nullptr || count_ == 0) return;
  {
    MutexLock lock(log_->mutex_);
    log_->reserved_ -= count_;
  }
  log_->room_.notify_all();
}

void AuditLog::Places::Write(AuditRecord record) {
  if (log_ == nullptr || count_ == 0) return;
  {
    MutexLock lock(log_->mutex_);
    --count_;
    --log_->reserved_;
    log_->queue_.push_back(std::move(record));
  }
  log_->work_.notify_one();
}

AuditLog::AuditLog(AuditOptions options, std::vector<std::unique_ptr<AuditSink>> sinks)
    : options_(std::move(options)),
      sinks_(std::move(sinks)),
      writer_([this] { Run(); }) {}

AuditLog::~AuditLog() {
  {
    MutexLock lock(mutex_);
    stopping_ = Deadline::After(kTimeAtStop);
  }
  work_.notify_all();
  stop_.notify_all();
  room_.notify_all();
  writer_.join();
}

bool AuditLog::HasRoom(std::size_t count) const {
  const std::size_t taken = queue_.size() + reserved_ + writing_;
  // A request with more changes than the queue has places waits for an empty one.
  return taken + count <= options_.queue || taken == 0;
}

Result<AuditLog::Places> AuditLog::Reserve(std::size_t count, const Deadline& deadline, const StopToken& stop) {
  MutexLock lock(mutex_);
  while (!HasRoom(count)) {
    if (stop.stop_requested()) return Error(ErrorCode::kCancelled, "query cancelled");
    if (deadline.Passed()) {
      return Error(ErrorCode::kTimeout,
                   "query timeout: the audit log takes no records, and no change runs without one");
    }
    room_.wait_for(mutex_, kWaitStep);
  }
  reserved_ += count;
  return Places(this, count);
}

void AuditLog::Write(AuditRecord record) {
  {
    MutexLock lock(mutex_);
    if (!HasRoom(1)) {
      ++dropped_;
      return;
    }
    queue_.push_back(std::move(record));
  }
  work_.notify_one();
}

std::size_t AuditLog::queued() const {
  MutexLock lock(mutex_);
  return queue_.size() + writing_;
}

void AuditLog::Run() {
  while (true) {
    std::vector<AuditRecord> records;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) work_.wait(mutex_);
      if (stopping_ && stopping_->Passed()) dropped_ += std::exchange(queue_, {}).size();
      if (queue_.empty()) return;
      const std::size_t count = std::min(queue_.size(), kBatch);
      records.reserve(count);
      for (std::size_t i = 0; i < count; ++i) {
        records.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
      writing_ = count;
    }
    WriteOut(records);
    {
      MutexLock lock(mutex_);
      writing_ = 0;
    }
    room_.notify_all();
  }
}

void AuditLog::WriteOut(std::span<const AuditRecord> records) {
  std::vector<AuditSink*> left;
  for (const auto& sink : sinks_) left.push_back(sink.get());
  bool told = false;
  do {
    std::erase_if(left, [&](AuditSink* sink) {
      const Status written = sink->Write(records);
      if (!written && !std::exchange(told, true) && options_.on_problem) options_.on_problem(written.error().message);
      return written.has_value();
    });
    if (left.empty()) return;
  } while (MayTryAgain());
  dropped_ += records.size();
}

bool AuditLog::MayTryAgain() {
  MutexLock lock(mutex_);
  stop_.wait_for(mutex_, kBetweenTries);
  return !stopping_ || !stopping_->Passed();
}

}  // namespace eider::observe
