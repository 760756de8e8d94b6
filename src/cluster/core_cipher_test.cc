#include "cluster/core_cipher.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace eider::cluster {
namespace {

const std::string kKey(43, 'A');
const std::string kOther = "B" + std::string(42, 'A');

TEST(CoreCipher, SealsForOnePlaceOnly) {
  const auto cipher = CoreCipher::Open({.key = kKey + "="}).value();
  const std::string sealed = cipher->Seal("postgres://u:secret@db", "data_sources|path|a").value();
  EXPECT_TRUE(CoreCipher::IsSealed(sealed));
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_NE(sealed, cipher->Seal("postgres://u:secret@db", "data_sources|path|a").value());
  EXPECT_EQ(cipher->Unseal(sealed, "data_sources|path|a").value(), "postgres://u:secret@db");
  EXPECT_FALSE(cipher->Unseal(sealed, "data_sources|path|b"));
  // Some bits of the last characters mean nothing.
  for (std::size_t i = 16; i + 4 < sealed.size(); i += 3) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    EXPECT_NE(cipher->Unseal(changed, "data_sources|path|a").value_or(""), "postgres://u:secret@db") << i;
  }
  EXPECT_EQ(cipher->Unseal("plain", "x").value(), "plain");
}

TEST(CoreCipher, ReadsWithFormerKeys) {
  const std::string sealed = CoreCipher::Open({.key = kKey}).value()->Seal("text", "p").value();
  const auto other = CoreCipher::Open({.key = kOther}).value();
  ASSERT_FALSE(other->Unseal(sealed, "p"));
  EXPECT_NE(other->Unseal(sealed, "p").error().message.find("core encryption key does not match"), std::string::npos);
  EXPECT_EQ(CoreCipher::Open({.key = kOther, .old_keys = {kKey}}).value()->Unseal(sealed, "p").value(), "text");
}

TEST(CoreCipher, RefusesKeysOfAnotherLength) {
  for (const char* key : {"short", "!!!!"}) EXPECT_FALSE(CoreCipher::Open({.key = key})) << key;
}

TEST(CoreCipher, KeepsItsKeyInAFileOfTheOwner) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "cipher_test.key";
  std::filesystem::remove(file);
  const std::string first = CoreCipher::Open({.key_file = file.string()}).value()->fingerprint();
  struct stat state{};
  ASSERT_EQ(::stat(file.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0600U);
  EXPECT_EQ(CoreCipher::Open({.key_file = file.string()}).value()->fingerprint(), first);
  EXPECT_NE(CoreCipher::Open({}).value()->fingerprint(), first);
  std::filesystem::remove(file);
  EXPECT_FALSE(CoreCipher::Open({.key_file = "/no/such/folder/key"}));
}

}  // namespace
}  // namespace eider::cluster
