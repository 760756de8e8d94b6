#include "http/subscribe/websocket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace eider::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kText = 1;
constexpr int kBinary = 2;
constexpr int kClose = 8;
constexpr int kPing = 9;
constexpr int kPong = 10;

// A client's frame, masked by the bytes 1 2 3 4.
std::string Frame(int opcode, std::string_view payload, bool fin = true) {
  std::string out(1, static_cast<char>((fin ? 0x80 : 0) | opcode));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    out.push_back(static_cast<char>(0x80 | 126));
    out.push_back(static_cast<char>(payload.size() >> 8));
    out.push_back(static_cast<char>(payload.size() & 0xff));
  }
  out.append("\1\2\3\4");
  for (std::size_t i = 0; i < payload.size(); ++i) out.push_back(static_cast<char>(payload[i] ^ (1 + i % 4)));
  return out;
}

// A server's frame below 126 bytes.
std::string Sent(int opcode, std::string_view payload) {
  std::string out(1, static_cast<char>(0x80 | opcode));
  out.push_back(static_cast<char>(payload.size()));
  return out.append(payload);
}

std::string CloseText(int code, std::string_view reason = "") {
  std::string out = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return out.append(reason);
}

class WebSocketTest : public ::testing::Test {
 protected:
  std::string Output() {
    std::string out;
    socket_.TakeOutput(out, 1 << 20);
    return out;
  }

  std::vector<std::string> texts_;
  int pongs_ = 0;
  WebSocket socket_{{[this](std::string_view text) { texts_.emplace_back(text); }, [this] { ++pongs_; }}, 1000};
};

TEST_F(WebSocketTest, ReadsMessagesWhateverTheCuts) {
  const std::string bytes = Frame(kText, "one") + Frame(kText, "tw", false) + Frame(kPong, "x") + Frame(0, "o") +
                            Frame(kText, std::string(300, 'z'));
  for (const char byte : bytes) EXPECT_TRUE(socket_.Feed({&byte, 1}));
  EXPECT_THAT(texts_, ElementsAre("one", "two", std::string(300, 'z')));
  EXPECT_EQ(pongs_, 1);
  EXPECT_THAT(Output(), IsEmpty());
}

TEST_F(WebSocketTest, AnswersPingsBetweenItsOwnMessages) {
  socket_.SendText("hello");
  EXPECT_TRUE(socket_.Feed(Frame(kPing, "p")));
  EXPECT_EQ(socket_.queued() > 0, true);
  const std::string out = Output();
  EXPECT_TRUE(out == Sent(kText, "hello") + Sent(kPong, "p") || out == Sent(kPong, "p") + Sent(kText, "hello"));
  EXPECT_EQ(socket_.queued(), 0U);
}

TEST_F(WebSocketTest, GivesOutputInPieces) {
  socket_.SendText(std::string(100, 'a'));
  std::string out;
  while (out.size() < 102) {
    std::string piece;
    socket_.TakeOutput(piece, 7);
    ASSERT_FALSE(piece.empty());
    ASSERT_LE(piece.size(), 7U);
    out.append(piece);
  }
  EXPECT_EQ(out, Sent(kText, std::string(100, 'a')));
}

TEST_F(WebSocketTest, ClosesWhenBothHaveSaidSo) {
  socket_.Close(4400, "no");
  socket_.SendText("too late");
  EXPECT_EQ(Output(), Sent(kClose, CloseText(4400, "no")));
  EXPECT_FALSE(socket_.is_over());
  EXPECT_FALSE(socket_.Feed(Frame(kClose, CloseText(4400))));
  EXPECT_TRUE(socket_.is_over());
}

TEST_F(WebSocketTest, SendsWhatWaitedBeforeAClose) {
  socket_.SendText("one");
  socket_.Close(4400, "no");
  socket_.SendText("late");
  EXPECT_EQ(Output(), Sent(kText, "one") + Sent(kClose, CloseText(4400, "no")));
}

TEST_F(WebSocketTest, CutsNoCharacter) {
  std::string reason = "a";
  for (int i = 0; i < 80; ++i) reason.append("\xc3\xa4");
  socket_.Close(4400, reason);
  EXPECT_EQ(Output(), Sent(kClose, CloseText(4400, reason.substr(0, 123))));
  WebSocket other({[](std::string_view) {}, [] {}}, 10);
  other.Close(4400, reason.substr(1));
  std::string out;
  other.TakeOutput(out, 1000);
  EXPECT_EQ(out, Sent(kClose, CloseText(4400, reason.substr(1, 122))));
}

TEST_F(WebSocketTest, AnswersAClose) {
  EXPECT_FALSE(socket_.Feed(Frame(kClose, CloseText(1000))));
  EXPECT_EQ(Output(), Sent(kClose, CloseText(1000)));
  EXPECT_TRUE(socket_.is_over());
}

TEST_F(WebSocketTest, RefusesWhatIsTooLong) {
  EXPECT_FALSE(socket_.Feed(Frame(kText, std::string(600, 'a'), false) + Frame(0, std::string(600, 'b'))));
  EXPECT_THAT(texts_, IsEmpty());
  EXPECT_EQ(Output().substr(2, 2), CloseText(1009));
}

TEST_F(WebSocketTest, RefusesBinaryMessages) {
  socket_.Feed(Frame(kBinary, "x"));
  EXPECT_EQ(Output().substr(2, 2), CloseText(1003));
}

TEST_F(WebSocketTest, RefusesTextThatIsNone) {
  EXPECT_FALSE(socket_.Feed(Frame(kText, "\xff\xff")));
  EXPECT_EQ(Output().substr(2, 2), CloseText(1007));
}

TEST_F(WebSocketTest, RefusesFramesWithoutMask) {
  EXPECT_FALSE(socket_.Feed(Sent(kText, "x")));
  EXPECT_THAT(texts_, IsEmpty());
  EXPECT_EQ(Output(), Sent(kClose, CloseText(1002)));
}

TEST_F(WebSocketTest, RefusesLongControlFrames) {
  EXPECT_FALSE(socket_.Feed(Frame(kPing, std::string(126, 'p'))));
  EXPECT_EQ(Output(), Sent(kClose, CloseText(1002)));
}

}  // namespace
}  // namespace eider::http
