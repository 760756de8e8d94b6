// @json, @csv and the other formats.
#include <fmt/format.h>

#include <cmath>

#include "jq/interpreter.h"
#include "jq/strings.h"
#include "jq/utf8.h"

namespace eider::jq {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string Shown(const Value& value) { return std::string(TypeName(value)) + " (" + Excerpt(value) + ")"; }

// Writes groups of bits as letters, with padding to whole blocks.
std::string Encode(std::string_view bytes, std::string_view letters, unsigned bits, std::size_t block) {
  std::string out;
  unsigned held = 0;
  unsigned count = 0;
  for (const char c : bytes) {
    held = held << 8 | static_cast<unsigned char>(c);
    count += 8;
    for (; count >= bits; count -= bits) out.push_back(letters[held >> (count - bits) & ((1U << bits) - 1)]);
    held &= (1U << count) - 1;
  }
  if (count > 0) out.push_back(letters[held << (bits - count) & ((1U << bits) - 1)]);
  while (out.size() % block != 0) out.push_back('=');
  return out;
}

// The opposite; false for a letter that does not belong.
bool Decode(std::string_view text, std::string_view letters, unsigned bits, std::string* out) {
  unsigned held = 0;
  unsigned count = 0;
  std::size_t used = 0;
  for (const char c : text) {
    if (c == '=') continue;
    const std::size_t digit = letters.find(c);
    if (digit == std::string_view::npos) return false;
    held = held << bits | static_cast<unsigned>(digit);
    count += bits;
    ++used;
    if (count >= 8) {
      count -= 8;
      out->push_back(static_cast<char>(held >> count & 255));
      held &= (1U << count) - 1;
    }
  }
  return text.empty() || used > 1;
}

template <class Escape>
std::string EscapeEach(std::string_view text, Escape escape) {
  std::string out;
  for (const char c : text) {
    const std::string_view other = escape(c);
    if (other.empty()) {
      out.push_back(c);
    } else {
      out.append(other);
    }
  }
  return out;
}

std::string Html(std::string_view text) {
  return EscapeEach(text, [](char c) -> std::string_view {
    switch (c) {
      case '<': return "&lt;";
      case '>': return "&gt;";
      case '&': return "&amp;";
      case '\'': return "&#39;";
      case '"': return "&quot;";
      default: return {};
    }
  });
}

std::string Uri(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      out.append(fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c))));
    }
  }
  return out;
}

std::string CsvText(std::string_view text) {
  return "\"" + EscapeEach(text, [](char c) -> std::string_view { return c == '"' ? "\"\"" : ""; }) + "\"";
}

std::string TsvText(std::string_view text) {
  return EscapeEach(text, [](char c) -> std::string_view {
    switch (c) {
      case '\t': return "\\t";
      case '\n': return "\\n";
      case '\r': return "\\r";
      case '\\': return "\\\\";
      default: return {};
    }
  });
}

std::string ShellText(const Value& value) {
  if (!value.IsString()) return ToJson(value);
  return "'" + EscapeEach(value.text(), [](char c) -> std::string_view { return c == '\'' ? "'\\''" : ""; }) + "'";
}

}  // namespace

bool Interpreter::Format(std::string_view format, const Value& value, std::string* out) {
  const auto row = [&](char separator, auto write) {
    if (!value.IsArray())
      return Fail(Shown(value) + " cannot be " + std::string(format.substr(1)) + "-formatted, only an array can be");
    for (const Value& item : value.array()) {
      if (&item != value.array().data()) out->push_back(separator);
      if (item.IsArray() || item.IsObject()) {
        return Fail(Shown(item) + " is not valid in a csv row");
      }
      if (item.IsNull()) continue;
      out->append(item.IsString() ? write(item.text()) : ToJson(item));
    }
    return true;
  };
  if (format == "@text") return *out = TextOf(value), true;
  if (format == "@json") return *out = ToJson(value), true;
  if (format == "@html") return *out = Html(TextOf(value)), true;
  if (format == "@uri") return *out = Uri(TextOf(value)), true;
  if (format == "@csv") return row(',', CsvText);
  if (format == "@tsv") return row('\t', TsvText);
  if (format == "@base64") return *out = Encode(TextOf(value), kBase64, 6, 4), true;
  if (format == "@base32") return *out = Encode(TextOf(value), kBase32, 5, 8), true;
  if (format == "@base64d" || format == "@base32d") {
    const bool is64 = format == "@base64d";
    std::string bytes;
    if (!Decode(TextOf(value), is64 ? kBase64 : kBase32, is64 ? 6 : 5, &bytes)) {
      return Fail(Shown(value) + " is not valid " + (is64 ? "base64" : "base32") + " data");
    }
    *out = RepairUtf8(bytes);
    return true;
  }
  if (format == "@sh") {
    if (value.IsObject()) return Fail(Shown(value) + " can not be escaped for shell");
    if (!value.IsArray()) return *out = ShellText(value), true;
    for (const Value& item : value.array()) {
      if (item.IsArray() || item.IsObject()) return Fail(Shown(item) + " can not be escaped for shell");
      if (!out->empty()) out->push_back(' ');
      out->append(ShellText(item));
    }
    return true;
  }
  return Fail(std::string(format.substr(1)) + " is not a valid format");
}

}  // namespace eider::jq
