#include "fetch/http_client.h"

#include <functional>
#include <stop_token>

#include "fetch/curl_handle.h"
#include "fetch/transfer_loop.h"

namespace eider::fetch {
namespace {

std::shared_ptr<TransferLoop> MakeLoop() {
  StartCurl();
  return std::make_shared<TransferLoop>();
}

// Waits until every answer is there or the batch has ended otherwise.
void Wait(Batch& batch, const StopToken& stop) {
  const std::stop_callback on_stop(stop, [&batch] {
    {
      MutexLock lock(batch.mutex);
      if (!batch.ended) batch.ended = Error(ErrorCode::kCancelled, "query cancelled");
    }
    batch.changed.notify_all();
  });
  const MutexLock lock(batch.mutex);
  const auto is_over = [&batch]() REQUIRES_LOCK(batch.mutex) { return batch.missing == 0 || batch.ended.has_value(); };
  if (batch.deadline.never()) {
    batch.changed.wait(batch.mutex, is_over);
  } else if (!batch.changed.wait_until(batch.mutex, batch.deadline.at(), is_over)) {
    batch.ended = Error(ErrorCode::kTimeout, "query timeout");
  }
}

}  // namespace

HttpClient::HttpClient() : loop_(MakeLoop()), thread_([loop = loop_.get()] { loop->Run(); }) {}

HttpClient::~HttpClient() {
  loop_->Stop();
  thread_.join();
}

std::vector<Result<Response>> HttpClient::SendAll(const std::shared_ptr<Peer>& peer, std::vector<Request> requests,
                                                  const Deadline& deadline, const StopToken& stop) {
  auto batch = std::make_shared<Batch>();
  batch->requests = std::move(requests);
  batch->peer = peer;
  batch->deadline = deadline;
  {
    MutexLock lock(batch->mutex);
    batch->results.resize(batch->requests.size());
    batch->missing = batch->requests.size();
  }
  loop_->Submit(batch);
  Wait(*batch, stop);
  std::vector<Result<Response>> results;
  {
    MutexLock lock(batch->mutex);
    batch->over = true;
    for (auto& result : batch->results) {
      results.push_back(result ? std::move(*result) : Result<Response>(*batch->ended));
    }
  }
  loop_->Wake();
  return results;
}

Result<Response> HttpClient::Send(const std::shared_ptr<Peer>& peer, Request request, const Deadline& deadline,
                                  const StopToken& stop) {
  std::vector<Request> requests;
  requests.push_back(std::move(request));
  return std::move(SendAll(peer, std::move(requests), deadline, stop)[0]);
}

}  // namespace eider::fetch
