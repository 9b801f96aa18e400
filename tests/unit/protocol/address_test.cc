#include "protocol/address.h"

#include <gtest/gtest.h>

#include <string>

namespace atozsync::protocol {
namespace {

TEST(AddressTest, HostAndPortAreReadAndWritten) {
  for (const char* text : {"10.8.0.2:22067", "[fd00::2]:1", "[fe80::1%eth0]:65535",
                           "office-north.example:22067", "localhost:0"}) {
    const Result<HostPort> address = ParseHostPort(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(FormatHostPort(*address), text);
  }
  EXPECT_EQ(ParseHostPort("[fd00::2]:7").value(), (HostPort{"fd00::2", 7}));
}

TEST(AddressTest, WhatIsNoAddressIsRefused) {
  for (const char* text :
       {"", ":", "10.0.0.1", "10.0.0.1:", ":22067", "10.0.0.1:65536", "10.0.0.1:-1", "10.0.0.1:1x",
        "10.0.0.1: 1", "fd00::2:22067", "[fd00::2]", "[fd00::2]:", "[]:1", "a b:1", "a/b:1",
        "[fd00::2]1:1", "http://a:1"}) {
    EXPECT_TRUE(ParseHostPort(text).Is(Errc::kInvalid)) << text;
  }
  EXPECT_TRUE(ParseHostPort(std::string(254, 'a') + ":1").Is(Errc::kInvalid));
}

TEST(AddressTest, ClassesHaveTheirExactEdges) {
  const auto expect = [](AddressClass address_class, std::initializer_list<const char*> hosts) {
    for (const char* host : hosts) {
      EXPECT_STREQ(AddressClassName(ClassifyAddress(host)), AddressClassName(address_class))
          << host;
    }
  };
  expect(AddressClass::kLoopback,
         {"127.0.0.1", "127.255.255.255", "::1", "localhost", "::ffff:127.0.0.1"});
  expect(AddressClass::kPrivate,
         {"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.1",
          "192.168.255.255", "169.254.0.1", "100.64.0.0", "100.127.255.255", "fc00::1", "fdff::1",
          "fe80::1", "febf::1", "fe80::1%eth0", "::ffff:10.0.0.1"});
  expect(AddressClass::kWildcard, {"0.0.0.0", "::", "::ffff:0.0.0.0"});
  expect(AddressClass::kPublic,
         {"9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255",
          "192.169.0.0", "100.63.255.255", "100.128.0.0", "169.253.0.1", "8.8.8.8", "2001:db8::1",
          "fbff::1", "fe00::1", "fec0::1", "::ffff:8.8.8.8", "::2", "128.0.0.1", "0.0.0.1"});
  expect(AddressClass::kName, {"office-north", "10.0.0", "10.0.0.1.2", "", "1"});
}

TEST(AddressTest, ListeningIsForPrivateNumbersUnlessAllowed) {
  EXPECT_TRUE(CheckListenHost("10.8.0.1", false).ok());
  EXPECT_TRUE(CheckListenHost("::1", false).ok());
  for (const char* host : {"0.0.0.0", "::", "8.8.8.8", "2001:db8::1"}) {
    EXPECT_TRUE(CheckListenHost(host, false).Is(Errc::kInvalid)) << host;
    EXPECT_TRUE(CheckListenHost(host, true).ok()) << host;
  }
  EXPECT_TRUE(CheckListenHost("office-north", true).Is(Errc::kInvalid));
}

}  // namespace
}  // namespace atozsync::protocol
