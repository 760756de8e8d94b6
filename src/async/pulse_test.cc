#include "async/pulse.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <thread>

#include "base/deadline.h"

namespace eider::async {
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
  int port() const { return ntohs(address_.sin_port); }
  // Says one byte to everybody who comes, for as long as `ends` is false.
  void Speak(const std::function<bool()>& ends, int* guests = nullptr) const {
    while (!ends()) {
      pollfd watched{number_, POLLIN, 0};
      if (::poll(&watched, 1, 20) <= 0) continue;
      const int guest = ::accept(number_, nullptr, nullptr);
      (void)::send(guest, "N", 1, MSG_NOSIGNAL);
      if (guests != nullptr) ++*guests;
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
  Pulse pulse("PostgreSQL at db:5432/shop", {"word"});
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

TEST(PulseTest, WhoConnectsToASilentServerIsToldSoEachInTurn) {
  const Listener server;
  const int first = server.Connect();
  Pulse pulse("db", {"word"});
  pulse.SetPeer(first);
  ::close(first);
  pulse.Ask();
  ASSERT_TRUE(Becomes([&] { return !pulse.Check(); }));
  const auto start = Deadline::Clock::now();
  for (int i = 0; i < 8; ++i) {
    const int client = server.Connect();
    pollfd watched{client, POLLIN, 0};
    EXPECT_EQ(::poll(&watched, 1, 10000), 1);
    ::close(client);
  }
  EXPECT_LT(Deadline::Clock::now() - start, std::chrono::seconds(3));
}

TEST(PulseTest, LeavesConnectionsOfAServerThatSpeaksAlone) {
  const Listener server;
  const Listener other;
  const int client = other.Connect();
  const int own = server.Connect();
  Pulse pulse("db", {"word"});
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
  Pulse pulse("db", {"word"});
  pulse.SetPeer(client);
  ::close(client);
  server.Close();
  pulse.Ask();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_TRUE(pulse.Check());
}

// A server that greets, and whose guests are few; it takes connections at the address of its name.
TEST(PulseTest, FindsAServerByNameAndAsksEverLessOften) {
  const Listener server;
  Pulse pulse("MySQL", {"", std::chrono::milliseconds(100), std::chrono::hours(1)});
  pulse.FindPeer("127.0.0.1", std::to_string(server.port()));
  int guests = 0;
  const Deadline until = Deadline::After(std::chrono::seconds(2));
  server.Speak(
      [&] {
        pulse.Ask();
        return until.Passed();
      },
      &guests);
  // The one that looks for the address, and then after 100, 300, 700, 1500 ms and so on.
  EXPECT_GE(guests, 4);
  EXPECT_LE(guests, 7);
  EXPECT_TRUE(pulse.Check());
}

TEST(PulseTest, AServerThatDoesNotGreetIsSilent) {
  const Listener server;
  Pulse pulse("MySQL", {"", std::chrono::milliseconds(100), std::chrono::hours(1)});
  pulse.FindPeer("127.0.0.1", std::to_string(server.port()));
  pulse.Ask();
  EXPECT_TRUE(Becomes([&] { return !pulse.Check(); }));
}

TEST(PulseTest, NobodyIsFoundWhereNobodyListens) {
  Listener server;
  const int port = server.port();
  server.Close();
  Pulse pulse("MySQL", {});
  pulse.FindPeer("127.0.0.1", std::to_string(port));
  pulse.FindPeer("/nowhere/socket");
  pulse.FindPeer(std::string(200, 'x'));
  pulse.Ask();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(pulse.Check());
}

TEST(PulseTest, AsksNobodyWithoutAnAddress) {
  Pulse pulse("db", {"word"});
  pulse.Ask();
  EXPECT_TRUE(pulse.Check());
}

}  // namespace
}  // namespace eider::async
