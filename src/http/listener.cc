#include "http/listener.h"

#include <fmt/format.h>

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "http/worker.h"

// Asio gives the same error code as result and through its argument.
// NOLINTBEGIN(bugprone-unused-return-value)
namespace eider::http {
namespace {

namespace asio = boost::asio;
using Code = boost::system::error_code;

// Without free descriptors accepting fails at once, again and again.
constexpr auto kPauseAfterFailure = std::chrono::milliseconds(100);

}  // namespace

Listener::Listener(asio::io_context& loop, Acceptor acceptor, observe::Log& log)
    : loop_(loop),
      acceptor_(std::move(acceptor)),
      log_(log),
      pause_(loop.get_executor()) {
  const auto endpoint = acceptor_.local_endpoint();
  port_ = endpoint.port();
  const std::string ip = endpoint.address().to_string();
  address_ = endpoint.address().is_v6() ? fmt::format("[{}]:{}", ip, port_) : fmt::format("{}:{}", ip, port_);
}

Result<std::unique_ptr<Listener>> Listener::Open(asio::io_context& loop, const ListenAddress& address,
                                                 observe::Log& log) {
  Code error;
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(address.ip, error), address.port);
  Acceptor acceptor(loop.get_executor());
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(1024, error);
  if (error) {
    return Error(ErrorCode::kSourceUnavailable, ErrorSource::kUser,
                 fmt::format("cannot listen on {} port {}: {}", address.ip, address.port, error.message()));
  }
  return std::unique_ptr<Listener>(new Listener(loop, std::move(acceptor), log));
}

void Listener::Start(Choose choose, Adopt adopt) {
  choose_ = std::move(choose);
  adopt_ = std::move(adopt);
  asio::post(loop_, [this] { Accept(); });
}

void Listener::Close() {
  asio::post(loop_, [this] {
    Code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  });
}

void Listener::Accept() {
  Worker& worker = choose_();
  acceptor_.async_accept(worker.loop().get_executor(), [this, &worker](const Code& error, Socket socket) {
    OnAccepted(error, std::move(socket), worker);
  });
}

void Listener::OnAccepted(const Code& error, Socket socket, Worker& worker) {
  if (!acceptor_.is_open()) return;
  if (error) {
    log_.Warn("a connection could not be accepted", {{"reason", error.message()}});
    pause_.expires_after(kPauseAfterFailure);
    pause_.async_wait([this](const Code& cancelled) {
      if (!cancelled) Accept();
    });
    return;
  }
  asio::post(worker.loop(),
             [this, &worker, socket = std::move(socket)]() mutable { adopt_(worker, std::move(socket)); });
  Accept();
}

}  // namespace eider::http
// NOLINTEND(bugprone-unused-return-value)
