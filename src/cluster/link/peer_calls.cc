#include "cluster/link/peer_calls.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "fetch/url.h"

namespace eider::cluster {
namespace {

constexpr std::size_t kMostThreads = 16;

}  // namespace

std::vector<Result<std::string>> PeerCalls::CallAll(const std::vector<PeerAddress>& peers, const PeerCall& call,
                                                    const Deadline& deadline, const StopToken& stop) {
  std::vector<Result<std::string>> answers(peers.size(), Error(ErrorCode::kInternal, "not called"));
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < peers.size(); i = next++) answers[i] = Call(peers[i], call, deadline, stop);
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < std::min(peers.size(), kMostThreads); ++i) threads.emplace_back(work);
  work();
  threads.clear();
  return answers;
}

Result<std::string> PeerBaseUrl(const std::string& url) {
  EIDER_ASSIGN_OR_RETURN(const fetch::Url parsed, fetch::ParseUrl(url));
  if (!parsed.query.empty() || !parsed.user.empty()) {
    return Error(ErrorCode::kBadInput, "the URL of a node has no user and no query: " + parsed.Shown());
  }
  std::string base = url.substr(0, url.find('#'));
  while (base.ends_with('/')) base.pop_back();
  if (base.ends_with("/ipc")) base.resize(base.size() - 4);
  while (base.ends_with('/')) base.pop_back();
  return base;
}

}  // namespace eider::cluster
