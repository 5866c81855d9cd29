#include "json_text.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// Arrays of texts; what was read must be read again the same after being written.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::store;
  std::vector<std::string> texts;
  if (!parse_json_strings({reinterpret_cast<const char*>(data), size}, texts)) return 0;
  std::string json = "[";
  for (const std::string& text : texts) {
    if (json.size() > 1) json += ',';
    put_json_string(json, text);
  }
  std::vector<std::string> again;
  if (!parse_json_strings(json + "]", again) || again != texts) std::abort();
  return 0;
}
