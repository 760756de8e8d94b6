#include "cluster/link/call_verifier.h"

#include <gtest/gtest.h>

namespace eider::cluster {
namespace {

constexpr const char* kSecret = "a secret of the cluster";
constexpr std::int64_t kNow = 1'700'000'000'000;

CallVerifierOptions Options() {
  CallVerifierOptions options;
  options.name = "worker-1";
  options.secret = kSecret;
  options.now_ms = [] { return kNow; };
  options.knows_node = [](std::string_view name) { return name == "mgmt-a"; };
  return options;
}

// A call with its own texts, signed with `secret`.
struct Letter {
  std::string time = std::to_string(kNow);
  std::string nonce = "00112233445566778899aabbccddeeff";
  SignedCall call{"POST", "/ipc", "{}", "", "mgmt-a", "worker-1", "", ""};
  std::string signature;

  ReceivedCall Sign(const std::string& secret = kSecret) {
    call.time = time;
    call.nonce = nonce;
    signature = SignatureText(SignCall(DeriveLinkKey(secret), call));
    return {call, signature};
  }
};

TEST(CallVerifier, AcceptsASignedCallOnce) {
  CallVerifier verifier(Options());
  Letter letter;
  const auto received = letter.Sign();
  const CallVerdict verdict = verifier.Verify(received);
  EXPECT_TRUE(verdict.ok());
  EXPECT_EQ(verdict.node, "mgmt-a");
  const CallVerdict again = verifier.Verify(received);
  EXPECT_EQ(again.status, 401);
  EXPECT_EQ(again.reason, "replay");
}

TEST(CallVerifier, RefusesWhatWasChanged) {
  CallVerifier verifier(Options());
  Letter letter;
  ReceivedCall received = letter.Sign();
  received.call.body = "{} ";
  EXPECT_EQ(verifier.Verify(received).reason, "signature");
  received = letter.Sign();
  received.call.on_behalf = "e30=";
  EXPECT_EQ(verifier.Verify(received).reason, "signature");
  received = letter.Sign();
  received.call.path = "/query";
  EXPECT_EQ(verifier.Verify(received).reason, "signature");
  received = letter.Sign();
  received.signature = "v1=00";
  EXPECT_EQ(verifier.Verify(received).status, 401);
}

TEST(CallVerifier, RefusesOtherTargetsTimesAndNodes) {
  CallVerifier verifier(Options());
  Letter other;
  other.call.target = "worker-2";
  EXPECT_EQ(verifier.Verify(other.Sign()).reason, "target");
  for (const std::int64_t late : {60'001, -60'001, 120'000}) {
    Letter letter;
    letter.time = std::to_string(kNow + late);
    EXPECT_EQ(verifier.Verify(letter.Sign()).reason, "time") << late;
  }
  Letter unknown;
  unknown.call.node = "stranger";
  EXPECT_EQ(verifier.Verify(unknown.Sign()).reason, "node");
  Letter edge;
  edge.time = std::to_string(kNow - 60'000);
  EXPECT_TRUE(verifier.Verify(edge.Sign()).ok());
}

TEST(CallVerifier, KnowsThePreviousSecretAndAnswersWithIt) {
  CallVerifierOptions options = Options();
  options.previous = "the secret before this";
  CallVerifier verifier(options);
  Letter letter;
  const CallVerdict verdict = verifier.Verify(letter.Sign(options.previous));
  ASSERT_TRUE(verdict.ok());
  EXPECT_EQ(verdict.AnswerHeader(200, "{}"),
            "X-Eider-Signature: " +
                SignatureText(SignAnswer(DeriveLinkKey(options.previous), 200, "{}", letter.nonce)) + "\r\n");
  Letter wrong;
  wrong.nonce[0] = 'f';
  EXPECT_EQ(verifier.Verify(wrong.Sign("neither of them")).reason, "signature");
}

TEST(CallVerifier, ReadsForWhomACallIs) {
  CallVerifier verifier(Options());
  Letter letter;
  letter.call.on_behalf = "eyJyb2xlIjoiYSJ9";
  const CallVerdict verdict = verifier.Verify(letter.Sign());
  ASSERT_TRUE(verdict.ok());
  EXPECT_EQ(verdict.on_behalf, R"({"role":"a"})");
  Letter broken;
  broken.nonce[0] = 'f';
  broken.call.on_behalf = "*";
  EXPECT_EQ(verifier.Verify(broken.Sign()).reason, "malformed");
}

TEST(CallVerifier, ClientsRequestsTakeNoPlaceOfNodes) {
  CallVerifierOptions options = Options();
  options.nonces = 1;
  options.forwarded_nonces = 1;
  CallVerifier verifier(options);
  const auto sign = [](Letter& letter, std::string_view path, char nonce) {
    letter.call.path = path;
    letter.nonce[0] = nonce;
    return letter.Sign();
  };
  Letter first;
  Letter second;
  Letter third;
  Letter of_node;
  EXPECT_TRUE(verifier.Verify(sign(first, "/ipc/query", 'a')).ok());
  EXPECT_EQ(verifier.Verify(sign(first, "/ipc/query", 'a')).reason, "replay");
  EXPECT_EQ(verifier.Verify(sign(second, "/ipc/jq-query", 'b')).reason, "full");
  EXPECT_TRUE(verifier.Verify(sign(of_node, "/ipc", 'c')).ok());
  EXPECT_EQ(verifier.Verify(sign(third, "/ipc/ping", 'd')).reason, "full");
}

TEST(NonceCache, IsBoundedAndForgets) {
  NonceCache cache(2, std::chrono::minutes(5));
  const NonceCache::Clock::time_point start{};
  EXPECT_EQ(cache.Add("a", start), NonceCache::Outcome::kNew);
  EXPECT_EQ(cache.Add("b", start + std::chrono::minutes(1)), NonceCache::Outcome::kNew);
  EXPECT_EQ(cache.Add("c", start + std::chrono::minutes(1)), NonceCache::Outcome::kFull);
  EXPECT_EQ(cache.Add("a", start + std::chrono::minutes(4)), NonceCache::Outcome::kSeen);
  EXPECT_EQ(cache.Add("c", start + std::chrono::minutes(5)), NonceCache::Outcome::kNew);
  EXPECT_EQ(cache.Add("b", start + std::chrono::minutes(5)), NonceCache::Outcome::kSeen);
}

}  // namespace
}  // namespace eider::cluster
