#pragma once

#include <string>
#include <string_view>

// Bytes as hexadecimal digits, alone and behind "%".
namespace eider {

// The value of a hexadecimal digit of either case, or -1.
int HexDigit(char c);

// Two lower-case digits for each byte.
std::string HexText(std::string_view bytes);

// `text` with each "%XX" replaced by its byte; a "%" without two digits stays.
std::string UnescapePercent(std::string_view text);

}  // namespace eider
