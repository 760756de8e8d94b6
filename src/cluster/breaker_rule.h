#pragma once

#include <span>
#include <string>

#include "base/circuit_breaker.h"
#include "cluster/breaker_board.h"

namespace eider::cluster {

// Whether the circuit is open for all nodes: `threshold` failures of all of them together, and of two at least when
// there are three `live` ones, so that none opens it for the others because its own way is blocked.
bool OpensForAll(std::span<const BreakerReport> reports, int threshold, int live);

// As people read it: "nodes a, b cannot reach it".
std::string WhoCannotReach(std::span<const BreakerReport> reports);

// The part of one node in the shared breaker of a source. Not thread-safe.
class SharedBreaker {
 public:
  // What the node has to say now; true when it differs from what the board has.
  bool HasNews(const CircuitBreaker::Failures& own);
  int news() const { return news_; }
  // The board has it.
  void WasTold() { told_ = news_; }

  enum class Step {
    kNone,
    kOpen,    // The circuit is to be opened.
    kTryNow,  // Nothing holds it open any more.
  };
  // Takes what the board has, by which the circuit `is_open` for all or not. A node that reaches the source again stays
  // as it is, until it fails once more.
  Step Follow(bool is_open, const CircuitBreaker::Failures& own);
  // Takes what the board has of this node.
  void Heard(int failures) { told_ = failures; }

 private:
  static int Effective(const CircuitBreaker::Failures& own) { return own.age < kBreakerWindow ? own.count : 0; }

  int news_ = 0;
  int told_ = 0;
  bool was_open_ = false;
};

}  // namespace eider::cluster
