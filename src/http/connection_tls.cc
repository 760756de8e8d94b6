// A connection with TLS upon its socket; connection.cc has its life.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "http/connection.h"
#include "http/worker.h"

namespace eider::http {
namespace {

namespace asio = boost::asio;
using Code = boost::system::error_code;

constexpr asio::use_awaitable_t<Executor> kAwait;
constexpr std::size_t kRecordBytes = 16 << 10;  // The most that one record of TLS carries.

}  // namespace

// The first byte tells, which stays where it is.
boost::asio::awaitable<bool, Executor> Connection::BeginTls() {
  if (options_.certificates == nullptr || service_ != Service::kMain) co_return true;
  SetDeadline(options_.idle_timeout);
  if (!co_await AwaitStep(tls::Step::kWantsRead) || finishing_) co_return false;
  Code error;
  unsigned char byte = 0;
  if (socket_.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error) != 1) co_return false;
  if (!tls::ServerSession::BeginsWith(byte)) co_return true;
  co_return co_await ShakeHands();
}

boost::asio::awaitable<bool, Executor> Connection::ShakeHands() {
  SetDeadline(options_.header_timeout);
  tls_ = tls::ServerSession::Open(options_.certificates->Current(), descriptor_);
  if (tls_ == nullptr) co_return false;
  tls::Step step = tls_->Handshake();
  while (step != tls::Step::kDone) {
    if (!co_await AwaitStep(step)) {
      worker_.log().Debug("a client did not complete the handshake of TLS", {{"address", peer_}});
      co_return false;
    }
    step = tls_->Handshake();
  }
  certificate_ = tls_->Peer();
  co_return true;
}

boost::asio::awaitable<bool, Executor> Connection::AwaitStep(tls::Step step) {
  if (step == tls::Step::kFailed) co_return false;
  Code error;
#ifndef __clang_analyzer__  // It follows the wait to a frame that it cannot know.
  const auto event = step == tls::Step::kWantsRead ? asio::socket_base::wait_read : asio::socket_base::wait_write;
  co_await socket_.async_wait(event, asio::redirect_error(kAwait, error));
#endif
  co_return !error && !gone_;
}

boost::asio::awaitable<std::size_t, Executor> Connection::ReadTls(Code& error) {
  while (true) {
    std::size_t size = 0;
    const tls::Step step = tls_->Read({input_.data() + input_end_, input_.size() - input_end_}, size);
    if (step == tls::Step::kDone) co_return size;
    if (!co_await AwaitStep(step)) break;
  }
  error = asio::error::eof;
  co_return 0;
}

// A step that is tried again has the same bytes, which wait in `buffers`.
boost::asio::awaitable<std::size_t, Executor> Connection::WriteTls(const Buffers& buffers, Code& error) {
  record_.clear();
  for (const std::string_view buffer : buffers) record_.append(buffer.substr(0, kRecordBytes - record_.size()));
  while (true) {
    std::size_t size = 0;
    const tls::Step step = tls_->Write(record_, size);
    if (step == tls::Step::kDone) co_return size;
    SetDeadline(options_.write_timeout);
    if (!co_await AwaitStep(step)) break;
  }
  error = asio::error::broken_pipe;
  co_return 0;
}

}  // namespace eider::http
