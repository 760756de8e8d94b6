#pragma once

#include <string>
#include <string_view>

#include "query/service.h"

namespace eider::query {

// Collects body text and hands it to the sink in large pieces. Nothing reaches the sink before the first piece is full,
// so that an early failure can still become an error answer.
class BodyWriter {
 public:
  explicit BodyWriter(ResponseSink& sink) : sink_(sink) {}

  // The text under construction; append to it, then call FlushIfFull().
  std::string& text() { return text_; }

  Status FlushIfFull() { return text_.size() < kPiece ? Status() : Flush(); }

  Status Flush() {
    if (text_.empty()) return {};
    flushed_ = true;
    Status status = sink_.Write(text_);
    text_.clear();
    return status;
  }

  void NoteCache(const CacheNote& note) { sink_.NoteCache(note); }

  // Whether the sink has seen bytes; then the answer cannot be replaced any more.
  bool flushed() const { return flushed_; }

 private:
  static constexpr std::size_t kPiece = 64 << 10;
  ResponseSink& sink_;
  std::string text_;
  bool flushed_ = false;
};

}  // namespace eider::query
