#include "fetch/transfer_loop.h"

#include <algorithm>
#include <utility>

namespace eider::fetch {
namespace {

using Clock = Deadline::Clock;

constexpr int kLongestWaitMs = 1000;
constexpr long kKeptConnections = 256;

}  // namespace

TransferLoop::TransferLoop() : multi_(curl_multi_init()) {
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kKeptConnections);
}

TransferLoop::~TransferLoop() {
  while (!jobs_.empty()) Erase(jobs_.begin());
  curl_multi_cleanup(multi_);
}

void TransferLoop::Submit(std::shared_ptr<Batch> batch) {
  {
    MutexLock lock(mutex_);
    inbox_.push_back(std::move(batch));
  }
  Wake();
}

void TransferLoop::Wake() { curl_multi_wakeup(multi_); }

void TransferLoop::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  Wake();
}

void TransferLoop::Run() {
  while (Receive()) {
    DropOver();
    StartDue();
    int running = 0;
    curl_multi_perform(multi_, &running);
    FinishDone();
    StartDue();
    curl_multi_poll(multi_, nullptr, 0, WaitTime(), nullptr);
  }
  while (!jobs_.empty()) Finish(jobs_.begin(), Error(ErrorCode::kDraining, "the node is stopping"));
}

bool TransferLoop::Receive() {
  std::vector<std::shared_ptr<Batch>> batches;
  {
    MutexLock lock(mutex_);
    batches = std::exchange(inbox_, {});
    if (stopping_ && batches.empty()) return false;
  }
  for (const std::shared_ptr<Batch>& batch : batches) {
    for (std::size_t i = 0; i < batch->requests.size(); ++i) {
      jobs_.emplace_back().transfer = std::make_unique<Transfer>(batch, i, batch->peer, batch->requests[i]);
    }
  }
  return true;
}

void TransferLoop::DropOver() {
  for (auto job = jobs_.begin(); job != jobs_.end();) {
    const auto next = std::next(job);
    if (job->transfer->batch().over) Erase(job);
    job = next;
  }
}

void TransferLoop::StartDue() {
  const auto now = Clock::now();
  for (Job& job : jobs_) {
    Peer& peer = job.transfer->peer();
    if (job.active || job.due > now || peer.running_ >= peer.options().max_concurrent) continue;
    job.transfer->Prepare(job.transfer->batch().deadline);
    job.active = true;
    ++peer.running_;
    curl_multi_add_handle(multi_, job.transfer->handle());
  }
}

void TransferLoop::FinishDone() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto job = JobOf(message->easy_handle);
    if (job == jobs_.end()) continue;
    auto outcome = job->transfer->Finish(message->data.result);
    if (outcome.result) {
      Finish(job, std::move(*outcome.result));
      continue;
    }
    curl_multi_remove_handle(multi_, job->transfer->handle());
    --job->transfer->peer().running_;
    job->active = false;
    job->due = Clock::now() + outcome.again_after;
  }
}

TransferLoop::Jobs::iterator TransferLoop::JobOf(CURL* handle) {
  return std::ranges::find_if(jobs_, [&](const Job& job) { return job.transfer->handle() == handle; });
}

void TransferLoop::Finish(Jobs::iterator job, Result<Response> result) {
  Batch& batch = job->transfer->batch();
  {
    MutexLock lock(batch.mutex);
    if (!result && !batch.ended) batch.ended = result.error();
    if (!result) batch.over = true;
    batch.results[job->transfer->index()] = std::move(result);
    --batch.missing;
  }
  batch.changed.notify_all();
  Erase(job);
}

void TransferLoop::Erase(Jobs::iterator job) {
  if (job->active) {
    curl_multi_remove_handle(multi_, job->transfer->handle());
    --job->transfer->peer().running_;
  }
  jobs_.erase(job);
}

int TransferLoop::WaitTime() const {
  auto next = Clock::now() + std::chrono::milliseconds(kLongestWaitMs);
  for (const Job& job : jobs_) {
    const Peer& peer = job.transfer->peer();
    if (!job.active && peer.running_ < peer.options().max_concurrent) next = std::min(next, job.due);
  }
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(next - Clock::now()).count();
  return std::clamp(static_cast<int>(left) + 1, 0, kLongestWaitMs);
}

}  // namespace eider::fetch
