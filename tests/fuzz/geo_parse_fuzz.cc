// Any bytes as a geometry: reading ends with a geometry or an error, and a geometry survives WKB.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "geo/h3_cells.h"
#include "geo/parse.h"
#include "geo/wkb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace eider::geo;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)ReadWkb(text);
  const auto geometry = ParseGeometry(text);
  if (!geometry) {
    if (geometry.error().message.empty()) std::abort();
    return 0;
  }
  const auto again = ReadWkb(WriteWkb(*geometry));
  if (!again || WriteWkb(*again) != WriteWkb(*geometry)) std::abort();
  if (size < 512) (void)CellsOf(SimplifiedFor(*geometry, 1), 1);
  return 0;
}
