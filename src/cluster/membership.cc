#include "cluster/membership.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <optional>

#include "base/random_time.h"
#include "base/text.h"
#include "cluster/pg_migrations.h"

namespace eider::cluster {
namespace {

using std::chrono::milliseconds;
using Clock = Deadline::Clock;

constexpr int kPingTries = 3;
constexpr milliseconds kPingTime{900};
constexpr milliseconds kDuplicateLooks{2000};
constexpr milliseconds kHurry{2000};
constexpr int kProbeFailures = 3;
constexpr int kLateHeartbeats = 3;  // Halves of the time between two.
constexpr const char* kEventDays = "7 days";

std::string Interval(milliseconds time) { return "INTERVAL '" + std::to_string(time.count()) + " milliseconds'"; }

// The row of `settings` that keeps a node out of service.
std::string DrainKey(const std::string& node) { return "drained:" + node; }

// The member of a ping's answer that tells which process it was.
std::string IncarnationOf(const std::string& answer) {
  rapidjson::Document json;
  json.Parse(answer.data(), answer.size());
  if (json.HasParseError() || !json.IsObject()) return {};
  const auto found = json.FindMember("incarnation");
  return found != json.MemberEnd() && found->value.IsString() ? found->value.GetString() : "";
}

}  // namespace

Membership::Membership(CoreStore& store, PeerCalls* peers, MembershipOptions options)
    : store_(store),
      peers_(peers),
      options_(std::move(options)) {}

Membership::~Membership() { Stop(); }

void Membership::Stop() {
  stop_.request_stop();
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (heartbeat_.joinable()) heartbeat_.join();
  if (probes_.joinable()) probes_.join();
}

Status Membership::Start(bool must) {
  if (const Status entered = Register(); !entered && must) return entered;
  heartbeat_ = std::thread([this] { Run(); });
  probes_ = std::thread([this] { RunProbes(); });
  return {};
}

void Membership::Nudge() {
  MutexLock lock(mutex_);
  nudged_ = true;
  wake_.notify_all();
}

// Whether another process lives under this name: it told so lately, and still answers.
Result<bool> Membership::IsTaken() {
  EIDER_ASSIGN_OR_RETURN(
      const auto rows,
      store_.Read("SELECT url, incarnation, (last_heartbeat > now() - " + Interval(options_.heartbeat * 2) +
                      ")::text FROM " + store_.Table("cluster_nodes") + " WHERE name = $1 AND incarnation <> $2",
                  engine::Parameters{options_.name, options_.incarnation}));
  if (rows.empty() || rows[0][2] != "true" || peers_ == nullptr) return false;
  const PeerAddress other{options_.name, rows[0][0].value_or("")};
  for (int tried = 0; tried < kPingTries; ++tried) {
    const auto answer = peers_->Ping(other, Deadline::After(kPingTime), stop_.get_token());
    if (answer && IncarnationOf(*answer) == rows[0][1]) {
      if (!duplicate_ && options_.warn) {
        options_.warn("node name \"" + options_.name + "\" is already in use by " + other.url);
      }
      return true;
    }
    if (stop_.stop_requested()) break;
  }
  return false;
}

Status Membership::Register() {
  EIDER_ASSIGN_OR_RETURN(const bool taken, IsTaken());
  duplicate_ = taken;
  if (taken) return {};
  EIDER_RETURN_IF_ERROR(ReadDrained());
  std::int64_t written = 0;
  EIDER_RETURN_IF_ERROR(Write(true, written));
  is_entered_ = true;
  return {};
}

Status Membership::Write(bool take_over, std::int64_t& written) {
  const MemberReport report = options_.report();
  const auto uptime = std::chrono::duration_cast<milliseconds>(Clock::now() - started_);
  const std::string table = store_.Table("cluster_nodes");
  std::string sql = "INSERT INTO " + table +
                    " AS n (name, url, role, version, incarnation, started_at, last_heartbeat, status, ready, error, "
                    "schema_version, permission_version, epoch, binary_schema, load) VALUES ($1, $2, $3, $4, $5, "
                    "clock_timestamp() - " +
                    Interval(uptime) +
                    ", clock_timestamp(), $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (name) DO UPDATE SET url = "
                    "EXCLUDED.url, role = EXCLUDED.role, version = EXCLUDED.version, incarnation = "
                    "EXCLUDED.incarnation, started_at = CASE WHEN n.incarnation = EXCLUDED.incarnation THEN "
                    "n.started_at ELSE EXCLUDED.started_at END, last_heartbeat = EXCLUDED.last_heartbeat, status = "
                    "CASE WHEN n.status = 'unreachable' AND n.incarnation = EXCLUDED.incarnation AND EXCLUDED.status "
                    "IN ('up', 'degraded') THEN n.status ELSE EXCLUDED.status END, ready = EXCLUDED.ready, error = "
                    "EXCLUDED.error, schema_version = EXCLUDED.schema_version, permission_version = "
                    "EXCLUDED.permission_version, epoch = EXCLUDED.epoch, binary_schema = EXCLUDED.binary_schema, load "
                    "= EXCLUDED.load";
  if (!take_over) sql.append(" WHERE n.incarnation = EXCLUDED.incarnation");
  engine::Parameters values{options_.name,        options_.url,  options_.role, options_.version,
                            options_.incarnation, report.status, report.ready};
  values.push_back(report.error.empty() ? engine::Value() : engine::Value(report.error));
  for (const std::int64_t number : {report.schema_version, report.permission_version, report.epoch,
                                    static_cast<std::int64_t>(CoreSchemaVersion())}) {
    values.emplace_back(number);
  }
  values.emplace_back(report.load);
  EIDER_ASSIGN_OR_RETURN(written, store_.Change(sql, values));
  return {};
}

Status Membership::Heartbeat() {
  if (duplicate_ || !is_entered_) return Register();
  EIDER_RETURN_IF_ERROR(ReadDrained());
  std::int64_t written = 0;
  EIDER_RETURN_IF_ERROR(Write(false, written));
  if (written == 0) {
    duplicate_ = true;
    if (options_.warn) options_.warn("node name \"" + options_.name + "\" was taken over by another process");
  }
  EIDER_ASSIGN_OR_RETURN(const auto offset, store_.ClockOffset(Deadline::After(CoreStore::kPatience)));
  clock_offset_ = offset;
  if (options_.measured) options_.measured(offset);
  if (auto members = Members()) {
    MutexLock lock(mutex_);
    known_ = std::move(*members);
  }
  return {};
}

Status Membership::ReadDrained() {
  EIDER_ASSIGN_OR_RETURN(const auto rows, store_.Read("SELECT key FROM " + store_.Table("settings") + " WHERE key = $1",
                                                      engine::Parameters{DrainKey(options_.name)}));
  drained_ = !rows.empty();
  return {};
}

Status Membership::SetDrained(const std::string& node, bool drained, const LeaseToken& lease) {
  const std::string settings = store_.Table("settings");
  const std::string key = QuoteLiteral(DrainKey(node));
  CoreChange change;
  change.lease = lease;
  change.statements = {
      drained ? "INSERT INTO " + settings + " (key, value) VALUES (" + key + ", 'true') ON CONFLICT DO NOTHING"
              : "DELETE FROM " + settings + " WHERE key = " + key,
      "INSERT INTO " + store_.Table("cluster_events") + " (node, kind, object) VALUES (" + QuoteLiteral(options_.name) +
          ", '" + (drained ? "node_drained" : "node_undrained") + "', " + QuoteLiteral(node) + ")",
      store_.Announce(kMembersChannel, "{}")};
  return store_.Apply(change);
}

Status Membership::TimedHeartbeat() {
  const auto started = Clock::now();
  const Status done = Heartbeat();
  if (options_.on_heartbeat) options_.on_heartbeat(Clock::now() - started, done.has_value());
  return done;
}

void Membership::Run() {
  while (true) {
    milliseconds pause = RandomTime(options_.heartbeat * 9 / 10, options_.heartbeat * 11 / 10);
    if (const Status done = TimedHeartbeat(); !done) {
      // Nobody could tell that it lives meanwhile.
      clean_after_ = Clock::now() + options_.heartbeat * 11 / 10;
      pause = std::min(pause, milliseconds(1000));
    } else if (duplicate_) {
      pause = std::min(pause, kDuplicateLooks);
    } else {
      if (options_.is_hurried && options_.is_hurried()) pause = std::min(pause, kHurry);
      Clean();
    }
    MutexLock lock(mutex_);
    const auto until = Clock::now() + pause;
    while (!stopping_ && !nudged_ && wake_.wait_until(mutex_, until) != std::cv_status::timeout) {
    }
    if (stopping_) return;
    nudged_ = false;
  }
}

void Membership::Clean() {
  const auto lease = options_.lease();
  if (!lease) {
    clean_after_ = Clock::now() + options_.heartbeat * 11 / 10;
    return;
  }
  if (Clock::now() < clean_after_) return;
  const std::string nodes = store_.Table("cluster_nodes");
  const std::string silent =
      "last_heartbeat < now() - " + Interval(options_.ghost_ttl) + " AND name <> " + QuoteLiteral(options_.name);
  CoreChange change;
  change.lease = lease;
  change.statements = {
      "INSERT INTO " + store_.Table("cluster_events") + " (node, kind, object) SELECT " + QuoteLiteral(options_.name) +
          ", 'node_forgotten', name FROM " + nodes + " WHERE " + silent,
      "DELETE FROM " + store_.Table("node_sources") + " WHERE node IN (SELECT name FROM " + nodes + " WHERE " + silent +
          ")",
      "DELETE FROM " + nodes + " WHERE " + silent,
      "DELETE FROM " + store_.Table("cluster_events") + " WHERE \"at\" < now() - INTERVAL '" + kEventDays + "'"};
  (void)store_.Apply(change);
}

void Membership::RunProbes() {
  while (true) {
    {
      MutexLock lock(mutex_);
      const auto until = Clock::now() + options_.check_interval;
      while (!stopping_ && wake_.wait_until(mutex_, until) != std::cv_status::timeout) {
      }
      if (stopping_) return;
    }
    if (peers_ != nullptr && options_.lease()) Probe(stop_.get_token());
  }
}

void Membership::Probe(const StopToken& stop) {
  const auto members = Members();
  if (!members) return;
  std::map<std::string, int> failed;
  for (const MemberRow& member : *members) {
    if (member.name == options_.name || stop.stop_requested()) continue;
    const auto answer = peers_->Ping({member.name, member.url}, Deadline::After(options_.call_timeout), stop);
    if (answer) {
      if (member.status == "unreachable") (void)Mark(member.name, true);
      continue;
    }
    if (options_.on_silence) options_.on_silence(member.name);
    failed[member.name] = failed_probes_[member.name] + 1;
    if (failed[member.name] >= kProbeFailures && member.status != "unreachable") (void)Mark(member.name, false);
  }
  failed_probes_ = std::move(failed);
}

Status Membership::Mark(const std::string& node, bool reachable) {
  CoreChange change;
  change.lease = options_.lease();
  if (!change.lease) return Error(ErrorCode::kForbidden, std::string(kLeaseLost));
  const std::string nodes = store_.Table("cluster_nodes");
  change.statements = {"UPDATE " + nodes + " SET status = '" + (reachable ? "up" : "unreachable") +
                           "' WHERE name = " + QuoteLiteral(node),
                       "INSERT INTO " + store_.Table("cluster_events") + " (node, kind, object) VALUES (" +
                           QuoteLiteral(options_.name) + ", '" + (reachable ? "node_reachable" : "node_unreachable") +
                           "', " + QuoteLiteral(node) + ")"};
  return store_.Apply(change);
}

Result<std::vector<MemberRow>> Membership::Members() {
  EIDER_ASSIGN_OR_RETURN(const auto rows,
                         store_.Read("SELECT name, url, role, status, incarnation, ready::text, "
                                     "(last_heartbeat < clock_timestamp() - " +
                                     Interval(options_.heartbeat * kLateHeartbeats / 2) +
                                     ")::text, coalesce((load ->> 'overloaded')::boolean, false)::text FROM " +
                                     store_.Table("cluster_nodes") + " ORDER BY name"));
  std::vector<MemberRow> members;
  for (const engine::TextRow& row : rows) {
    members.push_back({row[0].value_or(""), row[1].value_or(""), row[2].value_or(""), row[3].value_or(""),
                       row[4].value_or(""), row[5] == "true", row[6] == "true", row[7] == "true"});
  }
  return members;
}

std::vector<MemberRow> Membership::KnownMembers() const {
  MutexLock lock(mutex_);
  return known_;
}

Status Membership::Remove(const std::string& node, const LeaseToken& lease) {
  const std::string nodes = store_.Table("cluster_nodes");
  EIDER_ASSIGN_OR_RETURN(
      const auto rows, store_.Read("SELECT (status <> 'unreachable' AND last_heartbeat > now() - " +
                                       Interval(options_.heartbeat * 2) + ")::text FROM " + nodes + " WHERE name = $1",
                                   engine::Parameters{node}));
  if (rows.empty()) return Error(ErrorCode::kNotFound, "no node is called \"" + node + "\"");
  if (rows[0][0] == "true") return Error(ErrorCode::kConstraint, "node \"" + node + "\" is live; stop it first");
  CoreChange change;
  change.lease = lease;
  change.statements = {"DELETE FROM " + store_.Table("settings") + " WHERE key = " + QuoteLiteral(DrainKey(node)),
                       "DELETE FROM " + store_.Table("node_sources") + " WHERE node = " + QuoteLiteral(node),
                       "DELETE FROM " + nodes + " WHERE name = " + QuoteLiteral(node)};
  return store_.Apply(change);
}

void Membership::Leave() {
  // A late heartbeat would enter the node once more.
  Stop();
  if (duplicate_) return;
  CoreChange change;
  change.statements = {"DELETE FROM " + store_.Table("node_sources") + " WHERE node = " + QuoteLiteral(options_.name) +
                           " AND EXISTS (SELECT 1 FROM " + store_.Table("cluster_nodes") +
                           " WHERE name = " + QuoteLiteral(options_.name) +
                           " AND incarnation = " + QuoteLiteral(options_.incarnation) + ")",
                       "DELETE FROM " + store_.Table("cluster_nodes") + " WHERE name = " + QuoteLiteral(options_.name) +
                           " AND incarnation = " + QuoteLiteral(options_.incarnation)};
  (void)store_.Apply(change);
}

}  // namespace eider::cluster
