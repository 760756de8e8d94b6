#pragma once

#include <string_view>

#include "columnar/json_sink.h"

namespace eider::columnar {

// Writes `text` as a JSON string with its quotes. Bytes above 0x7F pass as they are.
void WriteJsonString(std::string_view text, JsonSink& sink);

}  // namespace eider::columnar
