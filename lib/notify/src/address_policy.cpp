#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include <godseye/notify/transport.h>

#include <arpa/inet.h>

namespace godseye::notify {

namespace {

struct Range4 {
  uint8_t a, b, c, d;
  int bits;
};

// IANA's special-purpose registry: what is not globally reachable.
constexpr std::array kReserved4 = {Range4{0, 0, 0, 0, 8},      Range4{10, 0, 0, 0, 8},     Range4{100, 64, 0, 0, 10},
                                   Range4{127, 0, 0, 0, 8},    Range4{169, 254, 0, 0, 16}, Range4{172, 16, 0, 0, 12},
                                   Range4{192, 0, 0, 0, 24},   Range4{192, 0, 2, 0, 24},   Range4{192, 88, 99, 0, 24},
                                   Range4{192, 168, 0, 0, 16}, Range4{198, 18, 0, 0, 15},  Range4{198, 51, 100, 0, 24},
                                   Range4{203, 0, 113, 0, 24}, Range4{224, 0, 0, 0, 4},    Range4{240, 0, 0, 0, 4}};

bool is_public_4(const unsigned char* bytes) {
  const auto number = [](uint32_t a, uint32_t b, uint32_t c, uint32_t d) { return a << 24 | b << 16 | c << 8 | d; };
  const uint32_t address = number(bytes[0], bytes[1], bytes[2], bytes[3]);
  return std::none_of(kReserved4.begin(), kReserved4.end(), [&](const Range4& range) {
    const uint32_t mask = ~uint32_t{0} << (32 - range.bits);
    return (address & mask) == number(range.a, range.b, range.c, range.d);
  });
}

bool is_public_6(const unsigned char* bytes) {
  const auto begins = [&](std::initializer_list<int> prefix) {
    return std::equal(prefix.begin(), prefix.end(), bytes,
                      [](int expected, unsigned char byte) { return expected == byte; });
  };
  // Addresses that carry an IPv4 address are as public as that.
  if (begins({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) return is_public_4(bytes + 12);
  if (begins({0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return is_public_4(bytes + 12);
  if (begins({0x20, 0x02})) return is_public_4(bytes + 2);
  if (begins({0x20, 0x01, 0x0d, 0xb8}) || begins({0x3f, 0xff}) || begins({0x5f, 0x00})) return false;
  // 2001::/23 is for protocols (Teredo among them).
  if (begins({0x20, 0x01}) && bytes[2] < 0x02) return false;
  // Global unicast is 2000::/3; loopback, link-local, unique local and multicast lie outside.
  return (bytes[0] & 0xe0) == 0x20;
}

}  // namespace

bool is_public_address(std::string_view address) {
  const std::string text(address.substr(0, address.find('%')));
  unsigned char bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return is_public_4(bytes);
  if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) return is_public_6(bytes);
  return false;
}

}  // namespace godseye::notify
