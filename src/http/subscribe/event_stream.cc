#include "http/subscribe/event_stream.h"

#include "base/text.h"

namespace eider::http {
namespace {

constexpr std::size_t kRoom = std::size_t{1} << 20;
constexpr std::string_view kComplete = "event: complete\ndata:\n\n";

// One event; `data` may have several lines.
void AppendNext(std::string& out, std::string_view data) {
  out.append("event: next\n");
  for (const std::string_view line : SplitText(data, '\n')) out.append("data: ").append(line).append("\n");
  out.append("\n");
}

}  // namespace

void EventStream::Start(const LiveOperation::Environment& environment, LiveOperation::Executor executor,
                        std::unique_ptr<query::Subscription> subscription) {
  operation_ = std::make_shared<LiveOperation>(environment, std::move(executor), std::string());
  operation_->Start(shared_from_this(), std::move(subscription));
}

std::string EventStream::TakeOutput() {
  const bool had_room = HasRoom();
  std::string out = std::exchange(output_, {});
  if (!had_room && operation_ != nullptr) operation_->OnRoom();
  return out;
}

void EventStream::FinishSoon() {
  if (operation_ != nullptr) operation_->FinishSoon();
}

void EventStream::Stop() {
  if (operation_ != nullptr) operation_->Stop();
}

bool EventStream::HasRoom() const { return output_.size() < kRoom; }

void EventStream::OnNext(const std::string& /*id*/, std::string payload) {
  AppendNext(output_, payload);
  on_output_();
}

void EventStream::OnEnd(const std::string& /*id*/, std::string errors) {
  if (!errors.empty()) AppendNext(output_, "{\"errors\":" + errors + "}");
  output_.append(kComplete);
  on_output_();
}

void EventStream::OnRefused(const Response& refusal) {
  // That of who is not known is no JSON.
  AppendNext(output_,
             refusal.status == 403 ? refusal.body : ErrorBody(ErrorCode::kUnauthenticated, refusal.body, true));
  output_.append(kComplete);
  on_output_();
}

void EventStream::OnGone() {
  is_gone_ = true;
  operation_.reset();
  on_output_();
}

}  // namespace eider::http
