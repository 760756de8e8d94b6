#include "server/warm_up.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "auth/identity.h"
#include "query/planned_document.h"

namespace eider::server {
namespace {

constexpr std::size_t kShown = 200;

// As clients send it: the same document with other blanks is planned anew.
std::string Trimmed(const std::string& text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// What is wrong with a document; empty when it was planned.
std::string Plan(query::QueryService& service, const std::string& role, const std::string& document) {
  query::GraphqlRequest request;
  request.query = document;
  return query::PlanDocument(service, auth::Anonymous(role), "", std::move(request)).failure;
}

}  // namespace

Result<std::vector<std::string>> ReadWarmUpFile(const std::string& path) {
  std::ifstream in(path);
  if (!in) return Error(ErrorCode::kBadInput, "WARMUP_FILE cannot be read: " + path);
  std::vector<std::string> documents(1);
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line == "---") {
      documents.emplace_back();
    } else {
      documents.back().append(line).push_back('\n');
    }
  }
  for (std::string& document : documents) document = Trimmed(document);
  std::erase_if(documents, [](const std::string& document) { return document.empty(); });
  return documents;
}

void WarmUp(query::QueryService& service, const auth::PermissionSnapshot& roles,
            const std::vector<std::string>& documents, observe::Log& log) {
  for (const std::string& document : documents) {
    // What nobody may do is wrong; what some role may not do is its business.
    std::string wrong;
    bool is_planned = false;
    for (const auto& [role, rules] : roles.roles()) {
      std::string failed = Plan(service, role, document);
      if (failed.empty()) is_planned = true;
      if (role == "admin" || wrong.empty()) wrong = std::move(failed);
    }
    if (is_planned) continue;
    log.Warn("a document of WARMUP_FILE was not planned",
             {{"document", document.substr(0, kShown)}, {"reason", wrong.substr(0, kShown)}});
  }
  log.Info("plans are warm", {{"documents", static_cast<std::int64_t>(documents.size())}});
}

}  // namespace eider::server
