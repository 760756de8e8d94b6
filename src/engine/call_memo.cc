#include "engine/call_memo.h"

#include <algorithm>
#include <stop_token>

namespace eider::engine {
namespace {

// Answers beyond this are forgotten and asked for again when they come up once more.
constexpr std::size_t kMostBytes = 64 << 20;

// What tells calls apart: every argument with its length.
std::string KeyOf(const BatchFunction& function, const TextRow& call) {
  std::string key = function.name;
  for (const auto& argument : call) {
    key.append(argument ? std::to_string(argument->size()) : "-").append(":").append(argument.value_or(""));
  }
  return key;
}

}  // namespace

std::optional<Error> CallMemo::failure() {
  MutexLock lock(mutex_);
  return failure_;
}

void CallMemo::Keep(std::size_t bytes) {
  bytes_ += bytes;
  if (bytes_ <= kMostBytes) return;
  std::erase_if(entries_, [](const auto& entry) { return entry.second->done; });
  bytes_ = 0;
}

Status CallMemo::Ask(const BatchFunction& function, const std::vector<TextRow>& calls,
                     const std::vector<EntryPtr>& entries) {
  auto values = function.answer(calls, limits_);
  MutexLock lock(mutex_);
  if (values && values->size() != calls.size()) {
    values = Error(ErrorCode::kInternal, "function " + function.name + " gave the wrong number of values");
  }
  if (!values && !failure_) failure_ = values.error();
  for (std::size_t i = 0; values && i < entries.size(); ++i) {
    entries[i]->value = std::move((*values)[i]);
    entries[i]->done = true;
    Keep(entries[i]->value ? entries[i]->value->size() : 0);
  }
  answered_.notify_all();
  return values ? Status() : Status(std::move(values).error());
}

Status CallMemo::WaitFor(const std::vector<EntryPtr>& entries) {
  const std::stop_callback on_stop(limits_.stop, [this] {
    const MutexLock lock(mutex_);
    if (!failure_) failure_ = Error(ErrorCode::kCancelled, "query cancelled");
    answered_.notify_all();
  });
  const MutexLock lock(mutex_);
  const auto is_over = [&]() REQUIRES_LOCK(mutex_) {
    return failure_.has_value() || std::ranges::all_of(entries, [](const EntryPtr& entry) { return entry->done; });
  };
  if (limits_.deadline.never()) {
    answered_.wait(mutex_, is_over);
  } else if (!answered_.wait_until(mutex_, limits_.deadline.at(), is_over)) {
    return Error(ErrorCode::kTimeout, "query timeout");
  }
  if (failure_) return *failure_;
  return {};
}

Result<std::vector<std::shared_ptr<const CallMemo::Entry>>> CallMemo::Answer(const BatchFunction& function,
                                                                             const std::vector<TextRow>& calls) {
  std::vector<EntryPtr> all;
  std::vector<TextRow> asked;
  std::vector<EntryPtr> asked_entries;
  {
    MutexLock lock(mutex_);
    for (const TextRow& call : calls) {
      EntryPtr& entry = entries_[KeyOf(function, call)];
      if (entry == nullptr) {
        entry = std::make_shared<Entry>();
        asked.push_back(call);
        asked_entries.push_back(entry);
      }
      all.push_back(entry);
    }
  }
  if (!asked.empty()) EIDER_RETURN_IF_ERROR(Ask(function, asked, asked_entries));
  EIDER_RETURN_IF_ERROR(WaitFor(all));
  return std::vector<std::shared_ptr<const Entry>>(all.begin(), all.end());
}

}  // namespace eider::engine
