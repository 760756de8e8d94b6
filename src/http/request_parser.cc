// Beast asserts that a last chunk seen in part has five bytes or more, which one without a chunk before it has not.
#define BOOST_DISABLE_ASSERTS

#include "http/request_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>

namespace eider::http {
namespace {

namespace beast = boost::beast::http;

// Copies what Beast's parser finds into a Request.
class Collector final : public beast::basic_parser<true> {
 public:
  Collector(Request& request, const ParserLimits& limits) : request_(request) {
    // RequestParser counts exactly and comes first; Beast's limit is fuzzy and may ask for more for ever.
    header_limit(static_cast<std::uint32_t>(2 * limits.max_header_bytes + 1024));
    body_limit(limits.max_body_bytes);
  }

 private:
  using Text = boost::core::string_view;
  using Code = boost::beast::error_code;

  void on_request_impl(beast::verb /*verb*/, Text method, Text target, int version, Code& /*ec*/) override {
    request_.method.assign(method.data(), method.size());
    request_.target.assign(target.data(), target.size());
    request_.http10 = version < 11;
  }
  void on_response_impl(int /*code*/, Text /*reason*/, int /*version*/, Code& /*ec*/) override {}
  void on_field_impl(beast::field field, Text name, Text value, Code& /*ec*/) override {
    request_.AddHeader({name.data(), name.size()}, {value.data(), value.size()});
    if (field == beast::field::expect) request_.expects_continue = true;
  }
  void on_header_impl(Code& /*ec*/) override { request_.keep_alive = keep_alive(); }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code& /*ec*/) override {
    // A length is only a claim: memory follows what really comes.
    constexpr std::uint64_t kTrusted = 256 << 10;
    if (length) request_.body.reserve(static_cast<std::size_t>(std::min(*length, kTrusted)));
  }
  std::size_t on_body_impl(Text body, Code& /*ec*/) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t /*size*/, Text /*extensions*/, Code& /*ec*/) override {}
  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, Text body, Code& /*ec*/) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(Code& /*ec*/) override {}

  Request& request_;
};

}  // namespace

class RequestParser::Impl {
 public:
  std::optional<Collector> collector;
};

RequestParser::RequestParser(const ParserLimits& limits) : limits_(limits), impl_(std::make_unique<Impl>()) { Reset(); }

RequestParser::~RequestParser() = default;

void RequestParser::Reset() {
  request_.Clear();
  impl_->collector.emplace(request_, limits_);
  state_ = State::kHead;
  head_bytes_ = 0;
  status_ = 0;
  error_ = {};
}

void RequestParser::Fail(int status, std::string_view error) {
  state_ = State::kFailed;
  status_ = status;
  error_ = error;
}

std::size_t RequestParser::Put(std::string_view bytes) {
  Collector& collector = *impl_->collector;
  boost::beast::error_code code;
  const std::size_t used = collector.put(boost::asio::const_buffer(bytes.data(), bytes.size()), code);
  if (code && code != beast::error::need_more) {
    if (code == beast::error::header_limit) {
      Fail(431, "the request's headers are too large");
    } else if (code == beast::error::body_limit) {
      Fail(413, "the request's body is larger than MAX_BODY_SIZE allows");
    } else if (code == beast::error::bad_version) {
      Fail(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    } else {
      Fail(400, "this is no HTTP request");
    }
    return used;
  }
  if (state_ == State::kHead) {
    head_bytes_ += used;
    const std::size_t pending = collector.is_header_done() ? 0 : bytes.size() - used;
    if (head_bytes_ + pending > limits_.max_header_bytes) {
      Fail(431, "the request's headers are too large");
      return used;
    }
  }
  if (collector.is_done()) {
    state_ = State::kDone;
  } else if (collector.is_header_done()) {
    state_ = State::kBody;
  }
  return used;
}

}  // namespace eider::http
