#include "cluster/management_lease.h"

#include <algorithm>

#include "base/random_time.h"
#include "base/text.h"

namespace eider::cluster {
namespace {

using std::chrono::milliseconds;
using Clock = Deadline::Clock;

constexpr milliseconds kMostDelay{500};
constexpr const char* kChannel = "eider_lease";

// The lease is one row; a schema belongs to one cluster.
constexpr const char* kRow = "cluster_id = 'eider'";
constexpr const char* kExpired = "renewed_at < clock_timestamp() - ttl_ms * INTERVAL '1 millisecond'";

}  // namespace

ManagementLease::ManagementLease(CoreStore& store, LeaseOptions options)
    : store_(store),
      options_(std::move(options)),
      table_(store.Table("cluster_lease")) {}

ManagementLease::~ManagementLease() { Stop(); }

void ManagementLease::Start() {
  thread_ = std::thread([this] { Run(); });
}

void ManagementLease::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

std::optional<LeaseToken> ManagementLease::token() const {
  MutexLock lock(mutex_);
  if (!token_ || Clock::now() >= valid_until_) return std::nullopt;
  return token_;
}

LeaderView ManagementLease::view() const {
  MutexLock lock(mutex_);
  return view_;
}

std::int64_t ManagementLease::highest_epoch() const {
  MutexLock lock(mutex_);
  return highest_epoch_;
}

std::int64_t ManagementLease::leader_changes() const {
  MutexLock lock(mutex_);
  return leader_changes_;
}

// The first one that is heard of is no change.
void ManagementLease::Hear(std::int64_t epoch) {
  if (epoch <= highest_epoch_) return;
  if (highest_epoch_ > 0) ++leader_changes_;
  highest_epoch_ = epoch;
}

milliseconds ManagementLease::remaining() const {
  MutexLock lock(mutex_);
  if (!token_) return milliseconds(0);
  return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(valid_until_ - Clock::now()));
}

void ManagementLease::Nudge() {
  MutexLock lock(mutex_);
  nudged_ = true;
  wake_.notify_all();
}

void ManagementLease::Run() {
  while (true) {
    const milliseconds pause = Step();
    const bool leads = is_held();
    if (leads != told_) {
      told_ = leads;
      if (options_.on_change) options_.on_change(leads);
    }
    MutexLock lock(mutex_);
    const auto until = Clock::now() + pause;
    while (!stopping_ && !nudged_ && wake_.wait_until(mutex_, until) != std::cv_status::timeout) {
    }
    if (stopping_) return;
    nudged_ = false;
  }
}

milliseconds ManagementLease::Step() {
  bool holds = false;
  {
    MutexLock lock(mutex_);
    holds = token_.has_value();
  }
  if (holds && !options_.may_lead()) {
    Release(milliseconds(0));
    holds = false;
  }
  if (holds && Renew()) {
    (void)Look();
    return std::min(options_.ttl / 3, options_.look_every * 2);
  }
  if (!Look()) return std::min(options_.look_every, options_.ttl / 3);
  if (MayCompete()) Compete();
  return std::min(options_.look_every, options_.ttl / 3);
}

Status ManagementLease::Look() {
  const auto sent = Clock::now();
  EIDER_ASSIGN_OR_RETURN(
      const auto rows,
      store_.Read("SELECT l.epoch::text, l.node_id, n.url, l.incarnation, (l." + std::string(kExpired) +
                  ")::text FROM " + table_ + " l LEFT JOIN " + store_.Table("cluster_nodes") +
                  " n ON n.name = l.node_id AND n.incarnation = l.incarnation WHERE l." + kRow));
  LeaderView view;
  if (!rows.empty()) {
    view.epoch = std::stoll(rows[0][0].value_or("0"));
    view.node = rows[0][1].value_or("");
    view.url = rows[0][2].value_or("");
    view.incarnation = rows[0][3].value_or("");
    view.expired = rows[0][4] == "true";
  }
  if (!view.expired) expired_since_.reset();
  if (view.expired && !expired_since_) expired_since_ = sent;
  bool handed_over = false;
  {
    MutexLock lock(mutex_);
    view_ = view;
    Hear(view.epoch);
    if (token_ && (view.incarnation != options_.incarnation || view.epoch != token_->epoch)) token_.reset();
    handed_over = !token_ && !view.expired && view.incarnation == options_.incarnation;
  }
  if (handed_over && options_.may_lead()) {
    // Somebody handed it over.
    {
      MutexLock lock(mutex_);
      token_ = LeaseToken{view.epoch, options_.incarnation};
      valid_until_ = sent;
    }
    (void)Renew();
  }
  return {};
}

bool ManagementLease::MayCompete() {
  if (!options_.may_lead() || Clock::now() < paused_until_.load()) return false;
  if (!expired_since_ || Clock::now() - *expired_since_ < options_.extra_wait) return false;
  return !options_.should_lead || options_.should_lead();
}

void ManagementLease::Compete() {
  std::int64_t seen = 0;
  {
    MutexLock lock(mutex_);
    wake_.wait_for(mutex_, RandomTime(milliseconds(0), kMostDelay));
    if (stopping_) return;
    seen = view_.epoch;
  }
  const auto sent = Clock::now();
  const std::string ttl = std::to_string(options_.ttl.count());
  const engine::Parameters who{options_.node, options_.incarnation};
  const auto won =
      seen == 0
          ? store_.Change("INSERT INTO " + table_ +
                              " (cluster_id, epoch, node_id, incarnation, renewed_at, ttl_ms) VALUES ('eider', "
                              "1, $1, $2, clock_timestamp(), " +
                              ttl + ") ON CONFLICT DO NOTHING",
                          who)
          : store_.Change("UPDATE " + table_ +
                              " SET node_id = $1, incarnation = $2, epoch = epoch + 1, renewed_at = "
                              "clock_timestamp(), ttl_ms = " +
                              ttl + " WHERE " + kRow + " AND epoch = " + std::to_string(seen) + " AND " + kExpired,
                          who);
  if (!won || *won != 1) return;
  Hold(seen + 1, sent);
  (void)store_.Read(store_.Announce(kChannel, "{\"v\":" + std::to_string(seen + 1) + "}") + "::text");
  (void)Look();
}

void ManagementLease::Hold(std::int64_t epoch, Clock::time_point sent) {
  MutexLock lock(mutex_);
  token_ = LeaseToken{epoch, options_.incarnation};
  valid_until_ = sent + options_.ttl * 8 / 10;
  Hear(epoch);
}

Status ManagementLease::Renew() {
  LeaseToken token;
  Clock::time_point valid;
  {
    MutexLock lock(mutex_);
    if (!token_) return Error(ErrorCode::kForbidden, std::string(kLeaseLost));
    token = *token_;
    valid = valid_until_;
  }
  const auto sent = Clock::now();
  const Deadline patience = Deadline::After(std::min<Clock::duration>(options_.ttl / 3, CoreStore::kPatience));
  const auto renewed = store_.Change("UPDATE " + table_ + " SET renewed_at = clock_timestamp() WHERE " + kRow +
                                         " AND incarnation = $1 "
                                         "AND epoch = " +
                                         std::to_string(token.epoch),
                                     engine::Parameters{options_.incarnation}, patience);
  if (renewed && *renewed == 1) {
    Hold(token.epoch, sent);
    return {};
  }
  // Without an answer the lease is believed in until its time is over.
  if (!renewed && Clock::now() < valid) return {};
  Lose();
  return Error(ErrorCode::kForbidden, std::string(kLeaseLost));
}

void ManagementLease::Lose() {
  MutexLock lock(mutex_);
  token_.reset();
}

void ManagementLease::Release(milliseconds pause) {
  std::optional<LeaseToken> token;
  {
    MutexLock lock(mutex_);
    token.swap(token_);
  }
  paused_until_ = Clock::now() + pause;
  if (!token) return;
  (void)store_.Change("UPDATE " + table_ + " SET renewed_at = '-infinity' WHERE " + kRow +
                          " AND incarnation = $1 AND "
                          "epoch = " +
                          std::to_string(token->epoch),
                      engine::Parameters{options_.incarnation});
  (void)store_.Read(store_.Announce(kChannel, "{}") + "::text");
}

Status ManagementLease::HandTo(const std::string& node) {
  const auto held = token();
  if (!held) return Error(ErrorCode::kForbidden, std::string(kLeaseLost));
  EIDER_ASSIGN_OR_RETURN(
      const std::int64_t moved,
      store_.Change(
          "UPDATE " + table_ +
              " AS l SET node_id = n.name, incarnation = n.incarnation, epoch = l.epoch + 1, renewed_at = "
              "clock_timestamp() FROM " +
              store_.Table("cluster_nodes") + " n WHERE l." + kRow +
              " AND n.name = $1 AND n.status IN ('up', 'degraded') AND l.epoch = " + std::to_string(held->epoch),
          engine::Parameters{node}));
  if (moved != 1) return Error(ErrorCode::kNotFound, "no live node is called \"" + node + "\"");
  Lose();
  paused_until_ = Clock::now() + options_.ttl;
  (void)store_.Read(store_.Announce(kChannel, "{}") + "::text");
  return {};
}

}  // namespace eider::cluster
