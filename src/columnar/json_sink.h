#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace eider::columnar {

// Collects JSON text in a buffer on the stack and appends it to a string in large pieces: a cell is written through a
// plain pointer, without a capacity check for each byte. Lives for one call; not thread-safe.
class JsonSink {
 public:
  // What Reserve() can give at most.
  static constexpr std::size_t kLargestPiece = 1024;

  explicit JsonSink(std::string& out) : out_(out) {}
  ~JsonSink() { Flush(); }
  JsonSink(const JsonSink&) = delete;
  JsonSink& operator=(const JsonSink&) = delete;

  // A place for at least `size` bytes; the written end is told by Advance(). REQUIRES: size <= kLargestPiece.
  char* Reserve(std::size_t size) {
    if (static_cast<std::size_t>(buffer_ + kBufferSize - at_) < size) Flush();
    return at_;
  }
  void Advance(char* to) { at_ = to; }

  void Put(char c) {
    Reserve(1);
    *at_++ = c;
  }

  void Append(std::string_view text) {
    if (text.size() > kLargestPiece) {
      Flush();
      out_.append(text);
      return;
    }
    std::memcpy(Reserve(text.size()), text.data(), text.size());
    at_ += text.size();
  }

 private:
  void Flush() {
    out_.append(buffer_, static_cast<std::size_t>(at_ - buffer_));
    at_ = buffer_;
  }

  static constexpr std::size_t kBufferSize = 16 * 1024;
  std::string& out_;
  char buffer_[kBufferSize];
  char* at_ = buffer_;
};

// A short text that is written for every row. Kept padded, so that it is copied by two wide moves.
class FixedText {
 public:
  FixedText() = default;
  explicit FixedText(std::string_view text) : padded_(text), size_(text.size()) {
    if (size_ <= kWide) padded_.resize(kWide, ' ');
  }

  std::size_t size() const { return size_; }
  void WriteTo(JsonSink& sink) const {
    if (size_ > kWide) return sink.Append(padded_);
    char* at = sink.Reserve(kWide);
    std::memcpy(at, padded_.data(), kWide);
    sink.Advance(at + size_);
  }

 private:
  static constexpr std::size_t kWide = 32;
  std::string padded_ = std::string(kWide, ' ');
  std::size_t size_ = 0;
};

}  // namespace eider::columnar
