#include <godseye/notify/transport.h>

#include <gtest/gtest.h>

namespace godseye::notify {
namespace {

TEST(AddressPolicy, PublicAddressesMayBeCalled) {
  for (const char* address :
       {"8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "198.20.0.1", "2606:4700::1111",
        "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"}) {
    EXPECT_TRUE(is_public_address(address)) << address;
  }
}

TEST(AddressPolicy, OthersMayNot) {
  // Of each private network an address in the middle: the first ones look like somebody's machine.
  for (const char* address : {"127.0.0.1",
                              "127.255.0.9",
                              "0.0.0.0",
                              "100.64.0.1",
                              "169.254.169.254",
                              "224.0.0.1",
                              "255.255.255.255",
                              "192.0.2.7",
                              "198.51.100.7",
                              "203.0.113.7",
                              "198.18.0.1",
                              "240.0.0.1",
                              "::1",
                              "::",
                              "fe80::1",
                              "fe80::1%eth0",
                              "fc00::1",
                              "fd12::1",
                              "ff02::1",
                              "2001:db8::1",
                              "2001::1",
                              "::ffff:127.0.0.1",
                              "::127.0.0.1",
                              "64:ff9b::127.0.0.1",
                              "2002:7f00:1::1",
                              "::ffff:169.254.169.254"}) {
    EXPECT_FALSE(is_public_address(address)) << address;
  }
  for (const int first : {10, 192, 172}) {
    const int second = first == 192 ? 168 : 20;
    const std::string address = std::to_string(first) + "." + std::to_string(second) + ".3.4";
    EXPECT_FALSE(is_public_address(address)) << address;
  }
}

TEST(AddressPolicy, WhatIsNoAddressMayNot) {
  for (const char* text : {"", "localhost", "8.8.8", "8.8.8.8:80", "0x7f.1", "2130706433", "?", "[::1]"}) {
    EXPECT_FALSE(is_public_address(text)) << text;
  }
}

}  // namespace
}  // namespace godseye::notify
