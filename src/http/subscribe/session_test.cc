#include "http/subscribe/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "http/endpoints.h"
#include "http/worker.h"
#include "tests/support/canned_service.h"

namespace eider::http {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::string_view kInit = R"({"type":"connection_init"})";
constexpr std::string_view kAck = R"({"type":"connection_ack"})";
constexpr std::string_view kTypename = R"({"data":{"__typename":"Query"}})";

// A text frame of a client, masked with zeros.
std::string Frame(std::string_view text) {
  std::string out = "\x81";
  if (text.size() < 126) {
    out.push_back(static_cast<char>(0x80 | text.size()));
  } else {
    out.push_back(static_cast<char>(0x80 | 126));
    out.push_back(static_cast<char>(text.size() >> 8));
    out.push_back(static_cast<char>(text.size() & 0xff));
  }
  return out.append(4, '\0').append(text);
}

std::string Subscribe(std::string_view id, std::string_view query) {
  std::string out = R"({"id":")";
  return out.append(id).append(R"(","type":"subscribe","payload":{"query":")").append(query).append("\"}}");
}

class SessionTest : public ::testing::Test {
 protected:
  ~SessionTest() override {
    session_->End();
    // What still runs holds the session.
    RunUntil([&] { return !session_->is_busy(); });
  }

  static ServerOptions Options() {
    ServerOptions options;
    options.subscribe.per_connection = 3;
    return options;
  }

  void Send(std::string_view text) { session_->Receive(Frame(text)); }

  template <class Condition>
  bool RunUntil(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < give_up) {
      loop_.restart();
      loop_.run_for(std::chrono::milliseconds(2));
      TakeFrames();
    }
    return condition();
  }

  // What the server has sent: texts, and for a close "close CODE REASON".
  void TakeFrames() {
    std::string bytes;
    session_->TakeOutput(bytes, std::size_t{1} << 30);
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const int opcode = rest[0] & 15;
      std::size_t size = static_cast<unsigned char>(rest[1]);
      std::size_t head = 2;
      const std::size_t extra = size == 126 ? 2 : size == 127 ? 8 : 0;
      if (extra > 0) size = 0;
      for (; head < 2 + extra; ++head) size = size << 8 | static_cast<unsigned char>(rest[head]);
      Note(opcode, rest.substr(head, size));
      rest.remove_prefix(head + size);
    }
  }

  void Note(int opcode, std::string_view payload) {
    if (opcode == 9) ++pings_;
    if (opcode == 1) sent_.emplace_back(payload);
    if (opcode != 8) return;
    const int code = static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
    sent_.push_back("close " + std::to_string(code) + " " + std::string(payload.substr(2)));
  }

  // What was sent until there is nothing more to come by itself.
  std::vector<std::string> Sent() {
    TakeFrames();
    return std::exchange(sent_, {});
  }

  std::vector<std::string> SentWhen(std::size_t count) {
    RunUntil([&] { return sent_.size() >= count; });
    return Sent();
  }

  void Begin() {
    Send(kInit);
    ASSERT_THAT(Sent(), ElementsAre(kAck));
  }

  testing::CannedService service_;
  observe::Log log_{observe::LogOptions{}};
  observe::Metrics metrics_;
  async::Admission admission_{async::AdmissionOptions{}};
  async::BlockingPool query_pool_{"query", 4};
  async::BlockingPool prepare_pool_{"prepare", 1};
  const ServerOptions options_ = Options();
  const ServerParts parts_{service_, admission_, query_pool_, prepare_pool_, metrics_, log_};
  HttpMetrics http_metrics_{metrics_};
  NodeHealth health_{admission_, {}, [] { return true; }};
  Endpoints endpoints_{options_, parts_, health_, http_metrics_};
  boost::asio::io_context loop_;
  Worker worker_{loop_, log_, [] {}};
  std::shared_ptr<SubscribeSession> session_ = std::make_shared<SubscribeSession>(
      LiveOperation::Environment{endpoints_, worker_}, loop_.get_executor(),
      SubscribeSession::Opened{{Request(), "127.0.0.1", "ws"}}, options_.subscribe, [] {});
  std::vector<std::string> sent_;
  int pings_ = 0;
};

TEST_F(SessionTest, AnswersQueriesOnce) {
  Begin();
  Send(Subscribe("1", "{ a }"));
  EXPECT_THAT(SentWhen(2), ElementsAre(ServerMessage("next", "1", kTypename), ServerMessage("complete", "1", "")));
  Send(Subscribe("1", "{ a }"));
  EXPECT_THAT(SentWhen(2), ElementsAre(StartsWith(R"({"id":"1","type":"next")"), HasSubstr("complete")));
}

TEST_F(SessionTest, RunsAgainAndAgain) {
  Begin();
  Send(Subscribe("1", "{ every:5 times:3 }"));
  const std::string next = ServerMessage("next", "1", kTypename);
  EXPECT_THAT(SentWhen(4), ElementsAre(next, next, next, ServerMessage("complete", "1", "")));
}

TEST_F(SessionTest, SaysWhyItDoesNotBegin) {
  Begin();
  Send(Subscribe("1", "{ broken }"));
  EXPECT_THAT(SentWhen(1),
              ElementsAre(R"({"id":"1","type":"error","payload":[{"message":"Expected Name, found <EOF>"}]})"));
}

TEST_F(SessionTest, TheThirdFailureEndsIt) {
  Begin();
  Send(Subscribe("1", "{ fail every:2 times:9 }"));
  const auto sent = SentWhen(3);
  ASSERT_EQ(sent.size(), 3U);
  for (int i = 0; i < 2; ++i) EXPECT_THAT(sent[i], StartsWith(R"({"id":"1","type":"next","payload":{"errors":[)"));
  EXPECT_THAT(sent[2], StartsWith(R"({"id":"1","type":"error","payload":[{"message":"internal error, request )"));
  EXPECT_THAT(sent[2], Not(HasSubstr("secret")));
}

TEST_F(SessionTest, CompleteEndsWhatRuns) {
  Begin();
  Send(Subscribe("1", "{ stall }"));
  ASSERT_TRUE(RunUntil([&] { return service_.running() == 1; }));
  Send(R"({"id":"1","type":"complete"})");
  EXPECT_TRUE(RunUntil([&] { return service_.stopped() == 1 && !session_->is_busy(); }));
  EXPECT_THAT(Sent(), IsEmpty());
}

TEST_F(SessionTest, TheEndOfTheSocketEndsWhatRuns) {
  Begin();
  Send(Subscribe("1", "{ stall }"));
  ASSERT_TRUE(RunUntil([&] { return service_.running() == 1; }));
  session_->End();
  EXPECT_TRUE(RunUntil([&] { return service_.stopped() == 1 && !session_->is_busy(); }));
}

TEST_F(SessionTest, ReadsLongMessagesElsewhereAndKeepsTheOrder) {
  Begin();
  // A frame of more than 64 KiB has its length in 8 bytes.
  const std::string text = Subscribe("1", "{ stall }" + std::string(100'000, ' '));
  std::string frames = "\x81\xff";
  for (int shift = 56; shift >= 0; shift -= 8) frames.push_back(static_cast<char>(text.size() >> shift & 0xff));
  frames.append(4, '\0').append(text);
  frames.append(Frame(R"({"id":"1","type":"complete"})")).append(Frame(R"({"type":"ping"})"));
  session_->Receive(frames);
  EXPECT_TRUE(session_->is_clogged());
  EXPECT_THAT(SentWhen(1), ElementsAre(R"({"type":"pong"})"));
  EXPECT_FALSE(session_->is_clogged());
  EXPECT_TRUE(RunUntil([&] { return !session_->is_busy(); }));
}

TEST_F(SessionTest, FirstThingsFirst) {
  Send(Subscribe("1", "{ a }"));
  EXPECT_THAT(Sent(), ElementsAre("close 4401 Unauthorized"));
}

TEST_F(SessionTest, InitialisesOnce) {
  Begin();
  Send(kInit);
  EXPECT_THAT(Sent(), ElementsAre("close 4429 Too many initialisation requests"));
}

TEST_F(SessionTest, AnIdIsForOneAtATime) {
  Begin();
  Send(Subscribe("x", "{ stall }"));
  Send(Subscribe("x", "{ a }"));
  EXPECT_THAT(SentWhen(1), ElementsAre("close 4409 Subscriber for x already exists"));
}

TEST_F(SessionTest, TooManyAreRefusedOneByOne) {
  Begin();
  for (const char* id : {"1", "2", "3", "4"}) Send(Subscribe(id, "{ stall }"));
  EXPECT_THAT(Sent(),
              ElementsAre(StartsWith(R"({"id":"4","type":"error","payload":[{"message":"too many operations)")));
  Send(R"({"type":"ping"})");
  EXPECT_THAT(Sent(), ElementsAre(R"({"type":"pong"})"));
}

TEST_F(SessionTest, MessagesThatAreNoneCloseIt) {
  Begin();
  Send(R"({"type":"start","id":"1"})");
  EXPECT_THAT(Sent(), ElementsAre(StartsWith("close 4400 ")));
}

TEST_F(SessionTest, TimesOut) {
  const auto now = std::chrono::steady_clock::now();
  session_->CheckTime(now + seconds(29));
  EXPECT_THAT(Sent(), IsEmpty());
  session_->CheckTime(now + seconds(31));
  EXPECT_THAT(Sent(), ElementsAre("close 4408 Connection initialisation timeout"));
}

TEST_F(SessionTest, PingsWhoIsSilentAndGivesUp) {
  Begin();
  const auto now = std::chrono::steady_clock::now();
  session_->CheckTime(now + seconds(31));
  EXPECT_THAT(Sent(), ElementsAre(R"({"type":"ping"})"));
  EXPECT_EQ(pings_, 1);
  session_->CheckTime(now + seconds(32));
  EXPECT_THAT(Sent(), IsEmpty());
  session_->CheckTime(now + seconds(92));
  EXPECT_THAT(Sent(), ElementsAre(StartsWith("close 4408 ")));
}

TEST_F(SessionTest, FinishesAfterWhatRuns) {
  Begin();
  Send(Subscribe("1", "{ every:1000000 times:5 }"));
  ASSERT_THAT(SentWhen(1), ElementsAre(HasSubstr("next")));
  session_->FinishSoon();
  EXPECT_THAT(SentWhen(2), ElementsAre(HasSubstr("complete"), "close 1012 the node is stopping"));
}

TEST_F(SessionTest, PausesWhileTheClientTakesNothing) {
  Begin();
  Send(Subscribe("1", "{ rows:12000 every:1 times:4 }"));
  const auto give_up = std::chrono::steady_clock::now() + seconds(10);
  while (session_->HasRoom() && std::chrono::steady_clock::now() < give_up) loop_.run_for(std::chrono::milliseconds(5));
  ASSERT_FALSE(session_->HasRoom());
  loop_.run_for(std::chrono::milliseconds(100));
  // One message is more than 1 MB.
  EXPECT_FALSE(session_->is_clogged());
  EXPECT_EQ(SentWhen(5).size(), 5U);
}

}  // namespace
}  // namespace eider::http
