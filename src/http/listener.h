#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/address.h"
#include "http/connection.h"
#include "observe/log.h"

namespace eider::http {

// Accepts connections at one address. Lives on one event loop and outlives its run.
class Listener {
 public:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
  // Chooses the worker of the next connection.
  using Choose = std::function<Worker&()>;
  // Takes or drops a connection, on the chosen worker's event loop.
  using Adopt = std::function<void(Worker&, Socket)>;

  // Binds to `address`. Fails with kSourceUnavailable.
  static Result<std::unique_ptr<Listener>> Open(boost::asio::io_context& loop, const ListenAddress& address,
                                                observe::Log& log);

  // Starts to accept. Called before or on the loop.
  void Start(Choose choose, Adopt adopt);

  // Any thread: stops accepting.
  void Close();

  std::uint16_t port() const { return port_; }
  // As in "127.0.0.1:15000" or "[::1]:15000".
  const std::string& address() const { return address_; }

 private:
  Listener(boost::asio::io_context& loop, Acceptor acceptor, observe::Log& log);

  void Accept();
  void OnAccepted(const boost::system::error_code& error, Socket socket, Worker& worker);

  boost::asio::io_context& loop_;
  Acceptor acceptor_;
  observe::Log& log_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    Executor>
      pause_;
  std::uint16_t port_ = 0;
  std::string address_;
  Choose choose_;
  Adopt adopt_;
};

}  // namespace eider::http
