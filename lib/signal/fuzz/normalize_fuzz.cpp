#include <cstddef>
#include <cstdint>
#include <string>

#include <godseye/base/assert.h>
#include <godseye/signal/normalize.h>

// The same bytes go through both normalisations; each must be idempotent and within its limit.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string buffer;
  std::string again;
  for (auto normalize : {&signal::normalize_metric_name, &signal::normalize_tag}) {
    const std::string once(normalize(text, buffer));
    GE_ASSERT(normalize(once, again) == once, "normalising twice is normalising once");
    GE_ASSERT(once.size() <= 4 * signal::kTagCharsMax, "limits hold for any bytes");
  }
  return 0;
}
