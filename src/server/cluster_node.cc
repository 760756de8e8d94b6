#include "server/cluster_node.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "server/cache_functions.h"
#include "server/cluster_metrics.h"
#include "server/option_mapping.h"

namespace eider::server {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPingTime{1000};
constexpr std::chrono::seconds kFullLook{300};
constexpr std::chrono::seconds kCalmLook{5};
constexpr int kGhostHeartbeats = 3;
constexpr milliseconds kTellRedis{200};
constexpr milliseconds kTellCore{1000};
// Both together stay below two seconds.
constexpr milliseconds kLookAtBreakers{500};

Status Refuse(std::string message) { return Error(ErrorCode::kBadInput, std::move(message)); }

// The statement for one table, as one JSON text.
std::string RowsSql(std::string_view columns, const std::string& from) {
  return "SELECT coalesce(json_agg(r), '[]')::text FROM (SELECT " + std::string(columns) + " FROM " + from + ") r";
}

// Who manages a cluster whose core database is only read has what the nodes share in its memory: there is one, for
// ever.
Status CheckReadOnly(const config::Config& config) {
  if (config.cluster_auto_promote) {
    return Refuse("CLUSTER_AUTO_PROMOTE=true does not fit CORE_DB_READONLY=true: only the management node leads then");
  }
  if (config.cluster_role == "worker") {
    if (!config.cluster_management_url.empty()) return {};
    return Refuse("CLUSTER_MANAGEMENT_URL must be set on the workers of a core database that is only read");
  }
  if (config.cluster_node_url == "auto") {
    return Refuse("CLUSTER_NODE_URL=auto is for workers when the core database is only read: give this node's URL");
  }
  if (config.cluster_management_url.empty()) return {};
  const auto own = cluster::PeerBaseUrl(config.cluster_node_url);
  const auto other = cluster::PeerBaseUrl(config.cluster_management_url);
  if (own && other && *own == *other) return {};
  return Refuse(
      "CLUSTER_MANAGEMENT_URL names another management node: a core database that is only read has one of them; make "
      "this node a worker, or leave the option out");
}

}  // namespace

Status ClusterNode::Check(const config::Config& config) {
  EIDER_RETURN_IF_ERROR(BreakerOptionsOf(config));
  if (config.core_db_readonly && (config.core_db_path.empty() || cluster::IsPostgresPath(config.core_db_path))) {
    return Refuse("CORE_DB_READONLY=true is for a core database in a file: set CORE_DB_PATH to one, or leave it out");
  }
  if (!config.cluster_enabled) return {};
  if (config.cluster_role != "management" && config.cluster_role != "worker") {
    return Refuse("CLUSTER_ROLE must be management or worker");
  }
  if (config.cluster_node_url.empty()) {
    return Refuse("CLUSTER_NODE_URL must be set, to where the other nodes reach this one");
  }
  if (config.cluster_ghost_ttl < config.cluster_heartbeat * kGhostHeartbeats) {
    return Refuse("CLUSTER_GHOST_TTL must be at least three times CLUSTER_HEARTBEAT");
  }
  for (const auto& [name, value] :
       {std::pair("CLUSTER_HEARTBEAT", config.cluster_heartbeat),
        std::pair("CLUSTER_LEASE_TTL", config.cluster_lease_ttl),
        std::pair("CLUSTER_POLL_INTERVAL", config.cluster_poll_interval),
        std::pair("CLUSTER_CHECK_INTERVAL", config.cluster_check_interval),
        std::pair("CLUSTER_TIMEOUT", config.cluster_timeout), std::pair("SOURCE_RETRY_MIN", config.source_retry_min)}) {
    if (value.count() < 100) return Refuse(std::string(name) + " must be at least 100ms");
  }
  if (!config.cluster_serve_queries && config.cluster_role != "management") {
    return Refuse("CLUSTER_SERVE_QUERIES=false is for management nodes: a worker is there to serve queries");
  }
  if (!config.cluster_management_url.empty()) {
    if (const auto url = cluster::PeerBaseUrl(config.cluster_management_url); !url) {
      return Refuse("CLUSTER_MANAGEMENT_URL: " + url.error().message);
    }
  }
  if (cluster::IsPostgresPath(config.core_db_path)) return {};
  if (IsReadOnlyCluster(config)) return CheckReadOnly(config);
  return Refuse(
      "a cluster needs a core database that all of its nodes share: set CORE_DB_PATH to postgres://..., or "
      "CORE_DB_READONLY=true with a file that nobody changes");
}

ClusterNode::ClusterNode(const ClusterParts& parts) : parts_(parts), name_(NodeName(parts.config)) {
  const config::Config& config = parts_.config;
  cluster::SignedPeerCallsOptions forwards;
  forwards.name = name_;
  forwards.secret = config.cluster_secret;
  forwards.timeout = config.cluster_apply_timeout + std::chrono::seconds(40);
  forwards.now_ms = [links = &parts_.links] { return cluster::SystemNowMs() + links->clock_offset().count(); };
  forwards.certificates = parts_.links.certificates();
  forwards_ = std::make_unique<cluster::SignedPeerCalls>(std::move(forwards), parts_.metrics);
  desired_ = std::make_unique<cluster::DesiredSources>(*parts_.data.store(), parts_.data.secrets().cipher());
  ReconcilerOptions reconciler;
  reconciler.node = name_;
  reconciler.retry_min = config.source_retry_min;
  reconciler.retry_max = config.source_retry_max;
  reconciler.look_every = kFullLook;
  reconciler.warn = [log = &parts_.log](std::string_view source, std::string_view reason) {
    log->Error("source was not loaded", {{"source", source}, {"reason", reason}});
  };
  reconciler.followed = [metrics = &parts_.metrics](std::chrono::nanoseconds time, bool done) {
    CountSync(*metrics, "schema", time, done);
  };
  reconciler.circuits_changed = [this] {
    if (members_) members_->Nudge();
  };
  reconciler.changed = [data = &parts_.data](const std::string& source) { data->ForgetResults(source); };
  reconciler_ = std::make_unique<SourceReconciler>(*desired_, parts_.data.sources(), std::move(reconciler));
}

ClusterNode::~ClusterNode() {
  // Threads end before what they use.
  draining_ = true;
  if (reconciler_) reconciler_->Stop();
  breakers_.reset();
  if (parts_.data.memory_store() != nullptr) parts_.data.memory_store()->set_listener({});
  pushes_.reset();
  if (members_) members_->Stop();
  if (lease_) {
    lease_->Release(std::chrono::hours(1));
    lease_->Stop();
  }
  members_.reset();
  reconciler_.reset();
  operations_.reset();
}

Result<std::unique_ptr<ClusterNode>> ClusterNode::Start(const ClusterParts& parts) {
  std::unique_ptr<ClusterNode> node(new ClusterNode(parts));
  node->MakeLease();
  node->MakeMembership();
  const cluster::CoreSnapshot* const known = parts.data.start_snapshot();
  EIDER_RETURN_IF_ERROR(node->members_->Start(known == nullptr));
  EIDER_ASSIGN_OR_RETURN(auto records,
                         known == nullptr ? node->reconciler_->AtStart() : node->reconciler_->AtStart(*known));
  parts.data.sources().SetRegistered(std::move(records));
  EIDER_RETURN_IF_ERROR(node->ShareBreakers());
  node->operations_ = std::make_unique<ClusterOperations>(OperationParts{
      parts.config, node->name_, parts.data, *node->desired_, *node->reconciler_, *node->lease_, *node->members_,
      parts.links.calls(), *node->forwards_, *parts.shared_auth, node->breakers_.get()});
  if (parts.data.memory_store() != nullptr) {
    node->PushAnnouncements();
    // A node that registers is not in the table before its call has arrived; whoever has the secret may.
    return node;
  }
  parts.links.set_knows_node([raw = node.get()](std::string_view name) {
    const auto names = raw->names_.Get();
    // A node that has just come may not have been read yet; it has the secret in any case.
    if (names != nullptr && names->contains(name)) return true;
    raw->RefreshNames();
    const auto fresh = raw->names_.Get();
    return fresh == nullptr || fresh->contains(name);
  });
  return node;
}

std::vector<cluster::MemberRow> ClusterNode::PresentMembers() {
  auto members = members_->Members();
  return members ? std::move(*members) : members_->KnownMembers();
}

std::vector<cluster::PeerAddress> ClusterNode::Others() {
  std::vector<cluster::PeerAddress> addresses;
  for (const cluster::MemberRow& member : PresentMembers()) {
    if (member.name != name_ && member.status != "unreachable") addresses.push_back({member.name, member.url});
  }
  return addresses;
}

void ClusterNode::PushAnnouncements() {
  pushes_ =
      std::make_unique<CorePushes>(parts_.links.calls(), [this] { return Others(); }, parts_.config.cluster_timeout);
  parts_.data.memory_store()->set_listener(
      [this](const cluster::StorePosition& position, const cluster::CoreEvent& event) {
        parts_.hear({position, {event}});
        pushes_->Add(position, event);
      });
}

Result<std::string> ClusterNode::AnswerStoreCall(const rapidjson::Value& call) {
  cluster::MemoryCoreStore* const store = parts_.data.memory_store();
  if (store == nullptr) return Error(ErrorCode::kForbidden, "the core database is not in this node's memory");
  return cluster::AnswerStoreCall(*store, call, Deadline::After(cluster::CoreStore::kPatience));
}

// What the sources of the file were compiled to is for the workers, which then need not reach them to have their types.
void ClusterNode::KeepModels() {
  if (parts_.data.memory_store() == nullptr) return;
  const auto wanted = desired_->List();
  if (!wanted) return;
  for (const cluster::DesiredSource& source : *wanted) {
    const std::string model = source.is_loaded ? parts_.data.sources().ModelOf(source.name) : "";
    if (model.empty()) continue;
    if (const Status kept = desired_->KeepModel(source, model); !kept) {
      parts_.log.Error("what a source was compiled to is not kept",
                       {{"source", source.name}, {"reason", kept.error().message}});
    }
  }
}

void ClusterNode::MakeLease() {
  const config::Config& config = parts_.config;
  cluster::LeaseOptions lease;
  lease.node = name_;
  lease.incarnation = parts_.links.incarnation();
  lease.ttl = config.cluster_lease_ttl;
  // A change is announced; a worker of a core database that is only read never competes.
  if (parts_.data.remote_store() != nullptr) lease.look_every = kCalmLook;
  const bool is_worker = config.cluster_role == "worker";
  if (is_worker) {
    lease.extra_wait = config.cluster_promote_delay;
    lease.should_lead = [this] { return !ManagementAnswers(false); };
  }
  lease.may_lead = [this] { return MayLead(); };
  lease.on_change = [this](bool leads) {
    parts_.log.Info(leads ? "this node leads the cluster" : "this node does not lead the cluster any more",
                    {{"epoch", lease_->highest_epoch()}});
    if (leads) Announce("leader", "epoch " + std::to_string(lease_->highest_epoch()));
    if (members_) members_->Nudge();
  };
  lease_ = std::make_unique<cluster::ManagementLease>(*parts_.data.store(), std::move(lease));
  // Its thread asks this node, which must know it by then.
  lease_->Start();
}

Status ClusterNode::ShareBreakers() {
  const config::Config& config = parts_.config;
  EIDER_ASSIGN_OR_RETURN(auto board, MakeBreakerBoard(config, *parts_.data.store()));
  if (board == nullptr) return {};
  BreakerSharingOptions options;
  options.node = name_;
  options.failures = static_cast<int>(config.breaker_failures);
  options.tell_every = HasRedis(config) ? kTellRedis : kTellCore;
  options.look_every = kLookAtBreakers;
  options.live_nodes = [this] { return LiveNodes(); };
  options.warn = [log = &parts_.log](std::string_view warning) { log->Warn(warning); };
  breakers_ = std::make_unique<BreakerSharing>(std::move(board), parts_.data.sources(), std::move(options));
  return {};
}

int ClusterNode::LiveNodes() {
  return static_cast<int>(std::ranges::count_if(PresentMembers(), [](const cluster::MemberRow& member) {
    return member.status != "unreachable" && member.status != "starting";
  }));
}

void ClusterNode::MakeMembership() {
  const config::Config& config = parts_.config;
  cluster::MembershipOptions options;
  options.name = name_;
  options.url = parts_.url;
  options.role = config.cluster_role;
  options.version = DataNode::version();
  options.incarnation = parts_.links.incarnation();
  options.heartbeat = config.cluster_heartbeat;
  options.ghost_ttl = config.cluster_ghost_ttl;
  options.check_interval = config.cluster_check_interval;
  options.call_timeout = config.cluster_timeout;
  options.report = [this] { return Report(); };
  options.lease = [this] { return lease_->token(); };
  options.is_hurried = [this] { return IsOverloaded(); };
  options.warn = [log = &parts_.log](std::string_view warning) { log->Error(warning); };
  options.measured = [links = &parts_.links](std::chrono::microseconds offset) {
    links->set_clock_offset(std::chrono::duration_cast<milliseconds>(offset));
  };
  CountMembership(parts_.metrics, options);
  members_ = std::make_unique<cluster::Membership>(*parts_.data.store(), &parts_.links.calls(), std::move(options));
}

bool ClusterNode::MayLead() {
  if (!tried_ || draining_ || members_ == nullptr || members_->is_duplicate() || members_->is_drained()) return false;
  if (parts_.config.cluster_role == "management") return true;
  if (!parts_.config.cluster_auto_promote) return false;
  // A worker that leads stands back for a management node.
  return !lease_->is_held() || !ManagementAnswers(true);
}

bool ClusterNode::ManagementAnswers(bool only_ready) {
  const auto members = members_->Members();
  if (!members) return false;
  return std::ranges::any_of(*members, [this, only_ready](const cluster::MemberRow& member) {
    if (member.role != "management" || member.name == name_ ||
        (only_ready && member.status != "up" && member.status != "degraded")) {
      return false;
    }
    return parts_.links.calls().Ping({member.name, member.url}, Deadline::After(kPingTime), {}).has_value();
  });
}

void ClusterNode::SourcesTried() {
  KeepModels();
  reconciler_->Begin();
  tried_ = true;
  operations_->Begin();
  lease_->Nudge();
  members_->Nudge();
  parts_.look_again();
}

void ClusterNode::Drain() {
  draining_ = true;
  lease_->Release(std::chrono::hours(1));
  members_->Nudge();
}

void ClusterNode::Leave() { members_->Leave(); }

void ClusterNode::OnVersions(const cluster::CoreVersions& versions) { reconciler_->Nudge(versions.schema); }

void ClusterNode::OnEvent(const cluster::CoreEvent& event) {
  if (event.channel == "eider_lease") lease_->Nudge();
  if (event.channel == cluster::kMembersChannel) {
    members_->Nudge();
    lease_->Nudge();
  }
}

void ClusterNode::TryAgain(const std::string& source) {
  parts_.data.sources().ForgetFailures(source);
  reconciler_->TryAgain(source);
}

void ClusterNode::LookAtSources() { parts_.look_again(); }

std::string ClusterNode::role() const { return lease_->is_held() ? "management" : parts_.config.cluster_role; }

cluster::MemberReport ClusterNode::Report() const {
  cluster::MemberReport report;
  const auto reports = parts_.data.sources().Reports();
  const bool has_failed =
      std::ranges::any_of(reports, [](const auto& source) { return !source.error.empty() || source.circuit_open; });
  const bool is_draining = draining_ || (members_ != nullptr && members_->is_drained());
  report.status = is_draining ? "draining" : !tried_ ? "starting" : has_failed ? "degraded" : "up";
  report.ready = tried_ && !draining_ && (!parts_.is_ready || parts_.is_ready());
  report.error = operations_ ? operations_->last_error() : "";
  report.schema_version = reconciler_->schema_version();
  report.permission_version = parts_.data.core()->mirror()->versions().permission;
  report.epoch = lease_->highest_epoch();
  report.load = fmt::format(R"({{"memory_bytes":{},"overloaded":{}}})", parts_.data.database().GetUsage().memory_bytes,
                            IsOverloaded());
  return report;
}

// All that are overloaded say so first; then the first ones by name may leave.
bool ClusterNode::MayLeaveForLoad() const {
  std::size_t live = 0;
  std::size_t before = 0;
  bool is_told = false;
  for (const cluster::MemberRow& member : members_->KnownMembers()) {
    if (member.is_late || (member.status != "up" && member.status != "degraded")) continue;
    ++live;
    if (member.is_overloaded && member.name < name_) ++before;
    if (member.name == name_) is_told = member.is_overloaded;
  }
  if (!is_told) members_->Nudge();
  return is_told && before < live / 2;
}

void ClusterNode::RefreshNames() {
  const auto members = members_->Members();
  if (!members) return;
  auto names = std::make_shared<std::set<std::string, std::less<>>>();
  for (const cluster::MemberRow& member : *members) names->insert(member.name);
  names_.Set(std::move(names));
}

void ClusterNode::Announce(std::string_view kind, const std::string& detail) {
  cluster::CoreStore& store = *parts_.data.store();
  (void)store.Change("INSERT INTO " + store.Table("cluster_events") + " (node, kind, detail) VALUES ($1, $2, $3)",
                     engine::Parameters{name_, std::string(kind), detail});
}

std::optional<cluster::MemberRow> ClusterNode::FindMember(const std::string& name) {
  const auto find = [&](const std::vector<cluster::MemberRow>& members) -> std::optional<cluster::MemberRow> {
    const auto found = std::ranges::find(members, name, &cluster::MemberRow::name);
    if (found == members.end()) return std::nullopt;
    return *found;
  };
  auto known = find(members_->KnownMembers());
  if (known && known->status == "up" && !known->is_late) return known;
  // It may have come, moved or gone since.
  const auto members = members_->Members();
  return members ? find(*members) : known;
}

Result<std::string> ClusterNode::Rows(std::string_view table) {
  cluster::CoreStore& store = *parts_.data.store();
  std::string sql;
  if (table == "nodes") {
    const std::string leads = "(l.incarnation IS NOT NULL)";
    sql = RowsSql("n.name, n.url, CASE WHEN " + leads +
                      " THEN 'management' ELSE n.role END AS role, n.version, n.started_at, n.last_heartbeat, n.error, "
                      "n.status, n.ready, " +
                      leads + " AS is_leader, n.schema_version, n.permission_version, n.epoch, n.binary_schema, n.load",
                  store.Table("cluster_nodes") + " n LEFT JOIN " + store.Table("cluster_lease") +
                      " l ON l.incarnation = n.incarnation AND l.node_id = n.name AND l.renewed_at >= "
                      "clock_timestamp() - l.ttl_ms * INTERVAL '1 millisecond'");
  } else if (table == "sources") {
    sql =
        RowsSql("d.name, d.generation, d.desired, (d.desired = 'loaded' AND NOT EXISTS (SELECT 1 FROM " +
                    store.Table("data_sources") + " s WHERE s.name = d.name)) AS orphaned, d.changed_at, d.changed_by",
                store.Table("source_desired") + " d");
  } else if (table == "node_sources") {
    sql = RowsSql("node, name, generation, state, error, attempts, updated_at", store.Table("node_sources"));
  } else {
    sql = RowsSql("id, \"at\", node, kind, object, detail", store.Table("cluster_events"));
  }
  EIDER_ASSIGN_OR_RETURN(const auto rows, store.Read(sql));
  return rows.empty() ? "[]" : rows[0][0].value_or("[]");
}

}  // namespace eider::server
