#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cluster/breaker_board.h"
#include "cluster/core_store.h"

namespace eider::cluster {

// The board as a table of the core database, `source_breakers`. The store outlives it.
class CoreBreakerBoard final : public BreakerBoard {
 public:
  CoreBreakerBoard(CoreStore& store, std::string node) : store_(store), node_(std::move(node)) {}

  Status Tell(const std::vector<Told>& told) override;
  Status Clear(const std::set<std::string>& sources) override;
  Result<Reports> Look(const std::set<std::string>& sources) override;

 private:
  std::string Table() const { return store_.Table("source_breakers"); }

  CoreStore& store_;
  const std::string node_;
};

}  // namespace eider::cluster
