#include <rapidjson/document.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "cli/cluster_client.h"
#include "cli/command.h"
#include "cluster/link/call_verifier.h"
#include "cluster/link/signed_peer_calls.h"
#include "cluster/pg_core_store.h"
#include "cluster/pg_migrations.h"
#include "observe/metrics.h"
#include "server/node_links.h"
#include "server/option_mapping.h"

// `eider cluster doctor`.
namespace eider::cli {
namespace {

constexpr std::int64_t kMuchOffsetMs = 1000;
constexpr auto kPatience = std::chrono::seconds(5);

enum class Finding { kOk, kWarn, kFail };

struct Check {
  Finding finding = Finding::kOk;
  std::string what;
  std::string text;  // With a remedy unless all is well.
};

std::string_view Word(Finding finding) {
  return finding == Finding::kOk ? "ok" : finding == Finding::kWarn ? "warn" : "fail";
}

// Looks at one thing after the other. Each step adds what it found.
class Doctor {
 public:
  explicit Doctor(const ClusterClient& client) : client_(client) {}

  const std::vector<Check>& Examine() {
    CheckCore();
    if (CheckNode()) CheckMembers();
    return checks_;
  }

 private:
  void Add(Finding finding, std::string what, std::string text) {
    checks_.push_back({finding, std::move(what), std::move(text)});
  }

  void CheckCore() {
    const config::Config& config = client_.config();
    if (server::IsReadOnlyCluster(config)) {
      return Add(Finding::kOk, "core database", "only read; what the nodes share lies in the management node's memory");
    }
    if (!cluster::IsPostgresPath(config.core_db_path)) {
      const Finding finding = config.cluster_enabled ? Finding::kFail : Finding::kOk;
      Add(finding, "core database",
          config.cluster_enabled ? "a cluster needs one in PostgreSQL: set CORE_DB_PATH=postgres://…"
                                 : "this node's own");
      return;
    }
    const auto store = cluster::PgCoreStore::Open(server::PgCoreOptionsOf(config));
    if (!store) return Add(Finding::kFail, "core database", store.error().message + ": check CORE_DB_PATH");
    const auto offset = (*store)->ClockOffset(Deadline::After(kPatience));
    if (!offset) {
      return Add(Finding::kFail, "core database",
                 offset.error().message + ": is it running, and may this node log in?");
    }
    Add(Finding::kOk, "core database", "reachable");
    const auto version = cluster::CheckPgVersion(**store);
    Add(version ? Finding::kOk : Finding::kFail, "core tables",
        version ? "of a version that this program knows" : version.error().message + ": run `eider migrate`");
    offset_ms_ = std::chrono::duration_cast<std::chrono::milliseconds>(*offset).count();
    const bool is_much = offset_ms_ > kMuchOffsetMs || offset_ms_ < -kMuchOffsetMs;
    Add(is_much ? Finding::kWarn : Finding::kOk, "clock",
        std::to_string(offset_ms_) + " ms behind the core database's" + (is_much ? ": let NTP set it" : ""));
  }

  bool CheckNode() {
    const auto answer = client_.Get("/health/detail");
    if (!answer) {
      Add(Finding::kFail, "node", answer.error().message + ": start it, or give --endpoint");
      return false;
    }
    rapidjson::Document detail;
    detail.Parse(answer->body.data(), answer->body.size());
    if (answer->status != 200 || detail.HasParseError() || !detail.IsObject()) {
      Add(Finding::kFail, "node", "answers " + std::to_string(answer->status) + ": set SECRET_KEY as the node has it");
      return false;
    }
    name_ = TextMember(detail, "node");
    const bool ready = detail["ready"].GetBool();
    Add(ready ? Finding::kOk : Finding::kFail, "node", name_ + " is " + TextMember(detail, "status"));
    for (const auto& reason : detail["reasons"].GetArray()) {
      Add(ready ? Finding::kWarn : Finding::kFail, TextMember(reason, "code"), TextMember(reason, "detail"));
    }
    for (const auto& source : detail["sources"].GetArray()) {
      if (TextMember(source, "state") == "failed") {
        Add(Finding::kWarn, "data source " + TextMember(source, "name"),
            TextMember(source, "error") + ": mend it, then reload it");
      }
    }
    return true;
  }

  void CheckMembers() {
    if (!client_.config().cluster_enabled) return;
    const auto data = client_.Ask(
        "{ core { cluster { nodes(order_by: [{field: \"name\"}]) { name url status is_leader schema_version "
        "permission_version } } } }");
    if (!data) return Add(Finding::kFail, "nodes", data.error().message);
    const auto& nodes = (**data)["data"]["core"]["cluster"]["nodes"];
    observe::Metrics metrics;
    const auto now_ms = [this] { return cluster::SystemNowMs() + offset_ms_; };
    config::Config config = client_.config();
    config.node_name = name_;
    auto certificates = server::NodeLinks::OpenCertificates(config, nullptr);
    if (!certificates) return Add(Finding::kFail, "certificates", certificates.error().message);
    cluster::SignedPeerCalls calls({.name = name_,
                                    .secret = config.cluster_secret,
                                    .timeout = kPatience,
                                    .now_ms = now_ms,
                                    .certificates = std::move(*certificates)},
                                   metrics);
    int leaders = 0;
    std::int64_t newest = 0;
    for (const auto& node : nodes.GetArray()) newest = std::max(newest, SchemaOf(node));
    for (const auto& node : nodes.GetArray()) {
      leaders += node["is_leader"].IsTrue() ? 1 : 0;
      CheckMember(node, newest, calls);
    }
    if (leaders == 0) Add(Finding::kFail, "leader", "no node leads: is a management node running?");
    if (leaders == 1) Add(Finding::kOk, "leader", "one node leads");
    if (leaders > 1) Add(Finding::kFail, "leader", std::to_string(leaders) + " nodes say that they lead");
  }

  void CheckMember(const rapidjson::Value& node, std::int64_t newest, cluster::SignedPeerCalls& calls) {
    const std::string name = TextMember(node, "name");
    if (SchemaOf(node) < newest) {
      Add(Finding::kWarn, "node " + name,
          "serves schema version " + std::to_string(SchemaOf(node)) + " of " + std::to_string(newest) +
              "; it should follow within a minute");
    }
    if (name == name_) return;
    const auto pong = calls.Ping({name, TextMember(node, "url")}, Deadline::After(kPatience), {});
    Add(pong ? Finding::kOk : Finding::kFail, "node " + name,
        pong ? "answers at " + TextMember(node, "url") : pong.error().message);
  }

  static std::int64_t SchemaOf(const rapidjson::Value& node) { return NumberMember(node, "schema_version"); }

  const ClusterClient& client_;
  std::vector<Check> checks_;
  std::string name_;
  std::int64_t offset_ms_ = 0;
};

void Print(const std::vector<Check>& checks, bool as_json) {
  std::string json = "{\"checks\":[";
  for (const Check& check : checks) {
    if (!as_json) {
      std::printf("%-4s  %s: %s\n", std::string(Word(check.finding)).c_str(), check.what.c_str(), check.text.c_str());
      continue;
    }
    json.append(json.back() == '[' ? "{\"finding\":" : ",{\"finding\":");
    AppendJsonString(json, Word(check.finding));
    json.append(",\"check\":");
    AppendJsonString(json, check.what);
    json.append(",\"detail\":");
    AppendJsonString(json, check.text);
    json.push_back('}');
  }
  if (as_json) std::printf("%s]}\n", json.c_str());
}

}  // namespace

int RunClusterDoctor(const Arguments& arguments) {
  constexpr const char* kCommand = "cluster doctor";
  ClusterFlags flags;
  const auto read = ReadFlagsOf(arguments, ClusterFlagsOf(flags));
  if (!read) return TellFailure(kCommand, read.error(), false);
  if (read->help) {
    std::printf(
        "Looks for what is wrong, from this node, with its options in the environment: the core database, the clock,\n"
        "the node itself and the way to every other one. Prints one line a check; fails when one fails.\n\n"
        "Usage: eider cluster doctor [FLAGS]\n\n%s",
        FlagHelp(ClusterFlagsOf(flags)).c_str());
    return kDone;
  }
  const bool as_json = !flags.json.empty() || flags.output == "json";
  const auto client = ClusterClient::Open(flags);
  if (!client) return TellFailure(kCommand, client.error(), as_json);
  Doctor doctor(*client);
  const auto& checks = doctor.Examine();
  Print(checks, as_json);
  const bool failed =
      std::any_of(checks.begin(), checks.end(), [](const Check& check) { return check.finding == Finding::kFail; });
  return failed ? kPrecondition : kDone;
}

}  // namespace eider::cli
