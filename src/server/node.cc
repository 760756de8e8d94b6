#include "server/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/text.h"
#include "server/cache_functions.h"
#include "server/cluster_metrics.h"
#include "server/node_url.h"
#include "server/option_mapping.h"
#include "server/query_functions.h"
#include "server/span_export.h"
#include "server/warm_up.h"

namespace eider::server {
namespace {

constexpr std::chrono::seconds kMostLag{30};
constexpr int kLeastForwarders = 16;

int Cores() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

}  // namespace

Node::Node(const config::Config& config)
    : config_(config),
      log_(LogOptionsOf(config)),
      admission_(AdmissionOptionsOf(config)),
      query_pool_("eider-query", AdmissionOptionsOf(config).slots),
      prepare_pool_("eider-prepare", Cores()) {}

Node::~Node() {
  if (http_) http_->Stop();
  if (data_) {
    data_->cluster() = nullptr;
    data_->lone() = nullptr;
  }
  lone_.reset();
  following_ = nullptr;
  if (data_ && data_->memory_store() != nullptr) data_->memory_store()->set_listener({});
  follower_.reset();
  announcer_.reset();
  cluster_gauges_.clear();
  cluster_.reset();
}

Result<std::unique_ptr<Node>> Node::Start(const config::Config& config) {
  std::unique_ptr<Node> node(new Node(config));
  if (!config.warmup_file.empty()) {
    EIDER_ASSIGN_OR_RETURN(node->warm_up_, ReadWarmUpFile(config.warmup_file));
  }
  // Before anything is written: a core database remembers the secret of the first node.
  EIDER_RETURN_IF_ERROR(ClusterNode::Check(config));
  EIDER_RETURN_IF_ERROR(NodeLinks::Check(config));
  EIDER_ASSIGN_OR_RETURN(const auto certificates, NodeLinks::OpenCertificates(config, &node->log_));
  EIDER_ASSIGN_OR_RETURN(node->tracer_, OpenTracer(config, node->metrics_, node->log_));
  EIDER_ASSIGN_OR_RETURN(node->data_, DataNode::Open({.config = config,
                                                      .log = &node->log_,
                                                      .metrics = &node->metrics_,
                                                      .audits = true,
                                                      .certificates = certificates}));
  node->AddMetrics();
  EIDER_ASSIGN_OR_RETURN(node->links_, NodeLinks::Open(config, certificates, node->metrics_, node->log_));
  if (node->data_->store() != nullptr) {
    node->shared_auth_ = std::make_unique<SharedAuth>(*node->data_->store(), node->data_->secrets().cipher());
  }
  EIDER_ASSIGN_OR_RETURN(node->access_, Access::Open(config, node->AccessPartsOf()));
  http::ServerParts parts{node->data_->service(),
                          node->admission_,
                          node->query_pool_,
                          node->prepare_pool_,
                          node->metrics_,
                          node->log_,
                          [raw = node.get()] { return raw->Readiness(); },
                          &node->access_->authenticator(),
                          &node->access_->proxies(),
                          &node->access_->pool(),
                          &node->data_->live()};
  if (node->data_->store() != nullptr) parts.stale = [raw = node.get()] { return raw->IsStale(); };
  parts.audit = node->data_->audit();
  parts.tracer = node->tracer_.get();
  parts.history = node->data_->history();
  parts.may_leave = [raw = node.get()] {
    ClusterNode* const cluster = raw->data_->cluster();
    return cluster == nullptr || cluster->MayLeaveForLoad();
  };
  node->AddSchemaParts(parts);
  parts.health_detail = [raw = node.get()] { return raw->HealthDetail(); };
  node->AddLinkParts(parts);
  http::ServerOptions options = HttpOptionsOf(config);
  options.loopback_only = node->access_->loopback_only();
  options.needs_credentials = node->access_->needs_credentials();
  options.serves_at_once = false;
  options.certificates = certificates;
  EIDER_ASSIGN_OR_RETURN(node->http_, http::Server::Start(std::move(options), std::move(parts)));
  EIDER_RETURN_IF_ERROR(node->JoinCluster());
  EIDER_RETURN_IF_ERROR(node->LoadSources());
  return node;
}

Status Node::JoinCluster() {
  if (data_->store() == nullptr) return {};
  if (links_ != nullptr) {
    ClusterParts parts{config_, *data_, *links_, metrics_, log_, [this] {
                         if (follower_) follower_->Nudge();
                       }};
    parts.shared_auth = shared_auth_.get();
    parts.url = config_.cluster_node_url;
    if (parts.url == "auto") {
      const std::string address = http_->address();
      EIDER_ASSIGN_OR_RETURN(parts.url, data_->pg_store() != nullptr
                                            ? AutomaticNodeUrl(data_->pg_store()->dsn(), address)
                                            : AutomaticNodeUrl(config_.cluster_management_url, address));
      if (links_->certificates() != nullptr) parts.url.replace(0, std::string_view("http").size(), "https");
    }
    parts.hear = [this](cluster::StoreNews news) {
      if (CoreFollower* const follower = following_) follower->Hear(std::move(news));
    };
    parts.is_overloaded = [this] { return admission_.counts().full_for > http::kOverloadedAfter; };
    parts.is_ready = [this] {
      return std::ranges::none_of(Readiness(), [](const http::Reason& reason) { return reason.blocks_readiness; });
    };
    EIDER_ASSIGN_OR_RETURN(cluster_, ClusterNode::Start(parts));
    cluster_gauges_ = AddClusterMetrics(metrics_, *cluster_);
    data_->cluster() = cluster_.get();
  }
  CoreFollower::Options options{config_, log_};
  options.followed = [this](std::chrono::nanoseconds time, bool done) { CountSync(metrics_, "core", time, done); };
  if (data_->cache() != nullptr) {
    announcer_ = std::make_unique<CacheAnnouncer>(*data_->store(), *data_->cache());
    options.on_cache = [this](const std::string& payload) { announcer_->OnAnnounced(payload); };
    options.on_cache_missed = [this] { announcer_->OnMissed(); };
  }
  options.on_permissions = [this] { access_->LookAtSharedSoon(); };
  if (cluster_) {
    options.on_versions = [this](const cluster::CoreVersions& versions) { cluster_->OnVersions(versions); };
    options.on_event = [this](const cluster::CoreEvent& event) { cluster_->OnEvent(event); };
  }
  follower_ = std::make_unique<CoreFollower>(*data_, std::move(options));
  following_ = follower_.get();
  return {};
}

AccessParts Node::AccessPartsOf() {
  AccessParts parts{.log = log_};
  parts.shared = shared_auth_.get();
  parts.roles = &data_->permissions();
  KeyTable* keys = data_->keys();
  if (keys == nullptr) return parts;
  parts.keys = &keys->index();
  parts.pepper = data_->secrets().pepper();
  parts.on_tick = [this, keys] {
    if (const Status kept = keys->KeepUses(); !kept) {
      log_.Debug("uses of keys were not written down", {{"reason", kept.error().message}});
    }
  };
  return parts;
}

void Node::Stop() {
  log_.Info("stopping");
  if (cluster_) cluster_->Drain();
  http_->Drain(config_.drain_delay, config_.drain_timeout);
  http_->Stop();
  if (cluster_) cluster_->Leave();
  (void)data_->sources().Checkpoint("");
  log_.Info("stopped");
}

Status Node::LoadSources() {
  for (const std::string& problem : data_->start_problems()) log_.Error("not usable", {{"reason", problem}});
  RememberSources();
  if (const Status loaded = data_->sources().LoadAll(); !loaded) {
    log_.Error("sources cannot be listed", {{"reason", loaded.error().message}});
  }
  for (const sources::SourceReport& report : data_->sources().Reports()) {
    if (!report.error.empty()) {
      log_.Error("source was not loaded", {{"source", report.name}, {"reason", report.error}});
      if (config_.cluster_strict_start) return GiveUpStart(report);
    } else if (!report.disabled) {
      log_.Info("source was loaded", {{"source", report.name}, {"type", report.type}});
    }
  }
  if (!warm_up_.empty()) WarmUp(data_->service(), *data_->permissions().Get(), warm_up_, log_);
  if (cluster_) cluster_->SourcesTried();
  if (lone_) lone_->Begin();
  data_->lone() = lone_.get();
  http_->Serve();
  sources_tried_ = true;
  // The others hear that it is ready now.
  if (cluster_) cluster_->members().Nudge();
  log_.Info("ready", {{"address", http_->address()}, {"version", DataNode::version()}});
  return {};
}

// Without it the node loads what is registered.
void Node::RememberSources() {
  if (data_->core() == nullptr || data_->store() != nullptr || IsReadOnlyCore(config_)) return;
  auto lone = LoneSources::Open(*data_, config_, log_);
  if (lone) {
    lone_ = std::move(*lone);
  } else {
    log_.Error("what was loaded before is not known", {{"reason", lone.error().message}});
  }
}

Error Node::GiveUpStart(const sources::SourceReport& failed) {
  if (cluster_) {
    cluster_->Drain();
    cluster_->Leave();
  }
  return Error(ErrorCode::kSourceUnavailable,
               "CLUSTER_STRICT_START: data source \"" + failed.name + "\" was not loaded: " + failed.error);
}

// What lets other nodes in, and requests out to them.
void Node::AddLinkParts(http::ServerParts& parts) {
  if (links_ == nullptr) return;
  parts.call_verifier = &links_->verifier();
  parts.ping = [links = links_.get()] { return links->PingJson(); };
  parts.all_queries = [this](const auth::Identity& viewer) {
    return RunningQueries(data_->live(), data_->cluster(), NodeName(config_), viewer);
  };
  parts.cancel_elsewhere = [this](const auth::Identity& viewer, const std::string& id) {
    ClusterNode* const cluster = data_->cluster();
    return cluster != nullptr && cluster->queries().Cancel(viewer, {.id = id}) > 0;
  };
  const int threads = config_.cluster_route_header ? std::max(kLeastForwarders, 4 * Cores()) : 1;
  forward_pool_ = std::make_unique<async::BlockingPool>("eider-forward", threads);
  parts.streams = &links_->streams();
  parts.forward_pool = forward_pool_.get();
  parts.find_node = [this](const std::string& name) {
    ClusterNode* const cluster = data_->cluster();
    const auto member = cluster == nullptr ? std::nullopt : cluster->FindMember(name);
    if (!member) return http::NodePlace{};
    const bool is_live = member->status != "unreachable" && member->status != "draining";
    return http::NodePlace{is_live ? http::NodePlace::State::kLive : http::NodePlace::State::kDead,
                           {member->name, member->url}};
  };
}

// What the cluster's version of the schema has to do with requests.
void Node::AddSchemaParts(http::ServerParts& parts) {
  if (!config_.cluster_enabled) return;
  parts.schema_version = [this] {
    const ClusterNode* const cluster = data_->cluster();
    return cluster == nullptr ? 0 : static_cast<std::uint64_t>(cluster->schema_version());
  };
  parts.await_schema = [this](std::uint64_t version, const Deadline& deadline) {
    ClusterNode* const cluster = data_->cluster();
    if (cluster == nullptr) return false;
    cluster->LookAtSources();
    return cluster->reconciler().Await(static_cast<std::int64_t>(version), deadline);
  };
}

std::vector<http::Reason> Node::Readiness() {
  std::vector<http::Reason> reasons;
  if (!sources_tried_) reasons.push_back({"starting", "sources are being loaded", true});
  AddClusterReasons(reasons);
  AddSourceReasons(reasons);
  const CoreFollower* follower = following_;
  if (follower != nullptr && !follower->connected()) {
    const bool is_remote = data_->remote_store() != nullptr;
    reasons.push_back({"core_unreachable",
                       is_remote ? "the management node cannot be reached; what is known of it is served"
                                 : "the core database cannot be reached; what is known of it is served",
                       false});
  } else if (follower != nullptr && !follower->can_listen()) {
    reasons.push_back({"listen_unavailable", "announcements do not arrive; the core database is asked often", false});
  }
  const cache::ResultCache* cache = data_->cache();
  const auto shared = cache == nullptr ? std::nullopt : cache->counts().shared;
  if (shared && shared->breaker_open) {
    reasons.push_back(
        {"l2_unreachable", "the cache server does not answer; results are kept in this node alone", false});
  }
  return reasons;
}

// What lies in this node's own memory never is.
bool Node::IsStale() const {
  const auto limit = config_.permission_stale_limit;
  if (data_->store() == nullptr || limit.count() == 0) return false;
  return Deadline::Clock::now() - data_->store()->last_answer() > limit;
}

void Node::AddClusterReasons(std::vector<http::Reason>& reasons) {
  if (IsStale()) reasons.push_back({"core_stale", "permissions are stale", true});
  if (!data_->has_core_key()) {
    reasons.push_back(
        {"key_mismatch", "this node does not have the encryption key, or the secret, of the others", true});
  }
  ClusterNode* const cluster = data_->cluster();
  if (cluster == nullptr) return;
  if (cluster->is_duplicate()) {
    reasons.push_back({"duplicate_name", "another process has the name " + cluster->name(), true});
  }
  if (!config_.cluster_serve_queries) {
    reasons.push_back({"dedicated_management", "this node manages the cluster and serves no queries", true});
  }
  if (cluster->members().is_drained()) {
    reasons.push_back({"draining", "an administrator has taken this node out of service", true});
  }
  if (cluster->lease().view().expired) reasons.push_back({"no_leader", "no node holds the management lease", false});
  if (cluster->reconciler().behind_for() > kMostLag) {
    reasons.push_back({"schema_lag", "the cluster's sources have changed, and this node has not followed yet", true});
  }
}

// A source that is away everywhere keeps nobody from serving the others.
void Node::AddSourceReasons(std::vector<http::Reason>& reasons) {
  ClusterNode* const cluster = data_->cluster();
  const auto diverged = cluster == nullptr ? std::vector<std::string>() : cluster->reconciler().Diverged(kMostLag);
  for (const std::string& name : diverged) {
    reasons.push_back({"source_diverged", name + ": other nodes have it, and this one does not", true});
  }
  for (const sources::SourceReport& report : data_->sources().Reports()) {
    if (std::ranges::find(diverged, report.name) != diverged.end()) continue;
    if (!report.error.empty()) {
      reasons.push_back({"source_failed", report.name + ": " + report.error, false});
    } else if (report.circuit_open) {
      reasons.push_back({"source_failed", report.name + ": its circuit is open: " + *report.circuit_open, false});
    }
  }
}

std::string Node::HealthDetail() {
  const CoreFollower* follower = following_;
  const engine::Database::Usage usage = data_->database().GetUsage();
  std::string json =
      fmt::format(R"(,"version":"{}","versions":{{"schema":{},"permission":{}}},"sources":[)", DataNode::version(),
                  data_->service().schema_version(), data_->permissions().Get()->version());
  for (const sources::SourceReport& report : data_->sources().Reports()) {
    if (json.back() != '[') json.push_back(',');
    json.append("{\"name\":");
    AppendJsonString(json, report.name);
    json.append(",\"type\":");
    AppendJsonString(json, report.type);
    json.append(",\"state\":");
    AppendJsonString(json, sources::StateText(report));
    json.append(",\"error\":");
    AppendJsonString(json, report.error);
    json.push_back('}');
  }
  json.append(fmt::format(
      R"(],"stores":{{"core":{{"kind":"{}","reachable":{}}},"engine":{{"memory_bytes":{},"temp_bytes":{}}})",
      follower == nullptr ? "embedded" : "postgres", follower == nullptr || follower->connected(), usage.memory_bytes,
      usage.temp_bytes));
  const cache::ResultCache* cache = data_->cache();
  const auto shared = cache == nullptr ? std::nullopt : cache->counts().shared;
  if (shared) json.append(fmt::format(R"(,"cache_l2":{{"reachable":{}}})", !shared->breaker_open));
  return json + "}";
}

void Node::AddMetrics() {
  using observe::Sample;
  for (auto& registration : observe::AddProcessMetrics(metrics_, DataNode::version(), config_.cluster_role)) {
    gauges_.push_back(std::move(registration));
  }
  if (const cache::ResultCache* cache = data_->cache()) {
    for (auto& registration : AddCacheMetrics(metrics_, *cache)) gauges_.push_back(std::move(registration));
  }
  if (const observe::AuditLog* audit = data_->audit()) {
    gauges_.push_back(metrics_.AddGauge("eider_audit_dropped", "Audit records that found no room in the queue.",
                                        [audit] { return static_cast<double>(audit->dropped()); }));
    gauges_.push_back(metrics_.AddGauge("eider_audit_queued", "Audit records that are not written yet.",
                                        [audit] { return static_cast<double>(audit->queued()); }));
  }
  gauges_.push_back(metrics_.AddGauge("eider_schema_version", "Version of the schema that is served.",
                                      [this] { return static_cast<double>(data_->service().schema_version()); }));
  if (data_->store() != nullptr) {
    gauges_.push_back(metrics_.AddGauge("eider_core_db_up", "Whether the shared core database can be reached.", [this] {
      const CoreFollower* follower = following_;
      return follower != nullptr && follower->connected() ? 1.0 : 0.0;
    }));
  }
  if (cluster::PgCoreStore* const store = data_->pg_store(); store != nullptr) {
    ObserveStore(metrics_, *store);
    gauges_.push_back(metrics_.AddGauges(
        "eider_core_db_pool_connections", "Connections to the shared core database.",
        [store] { return std::vector<Sample>{{{{"state", "open"}}, static_cast<double>(store->open_sessions())}}; }));
  }
  gauges_.push_back(metrics_.AddGauge("eider_permission_version", "Version of the roles that are served.",
                                      [this] { return static_cast<double>(data_->permissions().Get()->version()); }));
  gauges_.push_back(metrics_.AddGauges("eider_source_state", "1 for the state that a data source is in.", [this] {
    std::vector<Sample> samples;
    for (const sources::SourceReport& report : data_->sources().Reports()) {
      samples.push_back({{{"source", report.name}, {"state", std::string(sources::StateText(report))}}, 1.0});
    }
    return samples;
  }));
  gauges_.push_back(metrics_.AddGauges(
      "eider_source_pool_connections", "Connections to a data source that runs statements itself.", [this] {
        std::vector<Sample> samples;
        for (const sources::SourceReport& report : data_->sources().Reports()) {
          if (!report.is_native) continue;
          samples.push_back({{{"source", report.name}, {"state", "open"}}, static_cast<double>(report.open_sessions)});
        }
        return samples;
      }));
  gauges_.push_back(metrics_.AddGauges(
      "eider_source_breaker_open", "1 while a data source is left alone because it cannot be reached.", [this] {
        std::vector<Sample> samples;
        for (const sources::SourceReport& report : data_->sources().Reports()) {
          if (!report.is_native) continue;
          samples.push_back({{{"source", report.name}}, report.circuit_open ? 1.0 : 0.0});
        }
        return samples;
      }));
  gauges_.push_back(metrics_.AddGauge("eider_duckdb_memory_bytes", "Bytes that the engine holds in memory.", [this] {
    return static_cast<double>(data_->database().GetUsage().memory_bytes);
  }));
  gauges_.push_back(metrics_.AddGauge("eider_duckdb_temp_bytes", "Bytes that the engine has spilled to disk.",
                                      [this] { return static_cast<double>(data_->database().GetUsage().temp_bytes); }));
  gauges_.push_back(
      metrics_.AddGauges("eider_query_cache_total", "Look-ups of the caches of operations and plans.", [this] {
        const query::QueryCounters counters = data_->service().counters();
        const auto sample = [](const char* cache, const char* result, std::uint64_t value) {
          return Sample{{{"cache", cache}, {"result", result}}, static_cast<double>(value)};
        };
        return std::vector<Sample>{sample("plan", "hit", counters.plan_cache_hits),
                                   sample("plan", "miss", counters.plan_cache_misses),
                                   sample("operation", "hit", counters.operation_cache_hits),
                                   sample("operation", "miss", counters.operation_cache_misses)};
      }));
}

}  // namespace eider::server
