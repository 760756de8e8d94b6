#include "load/http_load.h"

#include <fmt/core.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include "load/connection.h"

namespace eider::bench {
namespace {

constexpr std::string_view kHole = "@ID@";

// Builds requests: the text around the holes is made once.
class Requests {
 public:
  explicit Requests(const HttpLoadOptions& options) : options_(options), random_(42) {
    std::string_view body = options.body;
    for (auto at = body.find(kHole); at != std::string_view::npos; at = body.find(kHole)) {
      pieces_.emplace_back(body.substr(0, at));
      body.remove_prefix(at + kHole.size());
    }
    pieces_.emplace_back(body);
  }

  const std::string& Next() {
    if (pieces_.size() == 1 && !request_.empty()) return request_;
    const std::string id = std::to_string(NextId());
    body_ = pieces_.front();
    for (std::size_t i = 1; i < pieces_.size(); ++i) body_.append(id).append(pieces_[i]);
    request_ = fmt::format(
        "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        options_.path, body_.size(), body_);
    return request_;
  }

 private:
  std::uint64_t NextId() {
    if (options_.ids == 0) return 0;
    return options_.sequential ? ++last_ : 1 + random_.Below(options_.ids);
  }

  const HttpLoadOptions& options_;
  Random random_;
  std::uint64_t last_ = 0;
  std::vector<std::string> pieces_;
  std::string body_;
  std::string request_;
};

void Count(const Connection& connection, HttpLoadResult& result) {
  if (result.answers++ == 0) {
    result.first_byte_us =
        std::chrono::duration<double, std::micro>(connection.first_body_byte_at() - connection.sent_at()).count();
  }
  result.bytes += connection.body_bytes();
  result.latencies.Add(Clock::now() - connection.sent_at());
  if (connection.ok()) return;
  if (result.failures++ == 0) result.first_failure = connection.beginning();
}

}  // namespace

HttpLoadResult RunHttpLoad(const HttpLoadOptions& options) {
  HttpLoadResult result;
  Requests requests(options);
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < options.connections; ++i) {
    connections.push_back(std::make_unique<Connection>(options.port));
    epoll_event event{.events = EPOLLIN, .data = {.ptr = connections.back().get()}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, connections.back()->fd(), &event);
  }
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  std::uint64_t sent = 0;
  std::size_t outstanding = 0;
  const auto more = [&] { return options.requests > 0 ? sent < options.requests : Clock::now() < end; };
  const auto send = [&](Connection& connection) {
    if (!more()) return;
    connection.Send(requests.Next());
    ++sent;
    ++outstanding;
  };
  for (const auto& connection : connections) send(*connection);
  std::array<epoll_event, 128> events;
  while (outstanding > 0) {
    const int count = ::epoll_wait(poll, events.data(), events.size(), 120'000);
    if (count <= 0) {
      fmt::print(stderr, "load: no answer within 120 s\n");
      std::exit(2);
    }
    for (int i = 0; i < count; ++i) {
      auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (!connection.Receive()) continue;
      --outstanding;
      Count(connection, result);
      send(connection);
    }
  }
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  ::close(poll);
  return result;
}

}  // namespace eider::bench
