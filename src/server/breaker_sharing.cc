#include "server/breaker_sharing.h"

#include <utility>

#include "cluster/core_breaker_board.h"
#include "server/cache_functions.h"
#include "server/option_mapping.h"
#include "server/redis_breaker_board.h"

namespace eider::server {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{100};
constexpr milliseconds kLeastReset{100};
constexpr int kMostFailures = 1000;
constexpr int kMany = 1000;

}  // namespace

BreakerSharing::BreakerSharing(std::unique_ptr<cluster::BreakerBoard> board, sources::SourceRegistry& sources,
                               BreakerSharingOptions options)
    : board_(std::move(board)),
      sources_(sources),
      options_(std::move(options)),
      thread_([this] { Run(); }) {}

BreakerSharing::~BreakerSharing() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void BreakerSharing::Clear(const std::string& source) {
  MutexLock lock(mutex_);
  cleared_.insert(source);
  wake_.notify_all();
}

void BreakerSharing::Run() {
  while (true) {
    std::set<std::string> cleared;
    {
      MutexLock lock(mutex_);
      if (cleared_.empty() && !stopping_) wake_.wait_for(mutex_, kTick);
      if (stopping_) return;
      std::swap(cleared, cleared_);
    }
    Breakers breakers;
    for (auto& [name, native] : sources_.WithBreakers()) breakers.emplace(name, std::move(native));
    Round(breakers, cleared);
  }
}

void BreakerSharing::Round(const Breakers& breakers, const std::set<std::string>& cleared) {
  std::erase_if(shared_, [&](const auto& entry) { return !breakers.contains(entry.first); });
  if (!cleared.empty()) Note(board_->Clear(cleared));
  // While the board does not answer, only looks find out whether it does again.
  if (answers_) Note(Tell(breakers));
  const auto now = Clock::now();
  if (now < look_after_) return;
  look_after_ = now + options_.look_every;
  if (!breakers.empty()) Note(Look(breakers));
}

Status BreakerSharing::Tell(const Breakers& breakers) {
  const auto now = Clock::now();
  std::vector<cluster::BreakerBoard::Told> told;
  for (const auto& [source, native] : breakers) {
    Shared& shared = shared_[source];
    const CircuitBreaker::Failures own = native->breaker->failures();
    if (!shared.state.HasNews(own) || now < shared.tell_after) continue;
    shared.tell_after = now + options_.tell_every;
    told.push_back({source, shared.state.news(), own.age});
  }
  if (told.empty()) return {};
  EIDER_RETURN_IF_ERROR(board_->Tell(told));
  for (const auto& one : told) shared_[one.source].state.WasTold();
  return {};
}

Status BreakerSharing::Look(const Breakers& breakers) {
  std::set<std::string> names;
  for (const auto& [source, native] : breakers) names.insert(source);
  EIDER_ASSIGN_OR_RETURN(const auto reports, board_->Look(names));
  for (const auto& [source, native] : breakers) {
    const auto found = reports.find(source);
    Follow(source, *native->breaker, found == reports.end() ? std::vector<cluster::BreakerReport>() : found->second);
  }
  return {};
}

void BreakerSharing::Follow(const std::string& source, CircuitBreaker& breaker,
                            const std::vector<cluster::BreakerReport>& reports) {
  cluster::SharedBreaker& state = shared_[source].state;
  int own = 0;
  for (const cluster::BreakerReport& report : reports) {
    if (report.node == options_.node) own = report.failures;
  }
  state.Heard(own);
  // How many live is asked only where it decides.
  const auto opens = [&](int live) { return cluster::OpensForAll(reports, options_.failures, live); };
  const bool is_open = opens(kMany) || (opens(1) && opens(options_.live_nodes()));
  switch (state.Follow(is_open, breaker.failures())) {
    case cluster::SharedBreaker::Step::kNone: return;
    case cluster::SharedBreaker::Step::kOpen: return breaker.OpenByOthers(cluster::WhoCannotReach(reports));
    case cluster::SharedBreaker::Step::kTryNow: return breaker.TryNow();
  }
}

void BreakerSharing::Note(const Status& done) {
  if (!done && answers_) {
    options_.warn("breakers are not shared, each node counts its own failures: " + done.error().message);
  }
  answers_ = done.has_value();
}

Result<CircuitBreaker::Options> BreakerOptionsOf(const config::Config& config) {
  if (config.breaker_failures < 1 || config.breaker_failures > kMostFailures) {
    return Error(ErrorCode::kBadInput, "BREAKER_FAILURES must be a number from 1 to " + std::to_string(kMostFailures));
  }
  if (config.breaker_reset < kLeastReset) return Error(ErrorCode::kBadInput, "BREAKER_RESET must be at least 100ms");
  if (config.breaker_shared && !config.cluster_enabled) {
    return Error(ErrorCode::kBadInput,
                 "BREAKER_SHARED=true is for nodes of a cluster: set CLUSTER_ENABLED=true, or leave it out");
  }
  CircuitBreaker::Options options;
  options.failures = static_cast<int>(config.breaker_failures);
  options.reset = config.breaker_reset;
  return options;
}

Result<std::unique_ptr<cluster::BreakerBoard>> MakeBreakerBoard(const config::Config& config,
                                                                cluster::CoreStore& store) {
  if (!config.breaker_shared) return std::unique_ptr<cluster::BreakerBoard>();
  if (!HasRedis(config)) {
    return std::unique_ptr<cluster::BreakerBoard>(std::make_unique<cluster::CoreBreakerBoard>(store, NodeName(config)));
  }
  EIDER_ASSIGN_OR_RETURN(cache::RedisStore::Options options, RedisOptionsOf(config));
  options.pool_size = 1;
  return std::unique_ptr<cluster::BreakerBoard>(
      std::make_unique<RedisBreakerBoard>(std::move(options), NodeName(config), config.cache_l2_timeout));
}

}  // namespace eider::server
