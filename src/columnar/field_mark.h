#pragma once

#include <string_view>

#include "columnar/arrow_c.h"

namespace eider::columnar {

// The name of a field's Arrow extension type, kept in its metadata; empty for a plain field. Source: the C data
// interface, "Metadata" and "Extension types".
std::string_view ExtensionName(const ArrowSchema& schema);

// Text that is a decimal number of any length: written to JSON as it is, without quotes.
inline constexpr std::string_view kNumberText = "eider.number";

// The encoded metadata of a field that holds kNumberText; lives as long as the process.
const char* NumberTextMetadata();

}  // namespace eider::columnar
