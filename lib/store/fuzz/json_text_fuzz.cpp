#include "json_text.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/json_text.h>

namespace {

std::string array_of(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const std::string& text : texts) {
    if (json.size() > 1) json += ',';
    godseye::base::append_json_string(text, json);
  }
  return json + "]";
}

}  // namespace

// Arrays of texts; what was written must be read again and written the same. (Bytes that are not UTF-8 do not come
// back: writing repairs them.)
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<std::string> texts;
  if (!godseye::store::parse_json_strings({reinterpret_cast<const char*>(data), size}, texts)) return 0;
  const std::string json = array_of(texts);
  std::vector<std::string> again;
  if (!godseye::store::parse_json_strings(json, again) || again.size() != texts.size()) std::abort();
  if (array_of(again) != json) std::abort();
  return 0;
}
