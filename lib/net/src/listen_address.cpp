#include <godseye/net/listen_address.h>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace godseye::net {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kExpected = "expected HOST:PORT, [IPV6]:PORT or unix:/PATH";

Error bad(std::string_view text, std::string_view why) {
  return {ErrorCode::kInvalidArgument,
          "bad listen address \"" + std::string(text.substr(0, 200)) + "\": " + std::string(why)};
}

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

}  // namespace

std::string ListenAddress::text() const {
  switch (family) {
    case Family::kUnix:
      return "unix:" + path;
    case Family::kIpv6:
      return "[" + host + "]:" + std::to_string(port);
    case Family::kIpv4:
      break;
  }
  return host + ":" + std::to_string(port);
}

bool ListenAddress::is_loopback() const {
  switch (family) {
    case Family::kUnix:
      return true;
    case Family::kIpv6: {
      in6_addr address{};
      return inet_pton(AF_INET6, host.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address);
    }
    case Family::kIpv4:
      break;
  }
  return host.starts_with("127.");
}

base::Result<ListenAddress> parse_listen_address(std::string_view text) {
  ListenAddress out;
  if (text.starts_with("unix:")) {
    out.family = ListenAddress::Family::kUnix;
    out.path = text.substr(5);
    if (out.path.empty()) return bad(text, "expected a path after unix:");
    if (out.path.find('\0') != std::string::npos) return bad(text, "a path cannot hold a zero byte");
    if (out.path.size() > kUnixPathBytesMax) {
      return bad(text, "a socket path has at most " + std::to_string(kUnixPathBytesMax) + " bytes");
    }
    return out;
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad(text, kExpected);
  std::string host(text.substr(0, colon));
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    out.family = ListenAddress::Family::kIpv6;
    out.host = host.substr(1, host.size() - 2);
    if (!is_ipv6(out.host)) return bad(text, "expected an IPv6 address between the brackets");
  } else {
    if (host.empty()) host = "0.0.0.0";
    if (host == "localhost") host = "127.0.0.1";
    if (!is_ipv4(host)) {
      return bad(text, is_ipv6(host) ? "expected brackets around an IPv6 address: [" + host + "]:PORT"
                                     : "expected an IPv4 address, [IPv6] or localhost before the port");
    }
    out.host = host;
  }
  const std::string_view port = text.substr(colon + 1);
  uint32_t number = port.empty() || port.size() > 5 ? 65536 : 0;
  for (const char c : port) {
    if (c < '0' || c > '9') number = 65536;
    if (number < 65536) number = number * 10 + static_cast<uint32_t>(c - '0');
  }
  if (number > 65535) return bad(text, "expected a port from 0 to 65535");
  out.port = static_cast<uint16_t>(number);
  return out;
}

}  // namespace godseye::net
