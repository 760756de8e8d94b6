#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/mutex.h"
#include "http/compressor.h"
#include "query/service.h"

namespace eider::http {

// A response body on its way from the thread that makes it to the event loop that sends it, in pieces of bounded
// size and number. One producer at a time, one consumer.
//
// A body below kFirstPiece arrives as one piece that is also the last, so that its length is known before its head is
// sent. Compression happens on the producer's thread.
class BodyStream final : public query::ResponseSink {
 public:
  static constexpr std::size_t kFirstPiece = 64 << 10;
  static constexpr std::size_t kPiece = 256 << 10;
  static constexpr std::size_t kMaxPieces = 2;         // Waiting or being sent.
  static constexpr std::size_t kMinCompressed = 1024;  // Smaller bodies are sent as they are.

  struct Options {
    Encoding encoding = Encoding::kIdentity;  // What the client would like best.
    Deadline deadline = Deadline::Never();
    std::chrono::milliseconds write_timeout{0};  // Without any progress of the consumer; 0 = none.
    // Called by the producer when the consumer found nothing and now there is something. The producer may be the last
    // to hold what belongs to it.
    std::function<void()> wake;
  };

  struct Piece {
    std::string bytes;
    bool last = false;
  };

  explicit BodyStream(Options options) : wake_(std::move(options.wake)), options_(std::move(options)) {}

  // Producer: takes bytes, and waits while the consumer is behind. Fails with kCancelled after Abandon(), with
  // kTimeout at the deadline or when the consumer makes no progress.
  Status Write(std::string_view bytes) override;

  // Producer: tells, before the first bytes, what the result cache did for them.
  void NoteCache(const query::CacheNote& note) override { cache_ = note; }

  // Consumer, after the first piece.
  const query::CacheNote& cache() const { return cache_; }

  // Producer: ends the body. With an error the consumer must treat what it has as a part.
  void Finish(Status status);

  // Producer: gives the whole body at once, instead of Write() and Finish(). Waits only to compress a large one.
  void FinishWith(std::string body);

  // Consumer: takes the next piece. When there is none it returns false, and `wake` will be called once.
  bool Take(Piece& piece);

  // Consumer: tells that some bytes went out, which restarts the write timeout.
  void NoteProgress();

  // Consumer: tells that the last piece taken went out, and gives its buffer back for reuse.
  void Recycle(std::string buffer);

  // Consumer: takes no more. Idempotent.
  void Abandon();

  // Consumer, after the last piece: lets go of `wake`.
  void Detach();

  // Consumer, after the last piece: how the body ended.
  const Status& status() const { return status_; }

  // Consumer, after the first piece: how it is encoded.
  Encoding encoding() const { return compressor_ ? options_.encoding : Encoding::kIdentity; }

  bool wants_compression() const { return options_.encoding != Encoding::kIdentity; }

  // Bytes that the producer gave, before compression.
  std::uint64_t bytes_taken() const { return bytes_taken_; }

 private:
  using Clock = Deadline::Clock;

  void Collect(std::string_view bytes);
  bool IsDue() const;
  Status Emit();
  Status WaitForRoom() REQUIRES_LOCK(mutex_);
  void Push(Piece piece);

  Mutex mutex_;
  CondVar room_;
  std::function<void()> wake_ GUARDED_BY(mutex_);
  const Options options_;

  // The producer's own.
  std::string buffer_;
  std::unique_ptr<Compressor> compressor_;
  std::uint64_t bytes_taken_ = 0;
  std::size_t bytes_since_emit_ = 0;
  Clock::time_point last_emit_;
  bool emitted_ = false;
  Status status_;
  query::CacheNote cache_;

  std::deque<Piece> pieces_ GUARDED_BY(mutex_);
  std::size_t outstanding_ GUARDED_BY(mutex_) = 0;  // Pieces that were pushed and not recycled.
  std::string spare_ GUARDED_BY(mutex_);
  Clock::time_point progress_ GUARDED_BY(mutex_);
  bool consumer_waits_ GUARDED_BY(mutex_) = false;
  bool abandoned_ GUARDED_BY(mutex_) = false;
};

}  // namespace eider::http
