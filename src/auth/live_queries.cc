#include "auth/live_queries.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/text.h"

namespace eider::auth {
namespace {

constexpr std::string_view kAdministrator = "admin";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWord(char c) { return c == '_' || IsDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

// Behind the string that begins at `at`, "…" or """…""".
std::size_t EndOfString(std::string_view text, std::size_t at) {
  const bool block = text.substr(at, 3) == R"(""")";
  std::size_t next = at + (block ? 3 : 1);
  while (next < text.size()) {
    if (text[next] == '\\') {
      next += block && text.substr(next, 4) == R"(\""")" ? 4 : 2;
    } else if (block ? text.substr(next, 3) == R"(""")" : text[next] == '"') {
      return next + (block ? 3 : 1);
    } else {
      ++next;
    }
  }
  return text.size();
}

std::size_t EndOfNumber(std::string_view text, std::size_t at) {
  while (at < text.size() && (IsWord(text[at]) || text[at] == '.' || text[at] == '-' || text[at] == '+')) ++at;
  return at;
}

void AppendText(std::string& out, std::string_view name, std::string_view value) {
  out.append(out.size() > 1 ? ",\"" : "\"").append(name).append("\":");
  AppendJsonString(out, value);
}

void AppendNumber(std::string& out, std::string_view name, std::int64_t value) {
  out.append(",\"").append(name).append("\":").append(std::to_string(value));
}

std::string TimeText(std::chrono::system_clock::time_point at) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32] = {};
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, size};
}

}  // namespace

std::string_view QueryStateName(QueryState state) {
  switch (state) {
    case QueryState::kQueued: return "queued";
    case QueryState::kPlanning: return "planning";
    case QueryState::kRunning: return "running";
    case QueryState::kWriting: return "writing";
    case QueryState::kCancelling: return "cancelling";
  }
  return "running";
}

LiveQueries::Entry& LiveQueries::Entry::operator=(Entry&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(number_, other.number_);
  std::swap(query_, other.query_);
  return *this;
}

LiveQueries::Entry::~Entry() {
  if (owner_ != nullptr) owner_->Remove(number_);
}

std::map<std::string, int> LiveQueries::SourcesOfOlder(std::chrono::milliseconds age) const {
  const auto before = std::chrono::steady_clock::now() - age;
  std::map<std::string, int> sources;
  MutexLock lock(mutex_);
  for (const auto& [number, item] : items_) {
    if (item.query->started >= before) continue;
    for (const std::string& source : item.query->Sources()) ++sources[source];
  }
  return sources;
}

LiveQueries::Entry LiveQueries::Add(std::shared_ptr<LiveQuery> query, std::function<void()> cancel) {
  MutexLock lock(mutex_);
  items_.emplace(++last_, Item{query, std::make_shared<std::function<void()>>(std::move(cancel))});
  return {this, last_, std::move(query)};
}

void LiveQueries::Remove(std::uint64_t number) {
  MutexLock lock(mutex_);
  items_.erase(number);
}

std::vector<std::shared_ptr<const LiveQuery>> LiveQueries::List(const Identity& viewer) const {
  std::vector<std::shared_ptr<const LiveQuery>> out;
  MutexLock lock(mutex_);
  for (const auto& [number, item] : items_) {
    if (MaySee(viewer, *item.query->identity)) out.push_back(item.query);
  }
  return out;
}

int LiveQueries::Cancel(const Identity& viewer, const Selection& selection) {
  std::vector<std::shared_ptr<std::function<void()>>> cancelled;
  {
    const auto now = std::chrono::steady_clock::now();
    MutexLock lock(mutex_);
    for (auto& [number, item] : items_) {
      LiveQuery& query = *item.query;
      if (!MaySee(viewer, *query.identity)) continue;
      if (!selection.id.empty() && query.id != selection.id) continue;
      if (!selection.except.empty() && query.id == selection.except) continue;
      if (!selection.user_id.empty() && query.identity->user_id != selection.user_id) continue;
      if (!selection.role.empty() && query.identity->role != selection.role) continue;
      if (now - query.started < selection.older_than) continue;
      query.state = QueryState::kCancelling;
      cancelled.push_back(item.cancel);
    }
  }
  for (const auto& cancel : cancelled) (*cancel)();
  return static_cast<int>(cancelled.size());
}

bool MaySee(const Identity& viewer, const Identity& owner) {
  if (viewer.role == kAdministrator) return true;
  if (viewer.auth_type == "anonymous" || viewer.principal.empty()) return false;
  return viewer.principal == owner.principal;
}

std::string WithoutLiterals(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const bool negative = c == '-' && at + 1 < text.size() && IsDigit(text[at + 1]);
    if (c == '"') {
      at = EndOfString(text, at);
      out.push_back('?');
    } else if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (IsDigit(c) || negative) {
      at = EndOfNumber(text, at);
      out.push_back('?');
    } else if (IsWord(c)) {
      while (at < text.size() && IsWord(text[at])) out.push_back(text[at++]);
    } else {
      out.push_back(c);
      ++at;
    }
  }
  return out;
}

std::string QueryJson(const LiveQuery& query, const Identity& viewer, std::string_view node) {
  const Identity& owner = *query.identity;
  const auto elapsed = std::chrono::steady_clock::now() - query.started;
  const bool shows =
      viewer.role == kAdministrator || (!viewer.principal.empty() && viewer.principal == owner.principal);
  std::string out = "{";
  AppendText(out, "id", query.id);
  AppendText(out, "node", node);
  AppendText(out, "user_id", owner.user_id);
  AppendText(out, "user_name", owner.user_name);
  AppendText(out, "role", owner.role);
  AppendText(out, "protocol", query.protocol);
  AppendText(out, "state", QueryStateName(query.state));
  AppendText(out, "started_at", TimeText(query.started_at));
  AppendNumber(out, "elapsed_ms", std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count());
  AppendNumber(out, "queue_ms", query.queue_ms);
  AppendNumber(out, "bytes", query.bytes);
  // Rows are counted at the end only, and the engine tells the memory of all statements together.
  out.append(",\"rows\":null,\"memory_bytes\":null,\"sources\":[");
  for (const std::string& source : query.Sources()) {
    if (out.back() != '[') out.push_back(',');
    AppendJsonString(out, source);
  }
  out.push_back(']');
  AppendText(out, "operation_name", query.operation_name);
  AppendText(out, "text", shows ? RedactSecrets(query.text) : WithoutLiterals(query.text));
  return out + "}";
}

std::string QueriesJson(const LiveQueries& live, const Identity& viewer, std::string_view node,
                        std::string_view except) {
  std::string out = "[";
  for (const auto& query : live.List(viewer)) {
    if (!except.empty() && query->id == except) continue;
    if (out.size() > 1) out.push_back(',');
    out.append(QueryJson(*query, viewer, node));
  }
  return out + "]";
}

}  // namespace eider::auth
