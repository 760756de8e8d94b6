#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "load/statistics.h"

namespace eider::bench {

// One keep-alive HTTP/1.1 connection to 127.0.0.1. Owned by the loop that polls it; not thread-safe. Understands
// Content-Length and chunked answers, and keeps no more of a body than its beginning.
class Connection {
 public:
  explicit Connection(std::uint16_t port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }

  // Writes a whole request; REQUIRES: the previous answer is complete.
  void Send(std::string_view request);

  // Reads what has arrived; true when the answer is complete.
  bool Receive();

  Clock::time_point sent_at() const { return sent_at_; }
  Clock::time_point first_body_byte_at() const { return first_body_byte_at_; }
  std::uint64_t body_bytes() const { return body_bytes_; }
  bool ok() const;
  const std::string& beginning() const { return beginning_; }

 private:
  void StartAnswer();
  bool TakeHead();
  void TakeBody(std::string_view data);
  void TakeChunked(std::string_view data);
  void Keep(std::string_view data);

  int fd_ = -1;
  std::string head_;
  std::string beginning_;  // First bytes of the body.
  std::string chunk_line_;
  bool in_body_ = false;
  bool chunked_ = false;
  bool done_ = false;
  int status_ = 0;
  std::uint64_t left_ = 0;  // Of the body, or of the current chunk with its line end.
  std::uint64_t body_bytes_ = 0;
  Clock::time_point sent_at_;
  Clock::time_point first_body_byte_at_;
};

}  // namespace eider::bench
