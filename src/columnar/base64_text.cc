#include "columnar/base64_text.h"

#include <cstdint>

namespace eider::columnar {
namespace {

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint32_t Byte(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}

}  // namespace

void WriteBase64(std::string_view bytes, JsonSink& sink) {
  constexpr std::size_t kGroups = 128;
  std::size_t at = 0;
  while (at < bytes.size()) {
    char* to = sink.Reserve(kGroups * 4);
    for (std::size_t group = 0; group < kGroups && at < bytes.size(); ++group, at += 3) {
      const std::uint32_t bits = Byte(bytes, at) << 16U | Byte(bytes, at + 1) << 8U | Byte(bytes, at + 2);
      *to++ = kDigits[bits >> 18U];
      *to++ = kDigits[bits >> 12U & 63U];
      *to++ = at + 1 < bytes.size() ? kDigits[bits >> 6U & 63U] : '=';
      *to++ = at + 2 < bytes.size() ? kDigits[bits & 63U] : '=';
    }
    sink.Advance(to);
  }
}

}  // namespace eider::columnar
