#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "tls/node_certificates.h"
#include "tls/server_session.h"

namespace eider::tls {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kName = "worker-1";

struct Pair {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;

  std::string certificate_pem() const {
    return Pem([this](BIO* out) { PEM_write_bio_X509(out, certificate.get()); });
  }
  std::string key_pem() const {
    return Pem([this](BIO* out) { PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }
  std::string locked_key_pem() const {
    return Pem([this](BIO* out) {
      PEM_write_bio_PrivateKey(out, key.get(), EVP_aes_128_cbc(), nullptr, 0, nullptr, const_cast<char*>("secret"));
    });
  }

 private:
  template <class Write>
  static std::string Pem(Write write) {
    BIO* out = BIO_new(BIO_s_mem());
    write(out);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(out);
    return text;
  }
};

void Extend(const Pair& issuer, X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer.certificate.get(), certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  ASSERT_NE(extension, nullptr) << value;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

struct Wish {
  std::string alternatives = std::string("DNS:") + kName;
  std::string usage = {};  // The extended key usage; empty = any.
  long days = 1;           // Until it ends.
};

// A certificate of `issuer`, or a CA's without one.
Pair Issue(const Pair* issuer, const std::string& subject, const Wish& wish = {}) {
  Pair made{{X509_new(), X509_free}, {EVP_EC_gen("P-256"), EVP_PKEY_free}};
  X509* certificate = made.certificate.get();
  static long serial = 0;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -10L * 86400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wish.days * 86400);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(subject.c_str()), -1, -1, 0);
  const Pair& signer = issuer == nullptr ? made : *issuer;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
  if (issuer == nullptr) {
    Extend(signer, certificate, NID_basic_constraints, "critical,CA:TRUE");
  } else {
    if (!wish.alternatives.empty()) Extend(signer, certificate, NID_subject_alt_name, wish.alternatives);
    if (!wish.usage.empty()) Extend(signer, certificate, NID_ext_key_usage, wish.usage);
  }
  X509_sign(certificate, signer.key.get(), EVP_sha256());
  return made;
}

class TlsTest : public ::testing::Test {
 protected:
  NodePems Pems(const Pair& own) const { return {ca_.certificate_pem(), own.certificate_pem(), own.key_pem()}; }
  std::string Refusal(NodePems pems) const {
    const auto made = NodeCredentials::Make(std::move(pems), kName);
    return made ? "" : made.error().message;
  }
  std::string Refusal(const Wish& wish) const { return Refusal(Pems(Issue(&ca_, kName, wish))); }

  const Pair ca_ = Issue(nullptr, "the CA");
};

TEST_F(TlsTest, TakesWhatBelongsTogether) {
  EXPECT_EQ(Refusal(Wish{}), "");
  EXPECT_EQ(Refusal(Wish{"DNS:other,IP:127.0.0.1,DNS:worker-1", "serverAuth,clientAuth"}), "");
  const Pair own = Issue(&ca_, kName);
  const Pair other = Issue(nullptr, "another CA");
  EXPECT_EQ(Refusal({other.certificate_pem() + ca_.certificate_pem(), own.certificate_pem(), own.key_pem()}), "");
}

TEST_F(TlsTest, TellsWhatIsWrongWithFiles) {
  const Pair own = Issue(&ca_, kName);
  const std::string ca = ca_.certificate_pem();
  EXPECT_THAT(Refusal({"", own.certificate_pem(), own.key_pem()}), HasSubstr("CLUSTER_TLS_CA has no certificate"));
  EXPECT_THAT(Refusal({ca, own.key_pem(), own.key_pem()}), HasSubstr("CLUSTER_TLS_CERT has no certificate"));
  EXPECT_THAT(Refusal({ca, own.certificate_pem(), "-----BEGIN"}), HasSubstr("CLUSTER_TLS_KEY has no key"));
  EXPECT_THAT(Refusal({ca, own.certificate_pem(), own.locked_key_pem()}), HasSubstr("without a password"));
  EXPECT_THAT(Refusal({ca, own.certificate_pem(), ca_.key_pem()}), HasSubstr("CLUSTER_TLS_KEY is not the key"));
  const Pair stranger = Issue(nullptr, "another CA");
  EXPECT_THAT(Refusal({stranger.certificate_pem(), own.certificate_pem(), own.key_pem()}),
              HasSubstr("the other nodes would refuse"));
}

TEST_F(TlsTest, TheCertificateNamesTheNodeLetterForLetter) {
  for (const char* names : {"", "DNS:worker-2", "DNS:WORKER-1", "DNS:worker-1.example", "DNS:*", "DNS:worker-*",
                            "URI:worker-1", "email:worker-1"}) {
    EXPECT_THAT(Refusal(Wish{names}), HasSubstr("subjectAltName=DNS:worker-1")) << names;
  }
}

TEST_F(TlsTest, TheCertificateIsValidForBothSides) {
  EXPECT_THAT(Refusal(Wish{.days = -1}), HasSubstr("expired"));
  EXPECT_THAT(Refusal(Wish{.usage = "serverAuth"}), HasSubstr("for servers and clients"));
  EXPECT_THAT(Refusal(Wish{.usage = "clientAuth"}), HasSubstr("for servers and clients"));
}

TEST_F(TlsTest, ChangedFilesCountWhenTheyFit) {
  const std::string folder = ::testing::TempDir() + "eider_tls_" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  int version = 0;
  const auto write = [&](const std::string& name, const std::string& text) {
    const std::string path = folder + "/" + name;
    std::ofstream(path + ".new") << text;
    // As if each came a second after the last, whatever the clock of files can tell apart.
    std::filesystem::last_write_time(path + ".new", std::filesystem::file_time_type(std::chrono::seconds(++version)));
    std::filesystem::rename(path + ".new", path);
    return path;
  };
  const Pair first = Issue(&ca_, kName);
  std::vector<std::string> told;
  NodeCertificatesOptions options{kName, write("ca", ca_.certificate_pem()), write("cert", first.certificate_pem()),
                                  write("key", first.key_pem())};
  options.renewed = [&](const std::string& problem) { told.push_back(problem); };
  const auto opened = NodeCertificates::Open(options);
  ASSERT_TRUE(opened);
  const auto before = (*opened)->Current();
  EXPECT_EQ((*opened)->Current(), before);
  EXPECT_THAT(told, IsEmpty());
  // Until both files are there, what was before counts.
  const Pair second = Issue(&ca_, kName);
  write("cert", second.certificate_pem());
  EXPECT_EQ((*opened)->Current(), before);
  EXPECT_EQ((*opened)->Current(), before);
  EXPECT_THAT(told, ElementsAre(HasSubstr("is not the key")));
  write("key", second.key_pem());
  EXPECT_EQ((*opened)->Current()->pems().certificate, second.certificate_pem());
  EXPECT_THAT(told, ElementsAre(HasSubstr("is not the key"), ""));
  std::filesystem::remove(folder + "/ca");
  EXPECT_EQ((*opened)->Current()->pems().certificate, second.certificate_pem());
  EXPECT_THAT(told, ElementsAre(HasSubstr("is not the key"), "", HasSubstr("No such file")));
  std::filesystem::remove_all(folder);
}

// Both sides of a connection over a pair of sockets, driven in turns.
class SessionTest : public TlsTest {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets_), 0);
    auto credentials = NodeCredentials::Make(Pems(Issue(&ca_, kName)), kName);
    EXPECT_TRUE(credentials);
    server_ = ServerSession::Open(*credentials, sockets_[0]);
  }
  void TearDown() override {
    client_.reset();
    ::close(sockets_[0]);
    ::close(sockets_[1]);
  }

  // Whether the handshake ends well.
  bool Connect(const Pair* shown, int newest = TLS1_3_VERSION) {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_max_proto_version(context, newest);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    if (shown != nullptr) {
      SSL_CTX_use_certificate(context, shown->certificate.get());
      SSL_CTX_use_PrivateKey(context, shown->key.get());
    }
    client_ = {SSL_new(context), SSL_free};
    SSL_CTX_free(context);
    SSL_set_fd(client_.get(), sockets_[1]);
    for (int turn = 0; turn < 20; ++turn) {
      const int result = SSL_connect(client_.get());
      const bool failed = result <= 0 && SSL_get_error(client_.get(), result) != SSL_ERROR_WANT_READ;
      const Step step = server_->Handshake();
      if (failed || step == Step::kFailed) return false;
      if (result == 1 && step == Step::kDone) return true;
    }
    return false;
  }

  int sockets_[2] = {-1, -1};
  std::unique_ptr<ServerSession> server_;
  std::shared_ptr<SSL> client_;
};

TEST_F(SessionTest, KnowsANodeByItsCertificate) {
  const Pair node = Issue(&ca_, "whatever", {.alternatives = "DNS:worker-2,DNS:w2.example"});
  ASSERT_TRUE(Connect(&node));
  const PeerCertificate peer = server_->Peer();
  EXPECT_EQ(peer.problem, "");
  EXPECT_THAT(peer.names, ElementsAre("worker-2", "w2.example"));
  EXPECT_TRUE(peer.Proves("worker-2"));
  EXPECT_FALSE(peer.Proves("whatever"));
  EXPECT_FALSE(peer.Proves(""));
}

TEST_F(SessionTest, WhoShowsNoCertificateProvesNothing) {
  ASSERT_TRUE(Connect(nullptr, TLS1_2_VERSION));
  EXPECT_EQ(server_->Peer().problem, "it shows no certificate");
  EXPECT_FALSE(server_->Peer().Proves(kName));
}

TEST_F(SessionTest, ACertificateOfAnotherCaProvesNothing) {
  const Pair stranger = Issue(nullptr, "the CA");
  const Pair node = Issue(&stranger, kName);
  ASSERT_TRUE(Connect(&node));
  EXPECT_THAT(server_->Peer().problem, HasSubstr("its certificate is refused"));
  EXPECT_THAT(server_->Peer().names, IsEmpty());
  EXPECT_FALSE(server_->Peer().Proves(kName));
}

TEST_F(SessionTest, ACertificateThatSignsItselfProvesNothing) {
  Pair own = Issue(nullptr, kName);
  ASSERT_TRUE(Connect(&own));
  EXPECT_FALSE(server_->Peer().Proves(kName));
}

TEST_F(SessionTest, AnExpiredCertificateProvesNothing) {
  const Pair node = Issue(&ca_, kName, {.days = -1});
  ASSERT_TRUE(Connect(&node));
  EXPECT_THAT(server_->Peer().problem, HasSubstr("expired"));
  EXPECT_FALSE(server_->Peer().Proves(kName));
}

TEST_F(SessionTest, OneForServersAloneProvesNothing) {
  const Pair node = Issue(&ca_, kName, {.usage = "serverAuth"});
  ASSERT_TRUE(Connect(&node));
  EXPECT_FALSE(server_->Peer().Proves(kName));
}

TEST_F(SessionTest, RefusesOldVersionsAndGarbage) {
  EXPECT_FALSE(Connect(nullptr, TLS1_1_VERSION));
  std::unique_ptr<ServerSession> second =
      ServerSession::Open(NodeCredentials::Make(Pems(Issue(&ca_, kName)), kName).value(), sockets_[0]);
  char rest[4096];
  while (::read(sockets_[1], rest, sizeof rest) > 0) {
  }
  const std::string garbage = "\x16 this is no handshake, whatever its first byte is";
  ASSERT_EQ(::write(sockets_[1], garbage.data(), garbage.size()), static_cast<ssize_t>(garbage.size()));
  EXPECT_EQ(second->Handshake(), Step::kFailed);
}

TEST_F(SessionTest, CarriesBytesUntilTheSocketIsFull) {
  ASSERT_TRUE(Connect(nullptr));
  char into[100];
  std::size_t size = 0;
  EXPECT_EQ(server_->Read(into, size), Step::kWantsRead);
  ASSERT_EQ(SSL_write(client_.get(), "hello", 5), 5);
  ASSERT_EQ(server_->Read(into, size), Step::kDone);
  EXPECT_EQ(std::string(into, size), "hello");
  const std::string piece(16 << 10, 'x');
  std::size_t sent = 0;
  Step step = Step::kDone;
  while ((step = server_->Write(piece, size)) == Step::kDone) sent += size;
  EXPECT_EQ(step, Step::kWantsWrite);
  std::size_t got = 0;
  for (int turn = 0; turn < 100000 && got < sent + piece.size(); ++turn) {
    char taken[8192];
    const int count = SSL_read(client_.get(), taken, sizeof taken);
    if (count > 0) got += static_cast<std::size_t>(count);
    if (step == Step::kWantsWrite) step = server_->Write(std::string(piece), size);
  }
  EXPECT_EQ(step, Step::kDone);
  EXPECT_EQ(got, sent + piece.size());
  server_->End();
  EXPECT_EQ(SSL_get_error(client_.get(), SSL_read(client_.get(), into, 1)), SSL_ERROR_ZERO_RETURN);
}

TEST_F(SessionTest, AConnectionThatBreaksOffIsNoEnd) {
  ASSERT_TRUE(Connect(nullptr));
  ::shutdown(sockets_[1], SHUT_RDWR);
  char into[10];
  std::size_t size = 0;
  EXPECT_EQ(server_->Read(into, size), Step::kFailed);
}

}  // namespace
}  // namespace eider::tls
