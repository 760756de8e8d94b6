#include "postgres/connection_reaper.h"

#include <utility>

namespace eider::postgres {
namespace {

void Cancel(PGconn* connection) {
  PGcancel* request = PQgetCancel(connection);
  if (request == nullptr) return;
  char ignored[256];
  (void)PQcancel(request, ignored, sizeof ignored);
  PQfreeCancel(request);
}

}  // namespace

ConnectionReaper::~ConnectionReaper() {
  std::thread thread;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    thread = std::move(thread_);
  }
  wake_.notify_all();
  if (thread.joinable()) thread.join();
}

void ConnectionReaper::Take(ConnectionHandle connection) {
  MutexLock lock(mutex_);
  waiting_.push_back(std::move(connection));
  if (!thread_.joinable()) thread_ = std::thread([this] { Work(); });
  wake_.notify_one();
}

void ConnectionReaper::Work() {
  while (true) {
    ConnectionHandle connection;
    {
      MutexLock lock(mutex_);
      wake_.wait(mutex_, [this]() REQUIRES_LOCK(mutex_) { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      connection = std::move(waiting_.front());
      waiting_.pop_front();
    }
    if (PQstatus(connection.get()) == CONNECTION_OK) Cancel(connection.get());
  }
}

}  // namespace eider::postgres
