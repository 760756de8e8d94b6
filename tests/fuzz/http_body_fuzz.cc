// Any bytes as a body, a query string, header values, and as an HTTP request in pieces whose sizes the bytes choose.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/graphql_request.h"
#include "http/negotiate.h"
#include "http/request_parser.h"

namespace {

// Reads `text` in pieces, as a connection does. What is complete must not depend on where the cuts were.
std::string ReadInPieces(std::string_view text, std::size_t step) {
  using State = eider::http::RequestParser::State;
  eider::http::RequestParser parser({.max_header_bytes = 512, .max_body_bytes = 1024});
  std::size_t begin = 0;
  std::size_t end = 0;
  while (parser.state() == State::kHead || parser.state() == State::kBody) {
    const std::size_t used = parser.Put(text.substr(begin, end - begin));
    if (used > end - begin) std::abort();
    begin += used;
    if (used > 0) continue;
    if (end == text.size()) return "incomplete";
    end = std::min(end + step, text.size());
  }
  if (parser.state() == State::kFailed) return "failed";
  const eider::http::Request& request = parser.request();
  if (request.body.size() > 1024) std::abort();
  return request.method + " " + request.target + "\n" + request.body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto request = eider::http::ParseGraphqlBody(text)) {
    if (!request->variables.IsObject() && !request->variables.IsNull()) std::abort();
  }
  (void)eider::http::ParseGraphqlParameters(text);
  (void)eider::http::ChooseEncoding(text);
  (void)eider::http::ChooseMediaType(text);
  if (size == 0) return 0;
  const std::string whole = ReadInPieces(text.substr(1), SIZE_MAX - text.size());
  const std::string pieces = ReadInPieces(text.substr(1), 1 + data[0] % 16);
  if (whole != pieces && whole != "failed" && pieces != "failed") std::abort();
  return 0;
}
