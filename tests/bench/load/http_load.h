#pragma once

#include <cstdint>
#include <string>

#include "load/statistics.h"

namespace eider::bench {

struct HttpLoadOptions {
  std::uint16_t port = 0;
  std::string path = "/query";
  int connections = 1;
  double seconds = 1;          // Ignored when `requests` is given.
  std::uint64_t requests = 0;  // Stop after so many answers.
  std::string body;            // JSON; every "@ID@" becomes a random id below `ids`.
  std::uint64_t ids = 0;
  bool sequential = false;  // Ids 1, 2, 3 … instead of random ones.
};

struct HttpLoadResult {
  std::uint64_t answers = 0;
  std::uint64_t failures = 0;  // Status other than 200, or an answer with errors.
  std::uint64_t bytes = 0;     // Of bodies.
  double seconds = 0;
  double first_byte_us = 0;  // Of the first request's body.
  Latencies latencies;
  std::string first_failure;
};

// Sends POST requests over keep-alive connections from one thread, one request outstanding on each. Ends the process
// with a message when a connection cannot be opened or breaks.
HttpLoadResult RunHttpLoad(const HttpLoadOptions& options);

}  // namespace eider::bench
