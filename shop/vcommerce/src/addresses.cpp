#include "addresses.h"

#include "services.h"

#include <charconv>

#include <godseye/base/log.h>

namespace vcommerce {
namespace {

constexpr int64_t kDurationSecondsMax = 86'400;

base::Status put(std::string_view pair, Addresses& out) {
  const size_t equals = pair.find('=');
  const std::string_view name = pair.substr(0, equals);
  const std::string_view address = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
  const bool socket = address.starts_with("unix:/") || address.starts_with("unix-abstract:");
  if (name.empty() || !(socket || is_host_and_port(address, 1))) {
    return base::Error(base::ErrorCode::kInvalidArgument,
                       "--address: " + base::quoted(pair) + " is not SERVICE=HOST:PORT");
  }
  out[std::string(name)] = address;
  return base::ok();
}

}  // namespace

bool is_host_and_port(std::string_view text, int port_min) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  int port = -1;
  const char* const end = text.data() + text.size();
  const auto [read, code] = std::from_chars(text.data() + colon + 1, end, port);
  return code == std::errc() && read == end && port >= port_min && port <= 65'535;
}

base::Result<Addresses> addresses_from(const std::vector<std::string>& given) {
  Addresses out;
  for (const KnownService& service : known_services()) {
    out.emplace(service.info.name, "127.0.0.1:" + std::to_string(kBasePort + service.port_offset));
  }
  for (std::string_view rest : given) {
    while (!rest.empty()) {
      const size_t comma = rest.find(',');
      if (base::Status done = put(rest.substr(0, comma), out); !done) return std::move(done).error();
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
  }
  return out;
}

base::Result<std::chrono::seconds> parse_duration(std::string_view text) {
  int64_t value = -1;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  const int64_t factor = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  if (code != std::errc() || value < 0 || factor == 0 || value > kDurationSecondsMax / factor) {
    return base::Error(base::ErrorCode::kInvalidArgument, base::quoted(text) + " is not a duration like 60s, 5m or 1h");
  }
  return std::chrono::seconds(value * factor);
}

}  // namespace vcommerce
