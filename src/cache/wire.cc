#include "cache/wire.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>

namespace eider::cache {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// What names were found to mean.
class AddressBook {
 public:
  std::optional<SocketAddress> Find(const Address& address) {
    MutexLock lock(mutex_);
    const auto found = known_.find(address);
    if (found == known_.end()) return std::nullopt;
    return found->second;
  }
  void Set(const Address& address, const SocketAddress& meaning) {
    MutexLock lock(mutex_);
    known_[address] = meaning;
  }

 private:
  Mutex mutex_;
  std::map<Address, SocketAddress> known_ GUARDED_BY(mutex_);
};

AddressBook& Book() {
  static AddressBook book;
  return book;
}

std::optional<SocketAddress> Resolve(const Address& address, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found) != 0) return std::nullopt;
  SocketAddress out;
  std::memcpy(&out.storage, found->ai_addr, found->ai_addrlen);
  out.size = found->ai_addrlen;
  ::freeaddrinfo(found);
  return out;
}

Error Failure(std::string_view what) {
  return {ErrorCode::kSourceUnavailable, "cache server: " + std::string(what) + ": " + std::strerror(errno)};
}

}  // namespace

Result<Address> ParseAddress(std::string_view text, std::string_view default_port) {
  Address out;
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  out.host = host;
  out.port = colon == std::string_view::npos ? default_port : text.substr(colon + 1);
  const bool digits = !out.port.empty() && out.port.find_first_not_of("0123456789") == std::string::npos;
  if (out.host.empty() || !digits) {
    return Error(ErrorCode::kBadInput, "must be HOST:PORT, not \"" + std::string(text) + "\"");
  }
  return out;
}

void Wire::LookUp(const Address& address) {
  if (const auto found = Resolve(address, 0)) Book().Set(address, *found);
}

Result<std::unique_ptr<Wire>> Wire::Connect(const Address& address, const Deadline& deadline, const TlsContext* tls) {
  EIDER_ASSIGN_OR_RETURN(auto wire, ConnectPlain(address, deadline));
  if (tls != nullptr) EIDER_RETURN_IF_ERROR(wire->StartTls(*tls, address.host, deadline));
  return wire;
}

Status Wire::AwaitTls(int result, std::string_view what, const Deadline& deadline) {
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ: return Await(POLLIN, deadline);
    case SSL_ERROR_WANT_WRITE: return Await(POLLOUT, deadline);
    case SSL_ERROR_ZERO_RETURN: return Error(ErrorCode::kSourceUnavailable, "cache server: it closed the connection");
    default: break;
  }
  const long verified = SSL_get_verify_result(session_.get());
  const char* why = verified == X509_V_OK ? "TLS failed" : X509_verify_cert_error_string(verified);
  ERR_clear_error();
  return Error(ErrorCode::kSourceUnavailable, "cache server: " + std::string(what) + ": " + why);
}

Status Wire::StartTls(const TlsContext& tls, const std::string& host, const Deadline& deadline) {
  session_ = tls.NewSession(socket_, host);
  if (session_ == nullptr) return Error(ErrorCode::kSourceUnavailable, "cache server: TLS cannot be used with " + host);
  while (true) {
    const int done = SSL_connect(session_.get());
    if (done == 1) return {};
    EIDER_RETURN_IF_ERROR(AwaitTls(done, "connect", deadline));
  }
}

Result<std::unique_ptr<Wire>> Wire::ConnectPlain(const Address& address, const Deadline& deadline) {
  auto target = Resolve(address, AI_NUMERICHOST | AI_NUMERICSERV);
  if (!target) target = Book().Find(address);
  if (!target) return Error(ErrorCode::kSourceUnavailable, "cache server: unknown host " + address.host);
  const int socket = ::socket(target->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return Failure("socket");
  std::unique_ptr<Wire> wire(new Wire(socket));
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&target->storage), target->size) == 0) return wire;
  if (errno != EINPROGRESS) return Failure("connect");
  EIDER_RETURN_IF_ERROR(wire->Await(POLLOUT, deadline));
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    errno = error;
    return Failure("connect");
  }
  return wire;
}

Wire::~Wire() { ::close(socket_); }

Status Wire::Await(short events, const Deadline& deadline) const {
  while (true) {
    pollfd waiting{socket_, events, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.Remaining()).count();
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return Failure("poll");
    if (deadline.Passed()) return Error(ErrorCode::kTimeout, "cache server: no answer in time");
  }
}

Status Wire::Send(std::string_view bytes, const Deadline& deadline) {
  while (session_ != nullptr && !bytes.empty()) {
    const int part = static_cast<int>(std::min<std::size_t>(bytes.size(), std::size_t{1} << 20));
    const int sent = SSL_write(session_.get(), bytes.data(), part);
    if (sent <= 0) {
      EIDER_RETURN_IF_ERROR(AwaitTls(sent, "send", deadline));
    } else {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      EIDER_RETURN_IF_ERROR(Await(POLLOUT, deadline));
    } else if (errno != EINTR) {
      return Failure("send");
    }
  }
  return {};
}

Status Wire::Receive(std::string& out, const Deadline& deadline) {
  std::array<char, 16384> buffer;
  while (session_ != nullptr) {
    const int got = SSL_read(session_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (got > 0) {
      out.append(buffer.data(), static_cast<std::size_t>(got));
      return {};
    }
    EIDER_RETURN_IF_ERROR(AwaitTls(got, "receive", deadline));
  }
  while (true) {
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got > 0) {
      out.append(buffer.data(), static_cast<std::size_t>(got));
      return {};
    }
    if (got == 0) return Error(ErrorCode::kSourceUnavailable, "cache server: it closed the connection");
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      EIDER_RETURN_IF_ERROR(Await(POLLIN, deadline));
    } else if (errno != EINTR) {
      return Failure("receive");
    }
  }
}

}  // namespace eider::cache
