#include "async/pulse.h"

#include <netdb.h>
#include <poll.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/deadline.h"

namespace eider::async {
namespace {

constexpr std::chrono::milliseconds kPatience{1500};  // For a word of the server.
constexpr std::chrono::seconds kUrgentPause{15};      // What is left of one that has grown.
constexpr std::chrono::hours kForgotten{1};
// How long a new connection to a silent server lasts. They may stand in line for each other, behind a lock of the
// engine.
constexpr std::chrono::milliseconds kBreakPeriod{100};

class Socket {
 public:
  explicit Socket(int family) : number_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  ~Socket() {
    if (number_ >= 0) ::close(number_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

// False when the time is up.
bool WaitFor(int socket, short events, const Deadline& deadline) {
  while (!deadline.Passed()) {
    pollfd watched{socket, events, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.Remaining());
    if (::poll(&watched, 1, static_cast<int>(left.count())) > 0) return true;
  }
  return false;
}

}  // namespace

Pulse::~Pulse() {
  std::thread thread;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    thread = std::move(thread_);
  }
  wake_.notify_all();
  if (thread.joinable()) thread.join();
  SetSilent(false);
}

bool Pulse::Try(const sockaddr* address, socklen_t size) {
  const Socket socket(address->sa_family);
  if (socket.number() < 0) return false;
  if (::connect(socket.number(), address, size) != 0) {
    if (errno != EINPROGRESS || !WaitFor(socket.number(), POLLOUT, Deadline::After(kPatience))) return false;
  }
  // As the kernel writes the address, so that those of other connections are the same.
  SetPeer(socket.number());
  MutexLock lock(mutex_);
  return peer_.size > 0;
}

void Pulse::FindPeer(const std::string& host, const std::string& port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found) != 0) return;
  for (const addrinfo* at = found; at != nullptr && !Try(at->ai_addr, at->ai_addrlen); at = at->ai_next) {
  }
  ::freeaddrinfo(found);
}

void Pulse::FindPeer(const std::string& unix_socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (unix_socket.size() >= sizeof address.sun_path) return;
  std::ranges::copy(unix_socket, address.sun_path);
  (void)Try(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

bool Pulse::TakesConnections() {
  Peer peer;
  {
    MutexLock lock(mutex_);
    peer = peer_;
  }
  return peer.size > 0 && Try(reinterpret_cast<const sockaddr*>(&peer.address), peer.size);
}

bool Pulse::has_peer() {
  MutexLock lock(mutex_);
  return peer_.size > 0;
}

void Pulse::SetPeer(int socket) {
  Peer peer;
  peer.size = sizeof peer.address;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer.address), &peer.size) != 0) return;
  MutexLock lock(mutex_);
  peer_ = peer;
}

void Pulse::Ask(bool urgent) {
  MutexLock lock(mutex_);
  if (stopping_ || peer_.size == 0) return;
  asked_ = true;
  urgent_ = urgent_ || urgent;
  if (!thread_.joinable()) thread_ = std::thread([this] { Work(); });
  wake_.notify_all();
}

Status Pulse::Check() const {
  if (!silent_) return {};
  return Error(ErrorCode::kSourceUnavailable, server_ +
                                                  " takes connections and does not answer; requests of it are "
                                                  "refused until it does");
}

void Pulse::SetSilent(bool silent) {
  if (silent_.exchange(silent) == silent) return;
  silent_servers_ += silent ? 1 : -1;
}

void Pulse::Work() {
  using Clock = Deadline::Clock;
  std::chrono::milliseconds pause = question_.pause;
  Clock::time_point last = Clock::time_point::min();
  while (true) {
    Peer peer;
    {
      MutexLock lock(mutex_);
      wake_.wait(mutex_, [this]() REQUIRES_LOCK(mutex_) { return stopping_ || asked_ || silent_; });
      if (stopping_) return;
      asked_ = urgent_ = false;
      peer = peer_;
    }
    if (last + kForgotten < Clock::now()) pause = question_.pause;
    last = Clock::now();
    SetSilent(!Speaks(peer));
    if (silent_) BreakConnections(peer);
    const auto rest = silent_ ? kBreakPeriod : std::exchange(pause, std::min(pause * 2, question_.longest_pause));
    MutexLock lock(mutex_);
    wake_.wait_for(mutex_, std::min<Clock::duration>(rest, kUrgentPause),
                   [this]() REQUIRES_LOCK(mutex_) { return stopping_; });
    wake_.wait_until(mutex_, last + rest, [this]() REQUIRES_LOCK(mutex_) { return stopping_ || urgent_; });
  }
}

bool Pulse::Speaks(const Peer& peer) const {
  const Socket socket(peer.address.ss_family);
  const Deadline deadline = Deadline::After(kPatience);
  // What goes wrong at once is an answer: it is told to whoever waits, too.
  const auto* address = reinterpret_cast<const sockaddr*>(&peer.address);
  if (socket.number() < 0) return true;
  if (::connect(socket.number(), address, peer.size) != 0) {
    if (errno != EINPROGRESS) return errno != EAGAIN;
    if (!WaitFor(socket.number(), POLLOUT, deadline)) return false;
  }
  const std::string& words = question_.bytes;
  if (!words.empty() && ::send(socket.number(), words.data(), words.size(), MSG_NOSIGNAL) < 0) return true;
  while (!deadline.Passed()) {
    const auto slice = Deadline::After(std::min<Deadline::Clock::duration>(deadline.Remaining(), kBreakPeriod));
    if (WaitFor(socket.number(), POLLIN, slice)) return true;
    if (silent_) BreakConnections(peer, socket.number());
  }
  return false;
}

void Pulse::BreakConnections(const Peer& peer, int except) {
  std::error_code problem;
  for (std::filesystem::directory_iterator at("/proc/self/fd", problem), end; !problem && at != end;
       at.increment(problem)) {
    const std::string name = at->path().filename().string();
    int number = -1;
    std::from_chars(name.data(), name.data() + name.size(), number);
    if (number == except) continue;
    Peer other;
    other.size = sizeof other.address;
    if (::getpeername(number, reinterpret_cast<sockaddr*>(&other.address), &other.size) != 0) continue;
    const bool is_same = other.size == peer.size && std::memcmp(&other.address, &peer.address, peer.size) == 0;
    if (is_same) (void)::shutdown(number, SHUT_RDWR);
  }
}

}  // namespace eider::async
