// Any bytes as a GraphQL document: parsing ends with a document or an error, and a document survives printing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "graphql/parser.h"
#include "graphql/print.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace eider::graphql;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Arena arena;
  if (const auto value = ParseConstValue(text, arena)) {
    const std::string printed = PrintValue(**value);
    const auto again = ParseConstValue(printed, arena);
    if (!again || PrintValue(**again) != printed) std::abort();
  }
  (void)ParseSdl(text);
  const auto document = Parse(text);
  if (!document) {
    for (const Location& location : document.error().locations) {
      if (location.line == 0 || location.column == 0) std::abort();
    }
    return 0;
  }
  const std::string printed = PrintDocument(**document);
  if (printed.empty()) return 0;
  const auto again = Parse(printed);
  if (!again || PrintDocument(**again) != printed) std::abort();
  return 0;
}
