#pragma once

#include <string_view>

#include "columnar/json_sink.h"

namespace eider::columnar {

// Writes `bytes` in base64 with padding (RFC 4648, section 4), without quotes.
void WriteBase64(std::string_view bytes, JsonSink& sink);

}  // namespace eider::columnar
