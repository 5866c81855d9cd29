#include <algorithm>
#include <charconv>
#include <cmath>

#include <godseye/base/assert.h>
#include <godseye/base/log.h>

#include <vcommerce/runtime/settings.h>

namespace vcommerce::runtime {
namespace {

template <typename Number>
base::Result<Number> parse(std::string_view name, const std::string& text, Number min, Number max) {
  Number value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  // `!(in range)` also catches what is not a number.
  if (code != std::errc() || end != text.data() + text.size() || !(value >= min && value <= max)) {
    return base::Error(base::ErrorCode::kInvalidArgument, "--" + std::string(name) + ": " + base::quoted(text) +
                                                              " is not a number from " + std::to_string(min) + " to " +
                                                              std::to_string(max));
  }
  return value;
}

}  // namespace

base::Result<Settings> Settings::from(std::span<const SettingInfo> known,
                                      const std::map<std::string, std::string>& given) {
  Settings settings;
  for (const SettingInfo& info : known) settings.values_.emplace(info.name, info.fallback);
  for (const auto& [name, value] : given) {
    const auto found = settings.values_.find(name);
    if (found == settings.values_.end()) {
      return base::Error(base::ErrorCode::kInvalidArgument, "no such setting: " + base::quoted(name));
    }
    found->second = value;
  }
  return settings;
}

const std::string& Settings::text(std::string_view name) const {
  const auto found = values_.find(name);
  GE_ASSERT(found != values_.end(), "a service reads only settings that it declares");
  return found->second;
}

base::Result<int64_t> Settings::whole(std::string_view name, int64_t min, int64_t max) const {
  return parse(name, text(name), min, max);
}

base::Result<double> Settings::number(std::string_view name, double min, double max) const {
  return parse(name, text(name), min, max);
}

std::string variable_name(std::string_view setting) {
  std::string name = "VCOMMERCE_";
  for (const char c : setting) name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

}  // namespace vcommerce::runtime
