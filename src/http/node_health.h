#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "async/admission.h"
#include "http/response.h"
#include "http/server.h"

namespace eider::http {

// How far a server has got with starting and stopping.
enum class Phase { kStarting, kServing, kAnnounced, kRefusing, kStopped };

// Answers the health paths. Thread-safe.
class NodeHealth {
 public:
  using Readiness = std::function<std::vector<Reason>()>;

  // `alive` tells whether every event loop still turns.
  // `may_leave` whether others would serve while this node is not ready for being overloaded; empty = they would.
  NodeHealth(const async::Admission& admission, Readiness readiness, std::function<bool()> alive,
             std::function<bool()> may_leave = {})
      : admission_(admission),
        readiness_(std::move(readiness)),
        alive_(std::move(alive)),
        may_leave_(std::move(may_leave)) {}

  void set_phase(Phase phase) { phase_ = phase; }
  // Ends kStarting, unless the server is stopping already.
  void Serve() {
    Phase starting = Phase::kStarting;
    phase_.compare_exchange_strong(starting, Phase::kServing);
  }
  Phase phase() const { return phase_; }

  // Answers /health, /health/live, /health/ready or /ready. `detailed` gives readiness as JSON with its reasons, and
  // not as one word.
  Response Answer(std::string_view path, bool detailed);

  // Readiness as a JSON object that also names the node and has `members` at its end.
  std::string Detail(std::string_view node, std::string_view members) const;

 private:
  struct Verdict {
    bool ready = true;
    std::string status;
    std::vector<Reason> reasons;
  };
  std::vector<Reason> Reasons() const;
  Verdict Judge() const;
  Response Ready(bool detailed);

  const async::Admission& admission_;
  const Readiness readiness_;
  const std::function<bool()> alive_;
  const std::function<bool()> may_leave_;
  std::atomic<Phase> phase_ = Phase::kServing;
  std::atomic<bool> was_ready_ = false;
};

}  // namespace eider::http
