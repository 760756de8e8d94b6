#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace eider {

// `text` as an SQL identifier in double quotes, inner quotes doubled.
std::string QuoteIdentifier(std::string_view text);

// `text` as an SQL string literal in single quotes, inner quotes doubled.
std::string QuoteLiteral(std::string_view text);

// The parts of `text` between `separator`; an empty text gives no part.
std::vector<std::string_view> SplitText(std::string_view text, char separator);

// Appends `text` as a JSON string with quotes. Invalid UTF-8 bytes are passed through.
void AppendJsonString(std::string& out, std::string_view text);

// ASCII lower case.
std::string LowerAscii(std::string_view text);

// Replaces passwords in URLs and key=value DSNs, and secret-looking query parameters, by ***.
std::string RedactSecrets(std::string_view text);

}  // namespace eider
