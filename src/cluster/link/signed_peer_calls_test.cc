#include "cluster/link/signed_peer_calls.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "cluster/link/call_verifier.h"

namespace eider::cluster {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSecret = "a secret of the cluster";

// The value of a header in the head of a request.
std::string HeaderOf(const std::string& head, const std::string& name) {
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

// Answers requests on a loopback port, one a connection, with what `answer` makes of head and body.
class Responder {
 public:
  using Answer = std::function<std::string(const std::string& head, const std::string& body)>;

  explicit Responder(Answer answer) : answer_(std::move(answer)), socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_, 16), 0);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/ipc";
    thread_ = std::thread([this] { Run(); });
  }
  ~Responder() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }

  PeerAddress address(const std::string& name = "worker-1") const { return {name, url_}; }

 private:
  void Run() {
    for (int client = ::accept(socket_, nullptr, nullptr); client >= 0; client = ::accept(socket_, nullptr, nullptr)) {
      Serve(client);
      ::close(client);
    }
  }

  void Serve(int client) {
    std::string text;
    char piece[4096];
    std::size_t end = std::string::npos;
    std::size_t body = 0;
    while (end == std::string::npos || text.size() < end + 4 + body) {
      const ssize_t got = ::recv(client, piece, sizeof piece, 0);
      if (got <= 0) return;
      text.append(piece, static_cast<std::size_t>(got));
      end = text.find("\r\n\r\n");
      if (end != std::string::npos) body = std::stoul("0" + HeaderOf(text, "Content-Length"));
    }
    const std::string answer = answer_(text.substr(0, end + 2), text.substr(end + 4));
    (void)!::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
  }

  const Answer answer_;
  const int socket_;
  std::string url_;
  std::thread thread_;
};

std::string Http(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

ReceivedCall Received(const std::string& head, const std::string& body, const std::string (&texts)[6]) {
  const std::size_t space = head.find(' ');
  const std::string_view path = std::string_view(head).substr(space + 1, head.find(' ', space + 1) - space - 1);
  return {{std::string_view(head).substr(0, space), path, body, texts[0], texts[1], texts[2], texts[3], texts[4]},
          texts[5]};
}

// A node of the cluster: refuses what is not signed for it, and answers with the request's body.
std::string Node(CallVerifier& verifier, const std::string& head, const std::string& body) {
  const std::string texts[6] = {HeaderOf(head, "X-Eider-On-Behalf"), HeaderOf(head, "X-Eider-Node"),
                                HeaderOf(head, "X-Eider-Target"),    HeaderOf(head, "X-Eider-Time"),
                                HeaderOf(head, "X-Eider-Nonce"),     HeaderOf(head, "X-Eider-Signature")};
  const CallVerdict verdict = verifier.Verify(Received(head, body, texts));
  if (!verdict.ok()) {
    return Http("401 Unauthorized", "", R"({"errors":[{"message":"refused: )" + std::string(verdict.reason) + "\"}]}");
  }
  const std::string answer = "[" + body + "," + verdict.on_behalf + "]";
  return Http("200 OK", verdict.AnswerHeader(200, answer), answer);
}

CallVerifierOptions Worker() {
  CallVerifierOptions options;
  options.name = "worker-1";
  options.secret = kSecret;
  return options;
}

class SignedPeerCallsTest : public ::testing::Test {
 protected:
  Result<std::string> Call(const PeerAddress& peer, PeerCall call = {"test", "{ x }"}) {
    return calls_.Call(peer, call, Deadline::After(std::chrono::seconds(10)), {});
  }

  observe::Metrics metrics_;
  SignedPeerCalls calls_{{.name = "mgmt-a",
                          .secret = kSecret,
                          .timeout = std::chrono::milliseconds(500),
                          .connect_timeout = std::chrono::milliseconds(200),
                          .now_ms = {}},
                         metrics_};
  CallVerifier verifier_{Worker()};
  Responder node_{[this](const std::string& head, const std::string& body) { return Node(verifier_, head, body); }};
};

TEST_F(SignedPeerCallsTest, SendsWhatTheOtherSideAccepts) {
  const auto answer = Call(node_.address(), {"test", "{ \"x\" }", R"({"a":1})", R"({"role":"reader"})"});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer, R"([{"query":"{ \"x\" }","variables":{"a":1}},{"role":"reader"}])");
  EXPECT_TRUE(calls_.Ping(node_.address(), Deadline::After(std::chrono::seconds(10)), {}));
  EXPECT_THAT(metrics_.ToText(), HasSubstr("eider_cluster_rpc_seconds_count{op=\"test\",target=\"worker-1\"} 1"));
}

TEST_F(SignedPeerCallsTest, TellsWhyItWasRefused) {
  const auto answer = Call(node_.address("worker-2"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnauthenticated);
  EXPECT_THAT(answer.error().message, HasSubstr("refused: target"));
  EXPECT_THAT(metrics_.ToText(), HasSubstr("eider_cluster_rpc_errors_total{op=\"test\",target=\"worker-2\"} 1"));
}

TEST_F(SignedPeerCallsTest, FindsOutImpostors) {
  std::string recorded;
  Responder plain([](const std::string&, const std::string&) { return Http("200 OK", "", "{}"); });
  EXPECT_THAT(Call(plain.address()).error().message, HasSubstr("is not signed with this cluster's secret"));
  // An answer that was signed for another request.
  Responder replaying([&](const std::string& head, const std::string& body) {
    if (recorded.empty()) recorded = Node(verifier_, head, body);
    return recorded;
  });
  EXPECT_TRUE(Call(replaying.address()));
  EXPECT_THAT(Call(replaying.address()).error().message, HasSubstr("is not signed"));
}

TEST_F(SignedPeerCallsTest, GivesUpInTime) {
  Responder silent([](const std::string&, const std::string&) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    return std::string();
  });
  const auto started = std::chrono::steady_clock::now();
  EXPECT_THAT(Call(silent.address()).error().message, HasSubstr("no complete answer within 500 ms"));
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(900));
  EXPECT_THAT(Call({"worker-1", "http://127.0.0.1:1"}).error().message, HasSubstr("takes no connections"));
  EXPECT_EQ(Call({"worker-1", "ftp://x"}).error().code, ErrorCode::kBadInput);
  EXPECT_EQ(Call({"a\r\nX: y", "http://127.0.0.1:1"}).error().code, ErrorCode::kBadInput);
}

TEST_F(SignedPeerCallsTest, CallsAllAndTellsEachAnswer) {
  const std::vector<PeerAddress> peers = {
      node_.address(), {"worker-9", "http://127.0.0.1:1"}, node_.address("worker-2"), node_.address()};
  const auto answers = calls_.CallAll(peers, {"test", "{ x }"}, Deadline::After(std::chrono::seconds(10)), {});
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_TRUE(answers[0]);
  EXPECT_EQ(answers[1].error().code, ErrorCode::kSourceUnavailable);
  EXPECT_EQ(answers[2].error().code, ErrorCode::kUnauthenticated);
  EXPECT_TRUE(answers[3]);
}

TEST(PeerBaseUrl, TakesBothForms) {
  EXPECT_EQ(PeerBaseUrl("http://a:1").value(), "http://a:1");
  EXPECT_EQ(PeerBaseUrl("http://a:1/ipc").value(), "http://a:1");
  EXPECT_EQ(PeerBaseUrl("http://a:1/eider/ipc/").value(), "http://a:1/eider");
  EXPECT_FALSE(PeerBaseUrl("a:1"));
  EXPECT_FALSE(PeerBaseUrl("http://u:p@a:1"));
}

}  // namespace
}  // namespace eider::cluster
