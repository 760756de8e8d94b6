#include "load/connection.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace eider::bench {
namespace {

constexpr std::size_t kKept = 512;

[[noreturn]] void Die(std::string_view what) {
  fmt::print(stderr, "load: {}: {}\n", what, std::strerror(errno));
  std::exit(2);
}

bool IsChunked(std::string_view head) { return head.find("chunked\r\n") != std::string_view::npos; }

std::uint64_t ContentLength(std::string_view head) {
  for (const std::string_view name : {"Content-Length: ", "content-length: "}) {
    const auto at = head.find(name);
    if (at != std::string_view::npos) return std::strtoull(head.data() + at + name.size(), nullptr, 10);
  }
  return 0;
}

}  // namespace

Connection::Connection(std::uint16_t port) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) Die("socket");
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) Die("connect");
}

Connection::~Connection() { ::close(fd_); }

bool Connection::ok() const { return status_ == 200 && !beginning_.starts_with("{\"errors\""); }

void Connection::StartAnswer() {
  head_.clear();
  beginning_.clear();
  chunk_line_.clear();
  in_body_ = chunked_ = done_ = false;
  body_bytes_ = left_ = 0;
}

void Connection::Send(std::string_view request) {
  StartAnswer();
  sent_at_ = Clock::now();
  while (!request.empty()) {
    const auto written = ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
    if (written < 0) Die("send");
    request.remove_prefix(static_cast<std::size_t>(written));
  }
}

bool Connection::Receive() {
  static std::array<char, 1 << 18> buffer;
  const auto received = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (received <= 0) Die("the server closed a connection");
  const std::string_view data(buffer.data(), static_cast<std::size_t>(received));
  if (in_body_) {
    TakeBody(data);
  } else {
    head_.append(data);
    if (!TakeHead()) return false;
  }
  return done_;
}

bool Connection::TakeHead() {
  const auto end = head_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const std::string body = head_.substr(end + 4);
  head_.resize(end + 2);
  status_ = std::atoi(head_.c_str() + std::min<std::size_t>(9, head_.size()));
  in_body_ = true;
  chunked_ = IsChunked(head_);
  left_ = chunked_ ? 0 : ContentLength(head_);
  first_body_byte_at_ = Clock::now();
  if (!chunked_ && left_ == 0) done_ = true;
  if (!body.empty()) TakeBody(body);
  return true;
}

void Connection::TakeBody(std::string_view data) {
  if (chunked_) return TakeChunked(data);
  Keep(data);
  left_ -= std::min<std::uint64_t>(left_, data.size());
  done_ = left_ == 0;
}

void Connection::TakeChunked(std::string_view data) {
  while (!data.empty() && !done_) {
    if (left_ > 0) {
      const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, data.size()));
      // The last two bytes of `left_` are the chunk's line end.
      if (left_ > 2) Keep(data.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(taken, left_ - 2))));
      left_ -= taken;
      data.remove_prefix(taken);
      continue;
    }
    chunk_line_.push_back(data.front());
    data.remove_prefix(1);
    if (!chunk_line_.ends_with("\r\n")) continue;
    const auto size = std::strtoull(chunk_line_.c_str(), nullptr, 16);
    // The answer ends with an empty chunk and an empty line, after which nothing is outstanding.
    if (size == 0) done_ = chunk_line_ == "\r\n";
    left_ = size == 0 ? 0 : size + 2;
    chunk_line_.clear();
  }
}

void Connection::Keep(std::string_view data) {
  body_bytes_ += data.size();
  if (beginning_.size() < kKept) beginning_.append(data.substr(0, kKept - beginning_.size()));
}

}  // namespace eider::bench
