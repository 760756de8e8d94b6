#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "cluster/breaker_board.h"
#include "cluster/breaker_rule.h"
#include "config/config.h"
#include "sources/source_registry.h"

namespace eider::server {

struct BreakerSharingOptions {
  std::string node;
  int failures = 5;                            // Of all nodes together open the circuit.
  std::chrono::milliseconds tell_every{1000};  // At most, for each source.
  std::chrono::milliseconds look_every{1000};
  std::function<int()> live_nodes;  // Asked when it matters; may take a moment.
  std::function<void(std::string_view)> warn;
};

// Opens the breakers of sources that other nodes cannot reach, and tells them what this one cannot. Everything is done
// by a thread of its own, and while the board does not answer each node counts for itself. Thread-safe; the registry
// outlives it.
class BreakerSharing {
 public:
  BreakerSharing(std::unique_ptr<cluster::BreakerBoard> board, sources::SourceRegistry& sources,
                 BreakerSharingOptions options);
  ~BreakerSharing();
  BreakerSharing(const BreakerSharing&) = delete;
  BreakerSharing& operator=(const BreakerSharing&) = delete;

  // Has what all nodes have said of a source removed, soon.
  void Clear(const std::string& source);

 private:
  using Clock = Deadline::Clock;
  using Breakers = std::map<std::string, std::shared_ptr<const sources::NativeSource>>;
  struct Shared {
    cluster::SharedBreaker state;
    Clock::time_point tell_after;
  };

  void Run();
  void Round(const Breakers& breakers, const std::set<std::string>& cleared);
  Status Tell(const Breakers& breakers);
  Status Look(const Breakers& breakers);
  void Follow(const std::string& source, CircuitBreaker& breaker, const std::vector<cluster::BreakerReport>& reports);
  void Note(const Status& done);

  const std::unique_ptr<cluster::BreakerBoard> board_;
  sources::SourceRegistry& sources_;
  const BreakerSharingOptions options_;
  // Of the thread.
  std::map<std::string, Shared> shared_;
  Clock::time_point look_after_;
  bool answers_ = true;

  Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::set<std::string> cleared_ GUARDED_BY(mutex_);
  std::thread thread_;
};

// How the breakers of this node's sources work. Fails with kBadInput for options that make no sense.
Result<CircuitBreaker::Options> BreakerOptionsOf(const config::Config& config);

// Where BREAKER_SHARED=true shares them: redis, where it has shared results, else `store`. Null without it.
Result<std::unique_ptr<cluster::BreakerBoard>> MakeBreakerBoard(const config::Config& config,
                                                                cluster::CoreStore& store);

}  // namespace eider::server
