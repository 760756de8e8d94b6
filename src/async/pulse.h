#pragma once

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "base/result.h"

namespace eider::async {

// Notices a server that takes what it is sent and says nothing. Who has waited for long lets the server be asked for a
// word, past all connections; when none comes, every connection of this process to it is broken, also those of the
// engine, whose waits nothing else can end: who waits there goes on with an error. Until the server speaks again its
// connections are broken anew, and Check() refuses. Thread-safe.
class Pulse {
 public:
  // How a server is asked.
  struct Question {
    std::string bytes = {};  // What every server answers before it knows who asks; empty = it greets by itself.
    // Between two questions; doubles up to `longest_pause` with every word of the server, and is as it was after an
    // hour without a question. Some servers count guests that leave without a login, and lock the house at some number.
    std::chrono::milliseconds pause{500};
    std::chrono::milliseconds longest_pause{500};
  };

  // `server`: what messages call it.
  Pulse(std::string server, Question question) : server_(std::move(server)), question_(std::move(question)) {}
  ~Pulse();
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

  // Takes the server's address from a connected socket.
  void SetPeer(int socket);
  // Finds the address of a server that is named; without effect when nothing there takes connections now.
  void FindPeer(const std::string& host, const std::string& port);
  void FindPeer(const std::string& unix_socket);

  // Whether somebody takes a connection at the server's address, if that is known. Blocks for a moment.
  bool TakesConnections();
  bool has_peer();

  // Has the server asked soon, in the background; without effect where it was asked just now or its address is not
  // known. `urgent`: much waits for it, a pause that has grown is cut short.
  void Ask(bool urgent = false);

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
  // Whether somebody at `peer` takes a connection; keeps the address if so.
  bool Try(const sockaddr* address, socklen_t size);
  // Whether the server says anything, be it that it refuses.
  bool Speaks(const Peer& peer) const;
  // All but the socket `except`.
  static void BreakConnections(const Peer& peer, int except = -1);

  static inline std::atomic<int> silent_servers_ = 0;
  const std::string server_;
  const Question question_;
  std::atomic<bool> silent_ = false;
  Mutex mutex_;
  CondVar wake_;
  Peer peer_ GUARDED_BY(mutex_);
  bool asked_ GUARDED_BY(mutex_) = false;
  bool urgent_ GUARDED_BY(mutex_) = false;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_ GUARDED_BY(mutex_);
};

}  // namespace eider::async
