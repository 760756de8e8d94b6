#include "config/option.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/text.h"
#include "config/load.h"

namespace eider::config {
namespace {

constexpr std::array<std::pair<std::string_view, LogLevel>, 5> kLevels = {{{"trace", LogLevel::kTrace},
                                                                           {"debug", LogLevel::kDebug},
                                                                           {"info", LogLevel::kInfo},
                                                                           {"warn", LogLevel::kWarn},
                                                                           {"error", LogLevel::kError}}};
constexpr std::array<std::pair<std::string_view, LogFormat>, 2> kFormats = {
    {{"json", LogFormat::kJson}, {"text", LogFormat::kText}}};
constexpr std::array<std::pair<std::string_view, CacheIdentity>, 2> kIdentities = {
    {{"full", CacheIdentity::kFull}, {"projection", CacheIdentity::kProjection}}};
constexpr std::array<std::pair<std::string_view, AutoMigrate>, 3> kMigrations = {
    {{"false", AutoMigrate::kFalse}, {"true", AutoMigrate::kTrue}, {"contract", AutoMigrate::kContract}}};
constexpr std::array<std::pair<std::string_view, CacheBackend>, 2> kBackends = {
    {{"redis", CacheBackend::kRedis}, {"memcached", CacheBackend::kMemcached}}};
constexpr std::array<std::pair<std::string_view, SubscriptionDelivery>, 2> kDeliveries = {
    {{"row", SubscriptionDelivery::kRow}, {"result", SubscriptionDelivery::kResult}}};

template <class Table, class Value>
Status ReadWord(const Table& table, std::string_view text, std::string_view choices, Value& value) {
  for (const auto& [word, meaning] : table) {
    if (word == text) {
      value = meaning;
      return {};
    }
  }
  return Error(ErrorCode::kBadInput, fmt::format("must be one of {}, not \"{}\"", choices, text));
}

Status Read(std::string_view text, std::string& value) {
  value = text;
  return {};
}

Status Read(std::string_view text, bool& value) {
  const std::string lower = LowerAscii(text);
  if (lower == "true" || lower == "1" || lower == "yes" || lower == "on") {
    value = true;
  } else if (lower == "false" || lower == "0" || lower == "no" || lower == "off") {
    value = false;
  } else {
    return Error(ErrorCode::kBadInput, fmt::format("must be true or false, not \"{}\"", text));
  }
  return {};
}

Status Read(std::string_view text, std::optional<bool>& value) {
  if (text.empty()) {
    value.reset();
    return {};
  }
  bool given = false;
  EIDER_RETURN_IF_ERROR(Read(text, given));
  value = given;
  return {};
}

Status Read(std::string_view text, std::int64_t& value) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) {
    return Error(ErrorCode::kBadInput, fmt::format("must be a whole number, not \"{}\"", text));
  }
  value = number;
  return {};
}

Status Read(std::string_view text, Duration& value) {
  EIDER_ASSIGN_OR_RETURN(value, ParseDuration(text));
  return {};
}

Status Read(std::string_view text, Bytes& value) {
  EIDER_ASSIGN_OR_RETURN(value, ParseBytes(text));
  return {};
}

Status Read(std::string_view text, std::vector<std::string>& value) {
  value.clear();
  for (std::string_view part : SplitText(text, ',')) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) value.emplace_back(part);
  }
  return {};
}

Status Read(std::string_view text, LogLevel& value) {
  return ReadWord(kLevels, text, "trace, debug, info, warn, error", value);
}
Status Read(std::string_view text, LogFormat& value) { return ReadWord(kFormats, text, "json, text", value); }

Status Read(std::string_view text, CacheIdentity& value) {
  return ReadWord(kIdentities, text, "full, projection", value);
}
Status Read(std::string_view text, AutoMigrate& value) {
  return ReadWord(kMigrations, text, "false, true, contract", value);
}
Status Read(std::string_view text, SubscriptionDelivery& value) {
  return ReadWord(kDeliveries, text, "row, result", value);
}
Status Read(std::string_view text, CacheBackend& value) { return ReadWord(kBackends, text, "redis, memcached", value); }

// A number without a unit that is below `limit`, as megabytes.
std::optional<std::uint64_t> BareMegabytes(std::string_view text, std::uint64_t limit) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > limit) return std::nullopt;
  return number << 20;
}

Status Read(std::string_view text, Megabytes& value) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 30;
  if (const auto bytes = BareMegabytes(text, kMost)) {
    value.bytes = *bytes;
    return {};
  }
  EIDER_ASSIGN_OR_RETURN(const Bytes bytes, ParseBytes(text));
  value.bytes = bytes.value;
  return {};
}

Status Read(std::string_view text, ItemSize& value) {
  constexpr std::uint64_t kMegabytes = 1024;
  if (const auto bytes = BareMegabytes(text, kMegabytes)) {
    value.bytes = *bytes;
    return {};
  }
  if (const auto megabytes = BareMegabytes(text, UINT64_MAX >> 20)) {
    value.bytes = *megabytes >> 20;
    return {};
  }
  EIDER_ASSIGN_OR_RETURN(const Bytes bytes, ParseBytes(text));
  value.bytes = bytes.value;
  return {};
}

template <class Value>
constexpr std::string_view PlaceholderOf() {
  if constexpr (std::is_same_v<Value, bool> || std::is_same_v<Value, std::optional<bool>>) return "BOOL";
  if constexpr (std::is_same_v<Value, std::int64_t>) return "N";
  if constexpr (std::is_same_v<Value, Duration>) return "DURATION";
  if constexpr (std::is_same_v<Value, Bytes>) return "SIZE";
  if constexpr (std::is_same_v<Value, std::vector<std::string>>) return "LIST";
  if constexpr (std::is_same_v<Value, Megabytes> || std::is_same_v<Value, ItemSize>) return "SIZE";
  if constexpr (std::is_same_v<Value, CacheIdentity>) return "full|projection";
  if constexpr (std::is_same_v<Value, AutoMigrate>) return "false|true|contract";
  if constexpr (std::is_same_v<Value, SubscriptionDelivery>) return "row|result";
  if constexpr (std::is_same_v<Value, CacheBackend>) return "redis|memcached";
  if constexpr (std::is_same_v<Value, LogLevel>) return "trace|debug|info|warn|error";
  if constexpr (std::is_same_v<Value, LogFormat>) return "json|text";
  return "TEXT";
}

template <class Value>
std::string_view PlaceholderOfMember(Value Config::* /*member*/) {
  return PlaceholderOf<Value>();
}

}  // namespace

std::string EnvironmentName(const Option& option) {
  std::string name(option.key);
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

std::string FlagName(const Option& option) {
  std::string name = "--" + std::string(option.key);
  for (char& c : name) c = c == '_' ? '-' : c;
  return name;
}

std::string_view Placeholder(const Option& option) {
  return std::visit([](auto member) { return PlaceholderOfMember(member); }, option.member);
}

Status SetOption(const Option& option, std::string_view text, Config& config) {
  return std::visit([&](auto member) { return Read(text, config.*member); }, option.member);
}

}  // namespace eider::config
