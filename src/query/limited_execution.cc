#include "query/limited_execution.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "query/error_body.h"

namespace eider::query {
namespace {

constexpr std::size_t kHeld = std::size_t{16} << 20;

// Holds the beginning of a body back, and counts.
class HoldingSink final : public ResponseSink {
 public:
  using Fits = std::function<bool(std::size_t)>;
  HoldingSink(ResponseSink& to, Fits fits, Error too_large)
      : to_(to),
        fits_(std::move(fits)),
        too_large_(std::move(too_large)) {}

  Status Write(std::string_view bytes) override {
    size_ += bytes.size();
    if (!fits_(size_)) return too_large_;
    if (released_) return to_.Write(bytes);
    held_.append(bytes);
    return held_.size() < kHeld ? Status() : Release();
  }
  void NoteCache(const CacheNote& note) override { note_ = note; }

  Status Release() {
    if (std::exchange(released_, true)) return {};
    if (note_) to_.NoteCache(*note_);
    const std::string held = std::move(held_);
    return held.empty() ? Status() : to_.Write(held);
  }
  bool released() const { return released_; }

 private:
  ResponseSink& to_;
  const Fits fits_;
  const Error too_large_;
  std::string held_;
  std::optional<CacheNote> note_;
  std::size_t size_ = 0;
  bool released_ = false;
};

}  // namespace

LimitedExecution::LimitedExecution(AnswerBounds bounds, std::unique_ptr<Execution> inner)
    : bounds_(std::move(bounds)),
      inner_(std::move(inner)) {
  const std::string* ready = inner_->ready_body();
  if (ready != nullptr && !inner_->stats().has_errors && !Fits(ready->size())) ready_ = Refuse(TooLarge());
}

const std::string* LimitedExecution::ready_body() const { return ready_ ? &*ready_ : inner_->ready_body(); }

Error LimitedExecution::TooLarge() const {
  return Error(ErrorCode::kResultTooLarge, "the answer has more than the " + std::to_string(*bounds_.max_bytes) +
                                               " bytes that the role may have; select less");
}

std::string LimitedExecution::Refuse(const Error& error) {
  refused_ = inner_->stats();
  refused_->has_errors = true;
  refused_->error_code = ErrorCodeName(error.code);
  refused_->is_text = bounds_.plain_errors;
  if (bounds_.plain_errors) return RedactSecrets(error.ToString());
  RequestContext context;
  context.request_id = bounds_.request_id;
  context.full_errors = bounds_.full_errors;
  return FullErrors(ErrorBody(error), error.code, context);
}

std::string LimitedExecution::Checked(std::string body) {
  return inner_->stats().has_errors || Fits(body.size()) ? std::move(body) : Refuse(TooLarge());
}

Status LimitedExecution::Run(ResponseSink& sink) {
  if (ready_) return sink.Write(*ready_);
  const Error too_large = bounds_.max_bytes ? TooLarge() : Error();
  HoldingSink held(sink, [this](std::size_t bytes) { return Fits(bytes); }, too_large);
  Status status = inner_->Run(held);
  if (status) return held.Release();
  if (held.released()) return status;
  return sink.Write(Refuse(status.error()));
}

bool LimitedExecution::StartCoalesced(std::function<void(std::string body)> done) {
  return inner_->StartCoalesced([this, done = std::move(done)](std::string body) { done(Checked(std::move(body))); });
}

bool LimitedExecution::StartShared(Sharing sharing) {
  sharing.done = [this, done = std::move(sharing.done)](std::string body) { done(Checked(std::move(body))); };
  return inner_->StartShared(std::move(sharing));
}

}  // namespace eider::query
