#include "server/cache_announcer.h"

#include <rapidjson/document.h>

#include <chrono>
#include <utility>

#include "base/digest.h"
#include "base/json.h"

namespace eider::server {
namespace {

// What a payload may have; PostgreSQL takes up to 8000.
constexpr std::size_t kMostBytes = 512;
constexpr std::size_t kMostTags = 10'000;
constexpr std::chrono::milliseconds kPause{300};

}  // namespace

CacheAnnouncer::CacheAnnouncer(cluster::CoreStore& store, cache::ResultCache& cache)
    : store_(store),
      cache_(cache),
      self_(Base64Url(RandomBytes(8).value_or(""))),
      thread_([this] { Run(); }) {
  cache_.set_on_bump([this](const std::vector<std::string>& tags) { Note(tags); });
}

CacheAnnouncer::~CacheAnnouncer() {
  cache_.set_on_bump({});
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void CacheAnnouncer::OnAnnounced(const std::string& payload) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(payload.c_str());
  if (document.HasParseError() || !document.IsObject()) return cache_.HearAll();
  if (TextMember(document, "from") == self_) return;
  const rapidjson::Value* tags = FindMember(document, "tags");
  if (tags == nullptr || !tags->IsArray()) return cache_.HearAll();
  std::vector<std::string> heard;
  for (const rapidjson::Value& tag : tags->GetArray()) {
    if (!tag.IsString()) return cache_.HearAll();
    heard.emplace_back(tag.GetString(), tag.GetStringLength());
  }
  cache_.Hear(heard);
}

void CacheAnnouncer::Note(const std::vector<std::string>& tags) {
  {
    MutexLock lock(mutex_);
    tags_.insert(tags.begin(), tags.end());
    all_ = all_ || tags.empty() || tags_.size() > kMostTags;
    if (all_) tags_.clear();
  }
  wake_.notify_all();
}

std::vector<std::string> CacheAnnouncer::Statements(const std::set<std::string>& tags, bool all) const {
  const std::string head = "{\"from\":" + JsonTextOf(self_);
  const std::string everything = store_.Announce(kChannel, head + "}");
  if (all) return {everything};
  std::vector<std::string> out;
  std::string list;
  const auto send = [&] {
    if (!list.empty()) out.push_back(store_.Announce(kChannel, head + ",\"tags\":[" + std::exchange(list, "") + "]}"));
  };
  for (const std::string& tag : tags) {
    const std::string text = JsonTextOf(tag);
    if (head.size() + text.size() + 16 > kMostBytes) return {everything};
    if (head.size() + list.size() + text.size() + 16 > kMostBytes) send();
    list.append(list.empty() ? "" : ",").append(text);
  }
  send();
  return out;
}

void CacheAnnouncer::Run() {
  mutex_.lock();
  while (!stopping_ || all_ || !tags_.empty()) {
    if (!all_ && tags_.empty()) {
      wake_.wait(mutex_);
      continue;
    }
    std::set<std::string> tags = std::exchange(tags_, {});
    const bool all = std::exchange(all_, false);
    mutex_.unlock();
    cluster::CoreChange change;
    change.statements = Statements(tags, all);
    const bool told = store_.Apply(change).has_value();
    mutex_.lock();
    if (told) continue;
    // The last words of a node that stops are not tried again.
    if (stopping_) break;
    tags_.merge(tags);
    all_ = all_ || all || tags_.size() > kMostTags;
    if (all_) tags_.clear();
    wake_.wait_for(mutex_, kPause);
  }
  mutex_.unlock();
}

}  // namespace eider::server
