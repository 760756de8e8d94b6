#include "server/member_round.h"

#include <algorithm>
#include <thread>

#include "base/json.h"

namespace eider::server {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{50};
constexpr milliseconds kLookAtMembers{500};
constexpr milliseconds kAskAgain{500};

bool IsAwaited(const cluster::MemberRow& member) {
  return member.status == "up" || member.status == "degraded" || member.status == "starting";
}

std::string Seconds(milliseconds time) {
  if (time.count() % 1000 != 0) return std::to_string(time.count()) + " ms";
  return std::to_string(time.count() / 1000) + " s";
}

}  // namespace

bool MemberRound::Gather() {
  const auto members = members_.Members();
  if (!members) return false;
  MutexLock lock(mutex_);
  for (const cluster::MemberRow& member : *members) {
    if (member.name == options_.self || !IsAwaited(member)) continue;
    waiting_[member.name] = {.url = member.url, .is_starting = member.status == "starting"};
  }
  asked_ = static_cast<std::int64_t>(waiting_.size());
  return true;
}

void MemberRound::Done(const std::string& node, const Status& done) {
  if (waiting_.erase(node) == 0) return;
  took_[node] = std::chrono::duration_cast<milliseconds>(Clock::now() - started_);
  if (done) return;
  failed_[node] = done.error().message;
}

void MemberRound::Hear(const std::string& node, const cluster::PeerCall& call, const Result<std::string>& answer,
                       bool is_done) {
  const auto found = waiting_.find(node);
  if (found == waiting_.end()) return;
  Waiting& member = found->second;
  if (!answer) {
    member.last_error = answer.error().message;
    const bool is_refused = answer.error().code == ErrorCode::kSourceUnavailable;
    if (!is_refused) member.refused_since.reset();
    if (is_refused && !member.refused_since) member.refused_since = Clock::now();
    return;
  }
  member.refused_since.reset();
  member.last_error.clear();
  const auto outcome = ReadOutcome(call.operation, *answer);
  if (outcome && outcome->success) {
    if (is_done) Done(node, {});
    return;
  }
  // A node that starts does it anyway, in a moment.
  member.last_error = outcome ? outcome->message : outcome.error().message;
  if (!member.is_starting) Done(node, Error(ErrorCode::kSourceUnavailable, member.last_error));
}

// Calls whoever is waited for, again and again: an answer may be lost, and a member may die after it.
void MemberRound::Ask(const cluster::PeerCall& call, bool is_done) {
  while (true) {
    std::vector<cluster::PeerAddress> addresses;
    {
      MutexLock lock(mutex_);
      if (over_) return;
      for (const auto& [node, member] : waiting_) addresses.push_back({node, member.url});
    }
    const auto answers = peers_.CallAll(addresses, call, Deadline::After(options_.call_timeout), stop_.get_token());
    MutexLock lock(mutex_);
    for (std::size_t i = 0; i < answers.size(); ++i) Hear(addresses[i].name, call, answers[i], is_done);
    const auto again = Clock::now() + kAskAgain;
    while (!over_ && wake_.wait_until(mutex_, again) != std::cv_status::timeout) {
    }
  }
}

void MemberRound::LookAtMembers() {
  const auto members = members_.Members();
  if (!members) return;
  MutexLock lock(mutex_);
  std::vector<std::pair<std::string, std::string>> dead;  // Empty = it has left.
  for (auto& [node, member] : waiting_) {
    const auto row = std::ranges::find(*members, node, &cluster::MemberRow::name);
    if (row == members->end() || row->status == "draining") {
      dead.emplace_back(node, "");
      continue;
    }
    member.url = row->url;
    member.is_starting = row->status == "starting";
    const bool is_silent = row->status == "unreachable" || (row->is_late && !member.last_error.empty());
    const bool is_gone = member.refused_since && Clock::now() - *member.refused_since >= options_.call_timeout;
    if (is_silent || is_gone) {
      dead.emplace_back(node, member.last_error.empty() ? "it does not answer" : member.last_error);
    }
  }
  for (const auto& [node, reason] : dead) {
    Done(node, reason.empty() ? Status() : Status(Error(ErrorCode::kSourceUnavailable, reason)));
  }
}

void MemberRound::LookAtProgress(const Progress& progress) {
  const auto done = progress();
  if (!done) return;
  MutexLock lock(mutex_);
  for (const auto& [node, status] : *done) Done(node, status);
}

bool MemberRound::IsOver() {
  MutexLock lock(mutex_);
  return waiting_.empty();
}

// This node has done it before the others were asked.
std::string MemberRound::NodesJson() {
  std::string json = "[";
  const auto add = [&](const std::string& node, const std::string* error, milliseconds took) {
    json.append(json.size() > 1 ? "," : "").append("{\"node\":").append(JsonTextOf(node));
    json.append(error == nullptr ? ",\"success\":true,\"error\":null" : ",\"success\":false,\"error\":");
    if (error != nullptr) json.append(JsonTextOf(*error));
    json.append(",\"generation\":").append(options_.generation == 0 ? "null" : std::to_string(options_.generation));
    json.append(",\"elapsed_ms\":").append(std::to_string(took.count())).append("}");
  };
  add(options_.self, nullptr, milliseconds(0));
  for (const auto& [node, took] : took_) {
    const auto failed = failed_.find(node);
    add(node, failed == failed_.end() ? nullptr : &failed->second, took);
  }
  return json + "]";
}

OperationOutcome MemberRound::Outcome(std::string_view name) {
  MutexLock lock(mutex_);
  for (const auto& [node, member] : waiting_) {
    failed_[node] = "not applied within " + Seconds(options_.patience) + "; it goes on trying" +
                    (member.last_error.empty() ? "" : " (" + member.last_error + ")");
    took_[node] = options_.patience;
  }
  if (failed_.empty()) return {true, std::string(name) + ": all workers ok", asked_, 0, NodesJson()};
  std::string failures;
  for (const auto& [node, reason] : failed_) {
    failures.append(failures.empty() ? "" : "; ").append(node).append(": ").append(reason);
  }
  return {false, std::string(name) + ": partial failure: [" + failures + "]", asked_,
          static_cast<std::int64_t>(failed_.size()), NodesJson()};
}

OperationOutcome MemberRound::Run(std::string_view name, cluster::PeerCall call, const Progress& progress) {
  call.trace = observe::CurrentTrace();
  const Deadline deadline = Deadline::After(options_.patience);
  if (!Gather()) return FailedOutcome("the members of the cluster cannot be read; it is done on this node alone");
  std::thread asking([&] { Ask(call, progress == nullptr); });
  auto look = Clock::now() + kLookAtMembers;
  while (!IsOver() && !deadline.Passed()) {
    if (progress != nullptr) LookAtProgress(progress);
    if (Clock::now() >= look) {
      LookAtMembers();
      look = Clock::now() + kLookAtMembers;
    }
    if (!IsOver()) std::this_thread::sleep_for(kLook);
  }
  {
    MutexLock lock(mutex_);
    over_ = true;
    wake_.notify_all();
  }
  stop_.request_stop();
  asking.join();
  return Outcome(name);
}

}  // namespace eider::server
