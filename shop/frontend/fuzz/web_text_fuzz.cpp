#include "html.h"
#include "json_fields.h"
#include "web_text.h"

#include <cstdint>

#include <godseye/base/assert.h>

// Paths, forms, cookies, JSON and text of a page, from the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vcommerce::frontend;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto path = decoded_path(text)) {
    GE_ASSERT(path->find("..") == std::string::npos || path->find("/.") == std::string::npos, "no way up");
    GE_ASSERT(is_utf8_text(*path), "paths are text");
  }
  if (const auto fields = Fields::parse(text)) {
    GE_ASSERT(fields->list().size() <= kFieldsMax, "fields are bounded");
    for (const auto& [name, value] : fields->list()) GE_ASSERT(is_utf8_text(value), "fields are text");
  }
  (void)json_fields(text);
  (void)cookie(text, "session_id");
  (void)is_own_address(text);
  std::string out;
  append_escaped(text, out);
  GE_ASSERT(out.find_first_of("<>\"'") == std::string::npos, "nothing of markup is left");
  return 0;
}
