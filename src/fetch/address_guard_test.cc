#include "fetch/address_guard.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace eider::fetch {
namespace {

bool IsRefused(const char* text) {
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1) return IsLinkLocal(reinterpret_cast<const sockaddr&>(six));
  sockaddr_in four{};
  four.sin_family = AF_INET;
  EXPECT_EQ(inet_pton(AF_INET, text, &four.sin_addr), 1) << text;
  return IsLinkLocal(reinterpret_cast<const sockaddr&>(four));
}

TEST(AddressGuardTest, RefusesLinkLocalAndMetadataInEveryForm) {
  for (const char* text :
       {"169.254.169.254", "169.254.0.1", "100.100.100.200", "168.63.129.16", "fe80::1", "febf::1", "fd00:ec2::254",
        "::ffff:169.254.169.254", "::169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"}) {
    EXPECT_TRUE(IsRefused(text)) << text;
  }
}

TEST(AddressGuardTest, AllowsOthers) {
  for (const char* text : {"127.0.0.1", "::1", "10.0.0.1", "169.253.1.1", "192.168.1.1", "fec0::1", "fd00::1",
                           "::ffff:127.0.0.1", "2002:7f00:1::1", "2a00:1450::1"}) {
    EXPECT_FALSE(IsRefused(text)) << text;
  }
}

}  // namespace
}  // namespace eider::fetch
