#include "request_head.h"

#include <algorithm>
#include <cstdint>

#include <godseye/base/assert.h>

// Whatever comes before the HTTP library: what it is given is bounded, and has none of what was to be left out.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vcommerce::frontend;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto end = head_end(bytes);
  if (!end) return 0;
  const Head head = checked_head(bytes.substr(0, *end), 65'536);
  if (head.refused != 0) return 0;
  GE_ASSERT(head.body_bytes <= 65'536, "a longer body is refused");
  GE_ASSERT(head.text.find("\nrange:") == std::string::npos, "ranges are left out");
  GE_ASSERT(head.text.ends_with("\r\n\r\n"), "a head ends");
  const size_t blank = head.text.find(' ');
  GE_ASSERT(head.text.compare(blank, 2, " /") == 0, "the target is in origin form");
  const auto hosts = std::ranges::count_if(head.headers, [](const auto& one) { return one.first == "host"; });
  GE_ASSERT(hosts <= 1, "one host at most");
  return 0;
}
