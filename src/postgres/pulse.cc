#include "postgres/pulse.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "base/deadline.h"

namespace eider::postgres {
namespace {

constexpr std::chrono::milliseconds kPatience{1500};  // For a word of the server.
constexpr std::chrono::milliseconds kPause{500};      // Between two questions.

// Asks whether the server would encrypt the connection: every server has one byte for an answer, before it knows who
// asks. Two numbers in network order: the length, and the code of the question.
constexpr std::array<char, 8> kQuestion = {0, 0, 0, 8, 4, static_cast<char>(0xd2), 0x16, 0x2f};

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

void Pulse::SetPeer(int socket) {
  Peer peer;
  peer.size = sizeof peer.address;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer.address), &peer.size) != 0) return;
  MutexLock lock(mutex_);
  peer_ = peer;
}

void Pulse::Ask() {
  MutexLock lock(mutex_);
  if (stopping_ || peer_.size == 0) return;
  asked_ = true;
  if (!thread_.joinable()) thread_ = std::thread([this] { Work(); });
  wake_.notify_all();
}

Status Pulse::Check() const {
  if (!silent_) return {};
  return Error(ErrorCode::kSourceUnavailable, "PostgreSQL at " + address_ +
                                                  " takes connections and does not answer; requests of it are refused "
                                                  "until it does");
}

void Pulse::SetSilent(bool silent) {
  if (silent_.exchange(silent) == silent) return;
  silent_servers_ += silent ? 1 : -1;
}

void Pulse::Work() {
  while (true) {
    Peer peer;
    {
      MutexLock lock(mutex_);
      wake_.wait(mutex_, [this]() REQUIRES_LOCK(mutex_) { return stopping_ || asked_ || silent_; });
      if (stopping_) return;
      asked_ = false;
      peer = peer_;
    }
    SetSilent(!Speaks(peer));
    if (silent_) BreakConnections(peer);
    MutexLock lock(mutex_);
    wake_.wait_for(mutex_, kPause, [this]() REQUIRES_LOCK(mutex_) { return stopping_; });
  }
}

bool Pulse::Speaks(const Peer& peer) {
  const Socket socket(peer.address.ss_family);
  const Deadline deadline = Deadline::After(kPatience);
  // What goes wrong at once is an answer: it is told to whoever waits, too.
  const auto* address = reinterpret_cast<const sockaddr*>(&peer.address);
  if (socket.number() < 0) return true;
  if (::connect(socket.number(), address, peer.size) != 0) {
    if (errno != EINPROGRESS) return errno != EAGAIN;
    if (!WaitFor(socket.number(), POLLOUT, deadline)) return false;
  }
  if (::send(socket.number(), kQuestion.data(), kQuestion.size(), MSG_NOSIGNAL) < 0) return true;
  return WaitFor(socket.number(), POLLIN, deadline);
}

void Pulse::BreakConnections(const Peer& peer) {
  std::error_code problem;
  for (std::filesystem::directory_iterator at("/proc/self/fd", problem), end; !problem && at != end;
       at.increment(problem)) {
    const std::string name = at->path().filename().string();
    int number = -1;
    std::from_chars(name.data(), name.data() + name.size(), number);
    Peer other;
    other.size = sizeof other.address;
    if (::getpeername(number, reinterpret_cast<sockaddr*>(&other.address), &other.size) != 0) continue;
    const bool is_same = other.size == peer.size && std::memcmp(&other.address, &peer.address, peer.size) == 0;
    if (is_same) (void)::shutdown(number, SHUT_RDWR);
  }
}

}  // namespace eider::postgres
