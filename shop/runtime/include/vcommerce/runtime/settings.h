#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// What a service can be told. A service declares its settings (`ServiceInfo::settings`); the program offers each as a
// flag and a variable: `redis-url` is --redis-url and VCOMMERCE_REDIS_URL, the flag wins. Plain values; threads: any.
namespace vcommerce::runtime {

struct SettingInfo {
  std::string_view name;  // "redis-url": lower case, words joined with '-'; views live as long as the program
  std::string_view fallback;
  std::string_view what;  // one line of --help, with the unit
};

class Settings {
 public:
  // Those in `given` that no `known` one names are kInvalidArgument, with the name.
  static base::Result<Settings> from(std::span<const SettingInfo> known,
                                     const std::map<std::string, std::string>& given);

  // Requires: `name` was declared.
  const std::string& text(std::string_view name) const;
  // kInvalidArgument names the setting, the value and the range.
  base::Result<int64_t> whole(std::string_view name, int64_t min, int64_t max) const;
  base::Result<double> number(std::string_view name, double min, double max) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// --redis-url → VCOMMERCE_REDIS_URL.
std::string variable_name(std::string_view setting);

}  // namespace vcommerce::runtime
