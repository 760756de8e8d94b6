#include "http/compressor.h"

#include <brotli/encode.h>
#include <zlib.h>

#include "base/check.h"

namespace eider::http {
namespace {

// Fast settings: answers are compressed once each, while the client waits.
constexpr int kGzipLevel = 3;
constexpr int kBrotliQuality = 3;
constexpr int kBrotliWindow = 18;
constexpr int kGzipHeader = 16;  // Added to the window's bits to write gzip instead of zlib.
constexpr std::size_t kStep = 16 << 10;

class GzipCompressor final : public Compressor {
 public:
  GzipCompressor() {
    EIDER_CHECK(deflateInit2(&stream_, kGzipLevel, Z_DEFLATED, MAX_WBITS + kGzipHeader, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  }
  ~GzipCompressor() override { deflateEnd(&stream_); }
  GzipCompressor(const GzipCompressor&) = delete;
  GzipCompressor& operator=(const GzipCompressor&) = delete;

  void Append(std::string_view bytes, std::string& out) override { Drive(bytes, Z_NO_FLUSH, out); }
  void Flush(std::string& out) override { Drive({}, Z_SYNC_FLUSH, out); }
  void Finish(std::string& out) override { Drive({}, Z_FINISH, out); }

 private:
  void Drive(std::string_view bytes, int mode, std::string& out) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      const std::size_t old_size = out.size();
      out.resize(old_size + kStep);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + old_size);
      stream_.avail_out = kStep;
      deflate(&stream_, mode);
      out.resize(old_size + kStep - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_{};
};

class BrotliCompressor final : public Compressor {
 public:
  BrotliCompressor() : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    EIDER_CHECK(state_ != nullptr);
    BrotliEncoderSetParameter(state_, BROTLI_PARAM_QUALITY, kBrotliQuality);
    BrotliEncoderSetParameter(state_, BROTLI_PARAM_LGWIN, kBrotliWindow);
  }
  ~BrotliCompressor() override { BrotliEncoderDestroyInstance(state_); }
  BrotliCompressor(const BrotliCompressor&) = delete;
  BrotliCompressor& operator=(const BrotliCompressor&) = delete;

  void Append(std::string_view bytes, std::string& out) override { Drive(bytes, BROTLI_OPERATION_PROCESS, out); }
  void Flush(std::string& out) override { Drive({}, BROTLI_OPERATION_FLUSH, out); }
  void Finish(std::string& out) override { Drive({}, BROTLI_OPERATION_FINISH, out); }

 private:
  void Drive(std::string_view bytes, BrotliEncoderOperation operation, std::string& out) {
    const auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t left = bytes.size();
    do {
      std::size_t room = 0;
      EIDER_CHECK(BrotliEncoderCompressStream(state_, operation, &left, &next, &room, nullptr, nullptr));
      std::size_t size = 0;
      const std::uint8_t* ready = BrotliEncoderTakeOutput(state_, &size);
      out.append(reinterpret_cast<const char*>(ready), size);
    } while (left > 0 || BrotliEncoderHasMoreOutput(state_));
  }

  BrotliEncoderState* const state_;
};

}  // namespace

std::unique_ptr<Compressor> Compressor::Create(Encoding encoding) {
  if (encoding == Encoding::kBrotli) return std::make_unique<BrotliCompressor>();
  EIDER_CHECK(encoding == Encoding::kGzip);
  return std::make_unique<GzipCompressor>();
}

std::string Compress(std::string_view text, Encoding encoding) {
  const auto compressor = Compressor::Create(encoding);
  std::string out;
  compressor->Append(text, out);
  compressor->Finish(out);
  return out;
}

std::string Gunzip(std::string_view compressed) {
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + kGzipHeader) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string out;
  int code = Z_OK;
  while (code == Z_OK) {
    const std::size_t old_size = out.size();
    out.resize(old_size + kStep);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + old_size);
    stream.avail_out = kStep;
    code = inflate(&stream, Z_NO_FLUSH);
    out.resize(old_size + kStep - stream.avail_out);
  }
  inflateEnd(&stream);
  return code == Z_STREAM_END ? out : std::string();
}

}  // namespace eider::http
