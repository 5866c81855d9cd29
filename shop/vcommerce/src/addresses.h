#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// Where services are: "cartservice=127.0.0.1:7102". Pure.
namespace vcommerce {

using Addresses = std::map<std::string, std::string, std::less<>>;

// Those of `given` (each a pair, or several joined with commas) over the known services' own. kInvalidArgument names
// the pair that is none.
base::Result<Addresses> addresses_from(const std::vector<std::string>& given);

// HOST:PORT, where PORT is a number from `port_min` to 65535 and HOST is not looked at ("[::1]", a name).
bool is_host_and_port(std::string_view text, int port_min);

// "60s", "5m", "1h", "90": seconds. kInvalidArgument for anything else, and for more than a day.
base::Result<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace vcommerce
