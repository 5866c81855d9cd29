#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

// Where a listener binds: "127.0.0.1:8080", "[::1]:8080", ":8080" (all interfaces, IPv4), "localhost:0", "unix:/path".
// Names other than localhost are refused: a listener must not depend on a resolver. Plain value.
namespace godseye::net {

// sun_path is 108 bytes with its terminator.
inline constexpr size_t kUnixPathBytesMax = 107;

struct ListenAddress {
  enum class Family : uint8_t { kIpv4, kIpv6, kUnix };
  Family family = Family::kIpv4;
  std::string host{};  // numeric; empty for kUnix
  uint16_t port = 0;   // 0: the system picks one
  std::string path{};  // kUnix only

  // The text that parse_listen_address reads back.
  std::string text() const;
  // True for 127/8, ::1 and Unix sockets.
  bool is_loopback() const;
};

// Who may connect to a Unix socket: its owner (0600), or everybody (0722, as Datadog's Agent makes its sockets).
enum class SocketMode : uint8_t { kOwner, kEverybody };

// kInvalidArgument with a sentence that names the text and what was expected.
base::Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace godseye::net
