#include "postgres/pulse.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <thread>

#include "base/deadline.h"

namespace eider::postgres {
namespace {

// A socket that takes connections on this machine; who accepts them is the test's business.
class Listener {
 public:
  Listener() : number_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    EXPECT_EQ(::bind(number_, reinterpret_cast<sockaddr*>(&address_), size), 0);
    EXPECT_EQ(::listen(number_, 16), 0);
    EXPECT_EQ(::getsockname(number_, reinterpret_cast<sockaddr*>(&address_), &size), 0);
  }
  ~Listener() { Close(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int Connect() const {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&address_), sizeof address_), 0);
    return client;
  }
  // Says one byte to everybody who comes, for as long as `ends` is false.
  void Speak(const std::function<bool()>& ends) const {
    while (!ends()) {
      pollfd watched{number_, POLLIN, 0};
      if (::poll(&watched, 1, 20) <= 0) continue;
      const int guest = ::accept(number_, nullptr, nullptr);
      EXPECT_EQ(::send(guest, "N", 1, MSG_NOSIGNAL), 1);
      ::close(guest);
    }
  }
  void Close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
  sockaddr_in address_{};
};

bool Becomes(const std::function<bool()>& what) {
  const Deadline deadline = Deadline::After(std::chrono::seconds(20));
  while (!what()) {
    if (deadline.Passed()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

TEST(PulseTest, FindsASilentServerBreaksItsConnectionsAndHearsItAgain) {
  const Listener server;
  const int client = server.Connect();
  Pulse pulse("db:5432/shop");
  pulse.SetPeer(client);
  EXPECT_TRUE(pulse.Check());
  pulse.Ask();
  ASSERT_TRUE(Becomes([&] { return !pulse.Check(); }));
  EXPECT_EQ(pulse.Check().error().code, ErrorCode::kSourceUnavailable);
  EXPECT_NE(pulse.Check().error().message.find("db:5432/shop"), std::string::npos);
  EXPECT_EQ(Pulse::silent_servers(), 1);
  pollfd watched{client, POLLIN, 0};
  ASSERT_EQ(::poll(&watched, 1, 10000), 1);
  char byte = 0;
  EXPECT_LE(::recv(client, &byte, 1, 0), 0);
  ::close(client);
  server.Speak([&] { return pulse.Check().has_value(); });
  EXPECT_EQ(Pulse::silent_servers(), 0);
}

TEST(PulseTest, LeavesConnectionsOfAServerThatSpeaksAlone) {
  const Listener server;
  const Listener other;
  const int client = other.Connect();
  const int own = server.Connect();
  Pulse pulse("db");
  pulse.SetPeer(own);
  pulse.Ask();
  const Deadline until = Deadline::After(std::chrono::seconds(2));
  server.Speak([&] { return until.Passed(); });
  EXPECT_TRUE(pulse.Check());
  EXPECT_EQ(::send(client, "x", 1, MSG_NOSIGNAL), 1);
  ::close(client);
  ::close(own);
}

TEST(PulseTest, TakesARefusalForAnAnswer) {
  Listener server;
  const int client = server.Connect();
  Pulse pulse("db");
  pulse.SetPeer(client);
  ::close(client);
  server.Close();
  pulse.Ask();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_TRUE(pulse.Check());
}

TEST(PulseTest, AsksNobodyWithoutAnAddress) {
  Pulse pulse("db");
  pulse.Ask();
  EXPECT_TRUE(pulse.Check());
}

}  // namespace
}  // namespace eider::postgres
