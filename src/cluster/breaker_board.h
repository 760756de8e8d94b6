#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"

namespace eider::cluster {

// What a node has told of a source: how often it could not reach it, in a row.
struct BreakerReport {
  std::string node;
  int failures = 0;
};

// Older failures count for nobody.
inline constexpr std::chrono::milliseconds kBreakerWindow{30'000};

// Where nodes tell each other which sources they cannot reach. Calls take no longer than a moment that the board knows;
// one thread uses it. Fails when the board cannot be reached.
class BreakerBoard {
 public:
  using Reports = std::map<std::string, std::vector<BreakerReport>>;  // By source.

  // What a node says of a source: the time of its last failure is `age` ago. Zero failures take back what it has said.
  struct Told {
    std::string source;
    int failures = 0;
    std::chrono::milliseconds age{0};
  };

  virtual ~BreakerBoard() = default;

  // Writes what this node says.
  virtual Status Tell(const std::vector<Told>& told) = 0;

  // Removes what all nodes have said of `sources`.
  virtual Status Clear(const std::set<std::string>& sources) = 0;

  // What all nodes have said of `sources` within the window.
  virtual Result<Reports> Look(const std::set<std::string>& sources) = 0;
};

}  // namespace eider::cluster
