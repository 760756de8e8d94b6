#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "http/request.h"

namespace eider::http {

struct ParserLimits {
  std::size_t max_header_bytes = std::size_t{64} << 10;
  std::size_t max_body_bytes = std::size_t{16} << 20;
};

// Reads HTTP/1 requests from bytes as they arrive. Never keeps more than one request and its limits. Not thread-safe.
class RequestParser {
 public:
  enum class State {
    kHead,    // Reading the request line and the headers.
    kBody,    // The head is complete and may be looked at; the body is being read.
    kDone,    // The request is complete.
    kFailed,  // What came is no request, or too large; see status() and error().
  };

  explicit RequestParser(const ParserLimits& limits);
  ~RequestParser();

  // Reads from `bytes` and returns how many were used up. Stops where the state changes; an incomplete line is left
  // for the next call, which must give it again with what follows.
  std::size_t Put(std::string_view bytes);

  // Makes ready for the next request.
  void Reset();

  State state() const { return state_; }
  Request& request() { return request_; }

  // Of a failure: the status to answer with, and a sentence for the client.
  int status() const { return status_; }
  std::string_view error() const { return error_; }

 private:
  class Impl;

  void Fail(int status, std::string_view error);

  const ParserLimits limits_;
  State state_ = State::kHead;
  std::size_t head_bytes_ = 0;
  int status_ = 0;
  std::string_view error_;
  Request request_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace eider::http
