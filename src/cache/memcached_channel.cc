#include "cache/memcached_channel.h"

#include <charconv>
#include <utility>
#include <vector>

#include "base/text.h"

namespace eider::cache {
namespace {

constexpr std::string_view kEnd = "\r\n";

Error BadAnswer() { return {ErrorCode::kBadInput, "cache server: no memcached protocol"}; }

}  // namespace

Result<std::optional<std::map<std::string, std::string>>> ReadMemcachedValues(std::string_view bytes,
                                                                              std::size_t max_item) {
  using Values = std::map<std::string, std::string>;
  constexpr std::size_t kLongestLine = 512;
  Values values;
  while (true) {
    const std::size_t end = bytes.find(kEnd);
    if (end == std::string_view::npos) {
      if (bytes.size() > kLongestLine) return BadAnswer();
      return std::optional<Values>();
    }
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + kEnd.size());
    if (line == "END") return std::optional(std::move(values));
    const std::vector<std::string_view> words = SplitText(line, ' ');
    if (words.size() < 4 || words[0] != "VALUE") return BadAnswer();
    std::size_t size = 0;
    const auto [rest, error] = std::from_chars(words[3].data(), words[3].data() + words[3].size(), size);
    if (error != std::errc() || rest != words[3].data() + words[3].size() || size > max_item) return BadAnswer();
    if (bytes.size() < size + kEnd.size()) return std::optional<Values>();
    if (bytes.substr(size, kEnd.size()) != kEnd) return BadAnswer();
    values[std::string(words[1])] = bytes.substr(0, size);
    bytes.remove_prefix(size + kEnd.size());
  }
}

Result<std::map<std::string, std::string>> MemcachedChannel::Get(std::span<const std::string> keys,
                                                                 const Deadline& deadline) {
  std::string command = "get";
  for (const std::string& key : keys) command.append(" ").append(key);
  EIDER_RETURN_IF_ERROR(wire_->Send(command.append(kEnd), deadline));
  std::string bytes;
  std::size_t tried = 0;
  while (true) {
    EIDER_RETURN_IF_ERROR(wire_->Receive(bytes, deadline));
    // A long value is not read again for each of its pieces.
    if (bytes.size() < tried && !bytes.ends_with("END\r\n")) continue;
    EIDER_ASSIGN_OR_RETURN(auto values, ReadMemcachedValues(bytes, kMaxItem));
    if (values) return std::move(*values);
    tried = 2 * bytes.size();
  }
}

Result<std::string> MemcachedChannel::Put(std::string_view verb, const std::string& key, std::string_view value,
                                          long seconds, const Deadline& deadline) {
  std::string command(verb);
  command.append(" ").append(key).append(" 0 ").append(std::to_string(seconds)).append(" ");
  command.append(std::to_string(value.size())).append(kEnd).append(value);
  return Line(command, deadline);
}

Result<std::string> MemcachedChannel::Line(const std::string& command, const Deadline& deadline) {
  EIDER_RETURN_IF_ERROR(wire_->Send(command + std::string(kEnd), deadline));
  std::string bytes;
  while (!bytes.ends_with(kEnd)) {
    EIDER_RETURN_IF_ERROR(wire_->Receive(bytes, deadline));
    if (bytes.size() > 4096) return BadAnswer();
  }
  bytes.resize(bytes.size() - kEnd.size());
  return bytes;
}

}  // namespace eider::cache
