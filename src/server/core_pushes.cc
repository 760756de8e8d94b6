#include "server/core_pushes.h"

#include <algorithm>
#include <utility>

namespace eider::server {
namespace {

constexpr std::chrono::milliseconds kPatience{1000};
constexpr const char* kTell = "query($news: JSON!) { function { core { cluster { handle_core_news(news: $news) } } } }";

}  // namespace

CorePushes::CorePushes(cluster::PeerCalls& peers, Members members, std::chrono::milliseconds call_timeout)
    : peers_(peers),
      members_(std::move(members)),
      call_timeout_(call_timeout),
      thread_([this] { Run(); }) {}

CorePushes::~CorePushes() {
  stop_.request_stop();
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  thread_.join();
}

void CorePushes::Add(const cluster::StorePosition& position, const cluster::CoreEvent& event) {
  MutexLock lock(mutex_);
  news_.position = position;
  news_.events.push_back(event);
  wake_.notify_all();
}

void CorePushes::Run() {
  while (true) {
    cluster::StoreNews news;
    {
      MutexLock lock(mutex_);
      while (!stopping_ && news_.events.empty()) wake_.wait(mutex_);
      if (stopping_) return;
      std::swap(news, news_);
    }
    Tell(news);
  }
}

void CorePushes::Tell(const cluster::StoreNews& news) {
  const std::vector<cluster::PeerAddress> members = members_();
  if (members.empty()) return;
  cluster::PeerCall call;
  call.operation = "core_news";
  call.query = kTell;
  call.variables = "{\"news\":" + cluster::ToJson(news) + "}";
  // Whoever is silent must not keep the next news from the others; it finds the gap when it looks again.
  (void)peers_.CallAll(members, call, Deadline::After(std::min(call_timeout_, kPatience)), stop_.get_token());
}

}  // namespace eider::server
