#include <cstdint>
#include <string_view>

#include <godseye/base/assert.h>
#include <godseye/guard/image.h>

// Whatever the bytes say, the walk ends, stays inside the file and keeps its limits.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  godseye::guard::ImageOptions options;
  options.limits.text_collected_max = 4096;
  const godseye::guard::ImageReport report =
      godseye::guard::inspect_image({reinterpret_cast<const char*>(data), size}, options);
  GE_ASSERT(report.metadata_text.size() <= 2 * 4096, "collected text is bounded");
  GE_ASSERT(report.findings.size() <= 32, "one finding a kind");
  return 0;
}
