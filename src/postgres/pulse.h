#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "base/result.h"

namespace eider::postgres {

// Notices a server that takes what it is sent and says nothing. Who has waited for long lets the server be asked for a
// word, past all connections; when none comes, every connection of this process to it is broken, also those of the
// engine, whose waits nothing else can end: who waits there goes on with an error. Until the server speaks again its
// connections are broken anew, and Check() refuses. Thread-safe.
class Pulse {
 public:
  // `address`: what messages call the server.
  explicit Pulse(std::string address) : address_(std::move(address)) {}
  ~Pulse();
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

  // Takes the server's address from a connected socket.
  void SetPeer(int socket);

  // Has the server asked soon, in the background; without effect where it was asked just now or its address is not
  // known.
  void Ask();

  // kSourceUnavailable while the server says nothing.
  Status Check() const;

  // How many servers say nothing now.
  static int silent_servers() { return silent_servers_; }

 private:
  struct Peer {
    sockaddr_storage address{};
    socklen_t size = 0;
  };
  void Work();
  void SetSilent(bool silent);
  // Whether the server says anything, be it that it refuses.
  static bool Speaks(const Peer& peer);
  static void BreakConnections(const Peer& peer);

  static inline std::atomic<int> silent_servers_ = 0;
  const std::string address_;
  std::atomic<bool> silent_ = false;
  Mutex mutex_;
  CondVar wake_;
  Peer peer_ GUARDED_BY(mutex_);
  bool asked_ GUARDED_BY(mutex_) = false;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_ GUARDED_BY(mutex_);
};

}  // namespace eider::postgres
