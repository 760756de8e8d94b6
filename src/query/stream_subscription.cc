#include "query/stream_subscription.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/graphql_answer.h"
#include "query/repeated_request.h"

namespace eider::query {
namespace {

// What passes by itself.
constexpr std::array kPassing = {ErrorCode::kCoreUnavailable,   ErrorCode::kSourceUnavailable,
                                 ErrorCode::kSourceCircuitOpen, ErrorCode::kSchemaNotReady,
                                 ErrorCode::kTimeout,           ErrorCode::kOverloaded};

bool WillPass(const std::string& message) {
  rapidjson::Document answer;
  answer.Parse<rapidjson::kParseIterativeFlag>(message.data(), message.size());
  if (answer.HasParseError()) return false;
  const auto error = FirstErrorOf(answer);
  return error && std::ranges::any_of(kPassing, [&](ErrorCode code) { return error->code == ErrorCodeName(code); });
}

}  // namespace

StreamSubscription::StreamSubscription(StreamQueries queries, const StreamTail& tail, Options options)
    : queries_(std::move(queries)),
      tail_(tail),
      run_(std::move(options.run)),
      phase_(options.after ? Phase::kRows : Phase::kPresent),
      floor_(options.after.value_or(0)),
      newest_(floor_) {}

std::optional<GraphqlRequest> StreamSubscription::Begin() {
  mark_ = tail_();
  if (began_ && (!mark_ || mark_ == told_)) return std::nullopt;
  began_ = true;
  if (mark_) Follow(*mark_);
  rows_ = 0;
  failed_ = false;
  splitter_.emplace(queries_.shape, kLargestMessage);
  GraphqlRequest request = CopyOf(run_);
  if (phase_ == Phase::kPresent) {
    request.query = queries_.present;
    return request;
  }
  request.query = queries_.rows;
  request.variables.CopyFrom(queries_.variables, request.variables.GetAllocator());
  auto& allocator = request.variables.GetAllocator();
  rapidjson::Value name(queries_.after_variable.data(),
                        static_cast<rapidjson::SizeType>(queries_.after_variable.size()), allocator);
  request.variables.AddMember(name, rapidjson::Value(From()), allocator);
  return request;
}

void StreamSubscription::Follow(const StreamMark& mark) {
  // A subscriber may come with a key that is far from any.
  const bool is_other = followed_ ? followed_->store != mark.store : mark.newest + StreamQueries::kLate < floor_;
  if (is_other) {
    floor_ = newest_ = 0;
    seen_.clear();
  } else if (followed_ && mark.newest < followed_->newest) {
    newest_ = mark.newest;
    floor_ = std::min(floor_, newest_);
    seen_.erase(seen_.upper_bound(newest_), seen_.end());
  }
  followed_ = mark;
}

Status StreamSubscription::Take(std::string_view bytes, const Emit& emit) {
  return splitter_->Take(bytes, [&](std::string message) { TakeMessage(std::move(message), emit); });
}

void StreamSubscription::TakeMessage(std::string message, const Emit& emit) {
  const std::string before = queries_.before_row + "{\"" + queries_.key_alias + "\":";
  if (!message.starts_with(before)) {
    failed_ = true;
    if (!WillPass(message)) emit(std::move(message));
    return;
  }
  std::size_t begin = before.size();
  const bool is_text = message[begin] == '"';
  if (is_text) ++begin;
  std::int64_t key = 0;
  const auto [end, error] = std::from_chars(message.data() + begin, message.data() + message.size(), key);
  std::size_t after = static_cast<std::size_t>(end - message.data()) + (is_text ? 1 : 0);
  if (after < message.size() && message[after] == ',') ++after;
  ++rows_;
  newest_ = std::max(newest_, key);
  if (error != std::errc() || !seen_.insert(key).second || phase_ == Phase::kPresent) return;
  const std::size_t row = queries_.before_row.size() + 1;
  emit(message.erase(row, after - row));
}

void StreamSubscription::End(const Emit& emit) {
  splitter_->End([&](std::string message) { TakeMessage(std::move(message), emit); });
  if (failed_) return;
  seen_.erase(seen_.begin(), seen_.upper_bound(From()));
  // A full page has more behind it.
  const bool is_all = phase_ == Phase::kPresent || rows_ < StreamQueries::kPage;
  if (is_all) told_ = mark_;
  phase_ = Phase::kRows;
}

}  // namespace eider::query
