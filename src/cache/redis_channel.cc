#include "cache/redis_channel.h"

#include <hiredis/hiredis.h>

#include <charconv>

namespace eider::cache {
namespace {

constexpr int kDeepest = 8;

RedisReply Take(const redisReply& from, int depth) {
  RedisReply out;
  switch (from.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      out.kind = RedisReply::Kind::kText;
      out.text.assign(from.str, static_cast<std::size_t>(from.len));
      break;
    case REDIS_REPLY_ERROR:
      out.kind = RedisReply::Kind::kError;
      out.text.assign(from.str, static_cast<std::size_t>(from.len));
      break;
    case REDIS_REPLY_INTEGER:
      out.kind = RedisReply::Kind::kInteger;
      out.integer = from.integer;
      break;
    case REDIS_REPLY_ARRAY:
      out.kind = RedisReply::Kind::kList;
      for (std::size_t i = 0; depth < kDeepest && i < from.elements; ++i) {
        out.items.push_back(Take(*from.element[i], depth + 1));
      }
      break;
    default: break;
  }
  return out;
}

void Append(std::string& out, const RedisCommand& command) {
  out.append("*").append(std::to_string(command.size())).append("\r\n");
  for (const std::string& part : command) {
    out.append("$").append(std::to_string(part.size())).append("\r\n").append(part).append("\r\n");
  }
}

}  // namespace

struct RedisChannel::Reader {
  Reader() : reader(redisReaderCreate()) {}
  ~Reader() { redisReaderFree(reader); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  redisReader* const reader;
};

std::uint64_t RedisReply::Number() const {
  if (kind == Kind::kInteger) return static_cast<std::uint64_t>(integer);
  std::uint64_t number = 0;
  if (kind == Kind::kText) std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

RedisChannel::RedisChannel(std::unique_ptr<Wire> wire) : wire_(std::move(wire)), reader_(std::make_unique<Reader>()) {}

RedisChannel::~RedisChannel() = default;

Result<std::vector<RedisReply>> RedisChannel::Exchange(const std::vector<RedisCommand>& commands,
                                                       const Deadline& deadline) {
  std::string request;
  for (const RedisCommand& command : commands) Append(request, command);
  EIDER_RETURN_IF_ERROR(wire_->Send(request, deadline));
  std::vector<RedisReply> replies;
  replies.reserve(commands.size());
  while (replies.size() < commands.size()) {
    EIDER_ASSIGN_OR_RETURN(RedisReply reply, Next(deadline));
    replies.push_back(std::move(reply));
  }
  return replies;
}

Result<RedisReply> RedisChannel::Next(const Deadline& deadline) {
  while (true) {
    void* raw = nullptr;
    if (redisReaderGetReply(reader_->reader, &raw) != REDIS_OK) {
      return Error(ErrorCode::kSourceUnavailable, "cache server: no redis protocol");
    }
    if (raw != nullptr) {
      auto* reply = static_cast<redisReply*>(raw);
      RedisReply out = Take(*reply, 0);
      freeReplyObject(reply);
      return out;
    }
    std::string bytes;
    EIDER_RETURN_IF_ERROR(wire_->Receive(bytes, deadline));
    if (redisReaderFeed(reader_->reader, bytes.data(), bytes.size()) != REDIS_OK) {
      return Error(ErrorCode::kSourceUnavailable, "cache server: no redis protocol");
    }
  }
}

int RedisSlot(std::string_view key) {
  if (const std::size_t open = key.find('{'); open != std::string_view::npos) {
    const std::size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  }
  // CRC-16/XMODEM, as the cluster specification says.
  std::uint16_t crc = 0;
  for (const char c : key) {
    crc = static_cast<std::uint16_t>(crc ^ static_cast<std::uint16_t>(static_cast<unsigned char>(c) << 8));
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<std::uint16_t>((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
  }
  return crc % 16384;
}

}  // namespace eider::cache
