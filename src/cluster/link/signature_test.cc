#include "cluster/link/signature.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace eider::cluster {
namespace {

SignedCall Example() {
  return {"POST", "/ipc", "{}", "", "mgmt-a", "worker-1", "1700000000000", "00112233445566778899aabbccddeeff"};
}

// RFC 5869, test case 3: no salt, no info.
TEST(Signature, DerivesKeysByHkdf) {
  EXPECT_EQ(HexText(HkdfSha256(std::string(22, '\x0b'), "")),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

// The expected value is of Python's hmac and hashlib over the text that the specification gives.
TEST(Signature, SignsTheSpecifiedText) {
  EXPECT_EQ(HexText(DeriveLinkKey("a secret of the cluster")),
            "06bb21dd8fe19bb690110d2c9de612eb0a9b75cb3ef743005d2ca0f1605f86b4");
  EXPECT_EQ(HexText(SignCall(DeriveLinkKey("a secret of the cluster"), Example())),
            "2839cb01b9be778dee4bdbf242f8172e96c87c6fbed7e008aeb841f7af469af2");
}

TEST(Signature, DependsOnEveryPart) {
  const LinkKey key = DeriveLinkKey("a secret of the cluster");
  const Digest signature = SignCall(key, Example());
  std::string_view SignedCall::* const parts[] = {&SignedCall::method, &SignedCall::path,     &SignedCall::body,
                                                  &SignedCall::node,   &SignedCall::target,   &SignedCall::time,
                                                  &SignedCall::nonce,  &SignedCall::on_behalf};
  for (const auto part : parts) {
    SignedCall changed = Example();
    changed.*part = "other";
    EXPECT_FALSE(EqualDigests(SignCall(key, changed), signature));
  }
  EXPECT_FALSE(EqualDigests(SignCall(DeriveLinkKey("another secret"), Example()), signature));
}

TEST(Signature, OfAnAnswerDependsOnStatusBodyAndNonce) {
  const LinkKey key = DeriveLinkKey("a secret of the cluster");
  const Digest signature = SignAnswer(key, 200, "{}", "aa");
  EXPECT_FALSE(EqualDigests(SignAnswer(key, 201, "{}", "aa"), signature));
  EXPECT_FALSE(EqualDigests(SignAnswer(key, 200, "{ }", "aa"), signature));
  EXPECT_FALSE(EqualDigests(SignAnswer(key, 200, "{}", "ab"), signature));
}

TEST(Signature, IsReadInItsOneFormOnly) {
  const Digest digest = Sha256("x");
  EXPECT_EQ(ReadSignature(SignatureText(digest)), digest);
  EXPECT_FALSE(ReadSignature("v2=" + HexText(digest)));
  EXPECT_FALSE(ReadSignature(HexText(digest)));
  EXPECT_FALSE(ReadSignature("v1="));
  EXPECT_FALSE(ReadSignature("v1=" + HexText(digest) + "0"));
}

TEST(Signature, ReadsTimesNoncesAndNames) {
  EXPECT_EQ(ReadTime("1700000000000"), 1700000000000);
  for (const char* text : {"", "-1", "1.5", " 1", "1 ", "0x1", "99999999999999999999"}) EXPECT_FALSE(ReadTime(text));
  EXPECT_TRUE(IsNonce(MakeNonce().value()));
  EXPECT_FALSE(IsNonce("00112233445566778899AABBCCDDEEFF"));
  EXPECT_FALSE(IsNonce("00"));
  EXPECT_TRUE(IsNodeName("mgmt-a.zone_1"));
  EXPECT_FALSE(IsNodeName(""));
  EXPECT_FALSE(IsNodeName("a\nb"));
  EXPECT_FALSE(IsNodeName(std::string(64, 'a')));
}

TEST(Signature, AnAnswerThatComesInPiecesIsSignedAsAWhole) {
  const LinkKey key = DeriveLinkKey("secret");
  Sha256Stream pieces;
  for (const char* piece : {"", "{\"data\":", "1}"}) pieces.Add(piece);
  EXPECT_EQ(SignAnswer(key, 200, pieces.Finish(), "n"), SignAnswer(key, 200, "{\"data\":1}", "n"));
}

}  // namespace
}  // namespace eider::cluster
