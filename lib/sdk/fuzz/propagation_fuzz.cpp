#include <cstdlib>
#include <map>
#include <string>

#include <godseye/sdk/propagation.h>

// Input: `name: value` lines. Whatever is extracted can be injected, and what is injected is headers that are no longer
// than their bounds and hold no control characters.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::sdk;
  std::map<std::string, std::string, std::less<>> headers;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (const size_t colon = line.find(": "); colon != std::string_view::npos) {
      headers.insert_or_assign(std::string(line.substr(0, colon)), std::string(line.substr(colon + 2)));
    }
  }
  const auto context = extract([&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = headers.find(name);
    if (found == headers.end()) return std::nullopt;
    return found->second;
  });
  if (!context) return 0;
  inject(*context, [](std::string_view, std::string_view value) {
    if (value.size() > 9000) std::abort();
    for (const unsigned char c : value) {
      if (c < 0x20 && c != '\t') std::abort();
    }
  });
  return 0;
}
