#include "http/body_stream.h"

#include <algorithm>
#include <utility>

namespace eider::http {
namespace {

// A producer that is slow after its beginning still shows the client something.
constexpr std::size_t kEarlyBytes = 16 << 10;
constexpr auto kEarlyAfter = std::chrono::milliseconds(20);

}  // namespace

void BodyStream::Collect(std::string_view bytes) {
  bytes_taken_ += bytes.size();
  bytes_since_emit_ += bytes.size();
  if (options_.encoding == Encoding::kIdentity) {
    buffer_.append(bytes);
    return;
  }
  if (!compressor_ && bytes_taken_ < kMinCompressed) {
    buffer_.append(bytes);
    return;
  }
  if (!compressor_) {
    compressor_ = Compressor::Create(options_.encoding);
    const std::string plain = std::exchange(buffer_, {});
    compressor_->Append(plain, buffer_);
  }
  compressor_->Append(bytes, buffer_);
}

bool BodyStream::IsDue() const {
  if (!emitted_) {
    if (bytes_since_emit_ >= kFirstPiece) return true;
  } else if (buffer_.size() >= kPiece || bytes_since_emit_ >= 4 * kPiece) {
    return true;
  }
  return bytes_since_emit_ >= kEarlyBytes && Clock::now() - last_emit_ >= kEarlyAfter;
}

Status BodyStream::Write(std::string_view bytes) {
  if (bytes_taken_ == 0) last_emit_ = Clock::now();
  while (!bytes.empty()) {
    // A producer may hand over the whole body at once; pieces keep their size all the same.
    const std::string_view part = bytes.substr(0, emitted_ ? kPiece : kFirstPiece);
    Collect(part);
    bytes.remove_prefix(part.size());
    if (IsDue()) EIDER_RETURN_IF_ERROR(Emit());
  }
  return {};
}

Status BodyStream::Emit() {
  if (compressor_) compressor_->Flush(buffer_);
  std::string next;
  {
    MutexLock lock(mutex_);
    EIDER_RETURN_IF_ERROR(WaitForRoom());
    next = std::move(spare_);
  }
  next.clear();
  buffer_.swap(next);
  emitted_ = true;
  bytes_since_emit_ = 0;
  last_emit_ = Clock::now();
  Push({std::move(next), false});
  return {};
}

Status BodyStream::WaitForRoom() {
  while (!abandoned_ && outstanding_ >= kMaxPieces) {
    auto until = options_.deadline.at();
    if (options_.write_timeout.count() > 0) until = std::min(until, progress_ + options_.write_timeout);
    if (until <= Clock::now()) {
      return Error(ErrorCode::kTimeout, options_.deadline.Passed() ? "query timeout" : "the client reads too slowly");
    }
    if (until == Clock::time_point::max()) {
      room_.wait(mutex_);
    } else {
      room_.wait_until(mutex_, until);
    }
  }
  if (abandoned_) return Error(ErrorCode::kCancelled, "the client has gone");
  return {};
}

void BodyStream::Push(Piece piece) {
  std::function<void()> wake;
  {
    MutexLock lock(mutex_);
    pieces_.push_back(std::move(piece));
    if (outstanding_++ == 0) progress_ = Clock::now();
    if (std::exchange(consumer_waits_, false)) wake = wake_;
  }
  // The consumer comes for the lock at once.
  if (wake) wake();
}

void BodyStream::Finish(Status status) {
  status_ = std::move(status);
  if (compressor_) compressor_->Finish(buffer_);
  Push({std::move(buffer_), true});
}

void BodyStream::FinishWith(std::string body) {
  if (options_.encoding != Encoding::kIdentity && body.size() >= kMinCompressed) {
    Finish(Write(body));
    return;
  }
  bytes_taken_ += body.size();
  Push({std::move(body), true});
}

bool BodyStream::Take(Piece& piece) {
  MutexLock lock(mutex_);
  if (pieces_.empty()) {
    consumer_waits_ = true;
    return false;
  }
  piece = std::move(pieces_.front());
  pieces_.pop_front();
  return true;
}

void BodyStream::NoteProgress() {
  MutexLock lock(mutex_);
  progress_ = Clock::now();
}

void BodyStream::Recycle(std::string buffer) {
  {
    MutexLock lock(mutex_);
    --outstanding_;
    progress_ = Clock::now();
    spare_ = std::move(buffer);
  }
  room_.notify_one();
}

void BodyStream::Abandon() {
  {
    MutexLock lock(mutex_);
    abandoned_ = true;
  }
  room_.notify_one();
}

void BodyStream::Detach() {
  std::function<void()> wake;
  MutexLock lock(mutex_);
  wake.swap(wake_);
}

}  // namespace eider::http
