#include <rapidjson/document.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "cli/cluster_client.h"
#include "cli/command.h"

// `eider cluster status`, `nodes`, `ping` and `leader`.
namespace eider::cli {
namespace {

constexpr const char* kNodes =
    "{ core { cluster { nodes(order_by: [{field: \"name\"}]) { name url role version status ready is_leader "
    "started_at last_heartbeat schema_version permission_version error } } } }";

constexpr const char* kExitCodes =
    "Exit codes: 0 done, 1 internal error, 2 not authenticated, 3 not found, 4 not permitted, 5 refused arguments,\n"
    "6 no node reachable, 7 the node or cluster is in no state for it, 8 outcome unknown, 9 partly done\n";

// What every one of these commands begins with.
struct Begun {
  ReadFlags read;
  ClusterFlags flags;
  bool over = false;  // With `code`.
  int code = kDone;

  bool as_json() const { return !flags.json.empty() || flags.output == "json"; }
};

struct Usage {
  const char* command;  // "cluster ping"
  const char* text;     // What it does, and its arguments.
  std::size_t most_arguments = 0;
};

void Begin(const Usage& usage, const Arguments& arguments, std::vector<Flag> own, Begun& begun) {
  std::vector<Flag> flags = ClusterFlagsOf(begun.flags);
  flags.insert(flags.begin(), own.begin(), own.end());
  auto read = ReadFlagsOf(arguments, flags);
  begun.over = true;
  if (!read) {
    begun.code = TellFailure(usage.command, read.error(), false);
    return;
  }
  begun.read = std::move(*read);
  if (begun.read.help) {
    std::printf("%s\n%s\n%s", usage.text, FlagHelp(flags).c_str(), kExitCodes);
    return;
  }
  if (begun.read.positional.size() > usage.most_arguments) {
    begun.code =
        TellFailure(usage.command, Error(ErrorCode::kBadInput, "too many arguments; --help tells more"), false);
    return;
  }
  begun.over = false;
}

// The member as a person reads it.
std::string Shown(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || found->value.IsNull()) return "";
  if (found->value.IsString()) return found->value.GetString();
  if (found->value.IsBool()) return found->value.GetBool() ? "yes" : "no";
  return JsonTextOf(found->value);
}

void PrintRows(const rapidjson::Value& rows, const std::vector<const char*>& columns) {
  std::vector<std::size_t> widths;
  for (const char* column : columns) {
    std::size_t width = std::string_view(column).size();
    for (const auto& row : rows.GetArray()) width = std::max(width, Shown(row, column).size());
    widths.push_back(width);
  }
  const auto print = [&](const auto& text_of) {
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      std::string text = text_of(columns[i]);
      text.resize(std::max(text.size(), widths[i]), ' ');
      line.append(text).append(i + 1 < columns.size() ? "  " : "");
    }
    while (line.ends_with(' ')) line.pop_back();
    std::printf("%s\n", line.c_str());
  };
  print([](const char* column) { return std::string(column); });
  for (const auto& row : rows.GetArray()) print([&](const char* column) { return Shown(row, column); });
}

Result<rapidjson::Document> Detail(const ClusterClient& client) {
  EIDER_ASSIGN_OR_RETURN(const ClusterClient::Answer answer, client.Get("/health/detail"));
  if (answer.status == 401) {
    return Error(ErrorCode::kUnauthenticated,
                 client.endpoint() + " wants an administrator: set SECRET_KEY as the node has it");
  }
  if (answer.status == 403) return Error(ErrorCode::kForbidden, client.endpoint() + ": for administrators only");
  rapidjson::Document json;
  json.Parse(answer.body.data(), answer.body.size());
  if (answer.status != 200 || json.HasParseError() || !json.IsObject() || !json.HasMember("status")) {
    return Error(ErrorCode::kInternal,
                 client.endpoint() + " answers " + std::to_string(answer.status) + " to /health/detail");
  }
  return json;
}

void PrintDetail(const rapidjson::Document& detail) {
  std::printf("node %s: %s\n", Shown(detail, "node").c_str(), Shown(detail, "status").c_str());
  for (const auto& reason : detail["reasons"].GetArray()) {
    std::printf("  %s: %s\n", Shown(reason, "code").c_str(), Shown(reason, "detail").c_str());
  }
  if (detail.HasMember("versions")) std::printf("versions: %s\n", JsonTextOf(detail["versions"]).c_str());
  if (detail.HasMember("sources") && !detail["sources"].Empty()) {
    std::printf("\n");
    PrintRows(detail["sources"], {"name", "type", "state", "error"});
  }
  if (detail.HasMember("members") && !detail["members"].Empty()) {
    std::printf("\n");
    PrintRows(detail["members"], {"name", "role", "status", "ready", "is_leader", "schema_version", "url"});
  }
}

}  // namespace

int RunClusterStatus(const Arguments& arguments) {
  constexpr Usage kUsage{"cluster status",
                         "Tells how a node and its cluster fare.\n\nUsage: eider cluster status [FLAGS]\n"};
  Begun begun;
  Begin(kUsage, arguments, {}, begun);
  if (begun.over) return begun.code;
  const auto client = ClusterClient::Open(begun.flags);
  if (!client) return TellFailure(kUsage.command, client.error(), begun.as_json());
  const auto detail = Detail(*client);
  if (!detail) return TellFailure(kUsage.command, detail.error(), begun.as_json());
  if (begun.as_json()) {
    std::printf("%s\n", JsonTextOf(*detail).c_str());
  } else {
    PrintDetail(*detail);
  }
  return kDone;
}

int RunClusterPing(const Arguments& arguments) {
  constexpr Usage kUsage{"cluster ping",
                         "Tells whether a node lives; with --ready, whether it is ready.\n\n"
                         "Usage: eider cluster ping [--ready] [FLAGS]\n"};
  std::string ready;
  Begun begun;
  Begin(kUsage, arguments, {{"ready", "", "fail unless the node is ready", &ready}}, begun);
  if (begun.over) return begun.code;
  const auto client = ClusterClient::Open(begun.flags);
  if (!client) return TellFailure(kUsage.command, client.error(), begun.as_json());
  const auto answer = client->Get(ready.empty() ? "/health/live" : "/health/ready");
  if (!answer) {
    return TellFailure(kUsage.command, Error(ErrorCode::kSourceUnavailable, answer.error().message), begun.as_json());
  }
  if (answer->status != 200) {
    const Error error(ErrorCode::kSchemaNotReady, client->endpoint() + " is not ready: " + answer->body.substr(0, 300));
    return TellFailure(kUsage.command, error, begun.as_json());
  }
  std::string word;
  AppendJsonString(word, answer->body);
  if (begun.as_json()) {
    std::printf("{\"endpoint\":\"%s\",\"status\":%s}\n", client->endpoint().c_str(), word.c_str());
  } else {
    std::printf("%s: %s\n", client->endpoint().c_str(), answer->body.c_str());
  }
  return kDone;
}

int RunClusterNodes(const Arguments& arguments) {
  constexpr Usage kUsage{
      "cluster nodes",
      "Lists the nodes of a cluster, or shows one.\n\nUsage: eider cluster nodes [list | show NAME] [FLAGS]\n", 2};
  Begun begun;
  Begin(kUsage, arguments, {}, begun);
  if (begun.over) return begun.code;
  const Arguments& words = begun.read.positional;
  const bool shows_one = words.size() == 2 && words[0] == "show";
  if (!shows_one && !(words.empty() || (words.size() == 1 && words[0] == "list"))) {
    return TellFailure(kUsage.command, Error(ErrorCode::kBadInput, "list, or show NAME"), begun.as_json());
  }
  const auto client = ClusterClient::Open(begun.flags);
  if (!client) return TellFailure(kUsage.command, client.error(), begun.as_json());
  auto data = client->Ask(kNodes);
  if (!data) return TellFailure(kUsage.command, data.error(), begun.as_json());
  const auto& nodes = (**data)["data"]["core"]["cluster"]["nodes"];
  if (!shows_one) {
    if (begun.as_json()) {
      std::printf("{\"nodes\":%s}\n", JsonTextOf(nodes).c_str());
    } else {
      PrintRows(nodes, {"name", "role", "status", "ready", "is_leader", "version", "schema_version", "last_heartbeat",
                        "url", "error"});
    }
    return kDone;
  }
  for (const auto& node : nodes.GetArray()) {
    if (Shown(node, "name") != words[1]) continue;
    if (begun.as_json()) {
      std::printf("%s\n", JsonTextOf(node).c_str());
      return kDone;
    }
    for (const auto& member : node.GetObject()) {
      std::printf("%-20s %s\n", member.name.GetString(), Shown(node, member.name.GetString()).c_str());
    }
    return kDone;
  }
  return TellFailure(kUsage.command, Error(ErrorCode::kNotFound, "no such node: " + words[1]), begun.as_json());
}

namespace {

int ShowLeader(const ClusterClient& client, bool as_json) {
  auto data = client.Ask("{ function { core { cluster { leader management_url } } } }");
  if (!data) return TellFailure("cluster leader", data.error(), as_json);
  const auto& leader = (**data)["data"]["function"]["core"]["cluster"];
  const std::string name = Shown(leader, "leader");
  if (as_json) {
    std::printf("%s\n", JsonTextOf(leader).c_str());
  } else {
    std::printf("%s\n", name.empty() ? "no node leads" : (name + " at " + Shown(leader, "management_url")).c_str());
  }
  return name.empty() ? kPrecondition : kDone;
}

// Without a wish any other management node that is ready.
Result<std::string> Successor(const ClusterClient& client) {
  EIDER_ASSIGN_OR_RETURN(const auto data, client.Ask(kNodes));
  for (const auto& node : (*data)["data"]["core"]["cluster"]["nodes"].GetArray()) {
    if (Shown(node, "role") == "management" && Shown(node, "ready") == "yes" && Shown(node, "is_leader") != "yes") {
      return Shown(node, "name");
    }
  }
  return Error(ErrorCode::kSchemaNotReady, "no other management node is ready to lead");
}

int StepDown(const ClusterClient& client, std::string preferred, bool as_json) {
  if (preferred.empty()) {
    auto other = Successor(client);
    if (!other) return TellFailure("cluster leader", other.error(), as_json);
    preferred = std::move(*other);
  }
  std::string variables = "{\"node\":";
  AppendJsonString(variables, preferred);
  auto data = client.Ask(
      "mutation($node: String!) { function { core { cluster { set_leader(node: $node) { success message } } } } }",
      variables + "}");
  if (!data) return TellFailure("cluster leader", data.error(), as_json);
  const auto& outcome = (**data)["data"]["function"]["core"]["cluster"]["set_leader"];
  if (as_json) {
    std::printf("%s\n", JsonTextOf(outcome).c_str());
  } else {
    std::printf("%s\n", Shown(outcome, "message").c_str());
  }
  return Shown(outcome, "success") == "yes" ? kDone : kPrecondition;
}

}  // namespace

int RunClusterLeader(const Arguments& arguments) {
  constexpr Usage kUsage{"cluster leader",
                         "Tells which node leads, or makes another one lead.\n\n"
                         "Usage: eider cluster leader [show | stepdown [--preferred NODE]] [FLAGS]\n",
                         1};
  std::string preferred;
  Begun begun;
  Begin(kUsage, arguments, {{"preferred", "NODE", "who is to lead after a stepdown", &preferred}}, begun);
  if (begun.over) return begun.code;
  const std::string word = begun.read.positional.empty() ? "show" : begun.read.positional[0];
  if (word != "show" && word != "stepdown") {
    return TellFailure(kUsage.command, Error(ErrorCode::kBadInput, "show or stepdown"), begun.as_json());
  }
  const auto client = ClusterClient::Open(begun.flags);
  if (!client) return TellFailure(kUsage.command, client.error(), begun.as_json());
  return word == "show" ? ShowLeader(*client, begun.as_json()) : StepDown(*client, preferred, begun.as_json());
}

}  // namespace eider::cli
