#include "base/exact_number.h"

namespace eider {

bool NeedsExactNumber(std::string_view text) {
  constexpr int kSafeDigits = 15;
  int digits = 0;
  for (const char c : text.substr(0, text.find_first_of("eE"))) {
    if (c >= '0' && c <= '9' && (digits > 0 || c != '0')) ++digits;
  }
  return digits > kSafeDigits;
}

std::string MarkedNumber(std::string_view text) { return std::string(1, kExactNumberMark).append(text); }

}  // namespace eider
