// Any bytes as an OpenAPI document: it is refused with a reason, or becomes SDL that can be parsed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "graphql/parser.h"
#include "sources/http/openapi/openapi_sdl.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace eider;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = sources::openapi::ReadDocument(text);
  if (!document) {
    if (document.error().message.empty()) std::abort();
    return 0;
  }
  const auto description =
      sources::openapi::DescribeApi(*document, {"http://127.0.0.1/api/openapi.json", "http://127.0.0.1/api", false});
  if (!description) {
    if (description.error().message.empty()) std::abort();
    return 0;
  }
  if (!description->sdl.empty() && !graphql::ParseSdl(description->sdl, "openapi")) std::abort();
  return 0;
}
