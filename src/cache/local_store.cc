#include "cache/local_store.h"

#include <algorithm>
#include <utility>

namespace eider::cache {
namespace {

enum class Segment { kWindow, kProbation, kProtected };

struct Node {
  Key key;
  EntryPtr entry;
  std::size_t cost = 0;
  Segment segment = Segment::kWindow;
};

using List = std::list<Node>;

// Around an entry: the list's node, the index's node and bucket, the counters of the shared pointer.
constexpr std::size_t kOverhead = sizeof(Node) + 2 * sizeof(void*) + sizeof(Key) + 4 * sizeof(void*) + 32;

}  // namespace

class LocalStore::Shard {
 public:
  Shard(LocalStore& store, std::size_t expected_bytes)
      : store_(store),
        window_target_(std::max<std::size_t>(expected_bytes / 100, 1)),
        sketch_(expected_bytes / 1024) {}

  EntryPtr Find(const Key& key, Clock::time_point now) {
    MutexLock lock(mutex_);
    sketch_.Add(KeyHash()(key));
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    Node& node = *found->second;
    if (!node.entry->IsFresh(now)) {
      (now < node.entry->expires ? store_.invalid_ : store_.expired_)++;
      Remove(found->second);
      return nullptr;
    }
    Touch(found->second);
    return node.entry;
  }

  void Erase(const Key& key) {
    MutexLock lock(mutex_);
    if (const auto found = index_.find(key); found != index_.end()) Remove(found->second);
  }

  // Makes room in this shard until `cost` is reserved; false when it has nothing more to give.
  bool ReserveHere(std::size_t cost) {
    MutexLock lock(mutex_);
    while (!store_.Reserve(cost)) {
      if (!EvictOne()) return false;
    }
    return true;
  }

  // Gives up one entry; false when there is none.
  bool GiveUpOne() {
    MutexLock lock(mutex_);
    return EvictOne();
  }

  // REQUIRES: `cost` is reserved.
  void Insert(const Key& key, EntryPtr entry, std::size_t cost) {
    MutexLock lock(mutex_);
    if (const auto found = index_.find(key); found != index_.end()) Remove(found->second);
    List& window = list(Segment::kWindow);
    window.push_front({key, std::move(entry), cost, Segment::kWindow});
    index_[key] = window.begin();
    bytes(Segment::kWindow) += cost;
    store_.entries_++;
    // While there is room nobody has to compete for it.
    while (bytes(Segment::kWindow) > window_target_ && window.size() > 1) {
      Move(std::prev(window.end()), Segment::kProbation);
    }
  }

  void Sweep(Clock::time_point now) {
    MutexLock lock(mutex_);
    for (List& list : lists_) {
      for (auto it = list.begin(); it != list.end();) {
        const auto current = it++;
        if (current->entry->IsFresh(now)) continue;
        (now < current->entry->expires ? store_.invalid_ : store_.expired_)++;
        Remove(current);
      }
    }
  }

 private:
  List& list(Segment segment) REQUIRES_LOCK(mutex_) { return lists_[static_cast<int>(segment)]; }
  std::size_t& bytes(Segment segment) REQUIRES_LOCK(mutex_) { return bytes_[static_cast<int>(segment)]; }

  void Move(List::iterator at, Segment to) REQUIRES_LOCK(mutex_) {
    bytes(at->segment) -= at->cost;
    bytes(to) += at->cost;
    List& from = list(at->segment);
    at->segment = to;
    list(to).splice(list(to).begin(), from, at);
  }

  // A use moves an entry to the front of its segment; one of the probation becomes protected.
  void Touch(List::iterator at) REQUIRES_LOCK(mutex_) {
    if (at->segment == Segment::kWindow) return Move(at, Segment::kWindow);
    Move(at, Segment::kProtected);
    const std::size_t main = bytes(Segment::kProbation) + bytes(Segment::kProtected);
    while (bytes(Segment::kProtected) > main / 5 * 4 && list(Segment::kProtected).size() > 1) {
      Move(std::prev(list(Segment::kProtected).end()), Segment::kProbation);
    }
  }

  void Remove(List::iterator at) REQUIRES_LOCK(mutex_) {
    bytes(at->segment) -= at->cost;
    store_.bytes_ -= at->cost;
    store_.entries_--;
    index_.erase(at->key);
    list(at->segment).erase(at);
  }

  bool EvictOne() REQUIRES_LOCK(mutex_) {
    List& window = list(Segment::kWindow);
    List& main = list(list(Segment::kProbation).empty() ? Segment::kProtected : Segment::kProbation);
    if (window.empty() && main.empty()) return false;
    store_.for_room_++;
    if (main.empty()) return Drop(std::prev(window.end()));
    const auto victim = std::prev(main.end());
    if (window.empty()) return Drop(victim);
    const auto candidate = std::prev(window.end());
    if (sketch_.Estimate(KeyHash()(candidate->key)) <= sketch_.Estimate(KeyHash()(victim->key))) return Drop(candidate);
    Move(candidate, Segment::kProbation);
    return Drop(victim);
  }

  bool Drop(List::iterator at) REQUIRES_LOCK(mutex_) {
    Remove(at);
    return true;
  }

  LocalStore& store_;
  const std::size_t window_target_;
  Mutex mutex_;
  FrequencySketch sketch_ GUARDED_BY(mutex_);
  List lists_[3] GUARDED_BY(mutex_);
  std::size_t bytes_[3] GUARDED_BY(mutex_) = {0, 0, 0};
  std::unordered_map<Key, List::iterator, KeyHash> index_ GUARDED_BY(mutex_);
};

LocalStore::LocalStore(const Options& options)
    : max_bytes_(options.max_bytes),
      max_item_bytes_(
          std::min(options.max_item_bytes == 0 ? options.max_bytes / 8 : options.max_item_bytes, options.max_bytes)) {
  const int count = std::clamp(options.shards, 1, 256);
  shards_.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    shards_.push_back(std::make_unique<Shard>(*this, max_bytes_ / static_cast<std::size_t>(count)));
  }
}

LocalStore::~LocalStore() = default;

std::size_t LocalStore::CostOf(const Entry& entry) {
  return kOverhead + sizeof(Entry) + entry.result.json.capacity() + entry.tags.size() * 3 * sizeof(void*);
}

EntryPtr LocalStore::Find(const Key& key, Clock::time_point now) { return ShardOf(key).Find(key, now); }

void LocalStore::Erase(const Key& key) { ShardOf(key).Erase(key); }

bool LocalStore::Put(const Key& key, EntryPtr entry) {
  const std::size_t cost = CostOf(*entry);
  if (cost > max_item_bytes_) {
    large_++;
    Erase(key);
    return false;
  }
  Shard& own = ShardOf(key);
  own.Erase(key);
  if (!own.ReserveHere(cost) && !ReserveFromOthers(own, cost)) return false;
  own.Insert(key, std::move(entry), cost);
  return true;
}

bool LocalStore::Reserve(std::size_t bytes) {
  std::size_t held = bytes_.load();
  while (held + bytes <= max_bytes_) {
    if (bytes_.compare_exchange_weak(held, held + bytes)) return true;
  }
  return false;
}

bool LocalStore::ReserveFromOthers(const Shard& own, std::size_t bytes) {
  std::size_t empty = 0;
  while (!Reserve(bytes)) {
    Shard& other = *shards_[next_victim_++ % shards_.size()];
    if (&other == &own || !other.GiveUpOne()) {
      // Everything else may be reserved by others who have not put it in yet.
      if (++empty > 2 * shards_.size()) return false;
    } else {
      empty = 0;
    }
  }
  return true;
}

void LocalStore::Sweep(Clock::time_point now) {
  for (const auto& shard : shards_) shard->Sweep(now);
}

LocalStore::Counts LocalStore::counts() const {
  return {bytes_.load(), entries_.load(), for_room_.load(), expired_.load(), invalid_.load(), large_.load()};
}

}  // namespace eider::cache
