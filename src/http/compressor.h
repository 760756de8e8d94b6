#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/negotiate.h"

namespace eider::http {

// Compresses a stream of bytes. Not thread-safe.
class Compressor {
 public:
  // One for `encoding`, which must not be kIdentity.
  static std::unique_ptr<Compressor> Create(Encoding encoding);
  virtual ~Compressor() = default;

  // Takes `bytes` and appends to `out` what is ready.
  virtual void Append(std::string_view bytes, std::string& out) = 0;

  // Appends everything taken so far in a form that the receiver can already read.
  virtual void Flush(std::string& out) = 0;

  // Appends the rest. Nothing may follow.
  virtual void Finish(std::string& out) = 0;
};

// The whole of `text` compressed.
std::string Compress(std::string_view text, Encoding encoding);

// The text of a gzip file; empty when it is damaged.
std::string Gunzip(std::string_view compressed);

}  // namespace eider::http
