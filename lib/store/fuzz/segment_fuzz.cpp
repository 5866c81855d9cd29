#include "batch_codec.h"
#include "segment_format.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// Whole segments, and (since a checksum guards them) bare batches; what decodes must encode again to something equal.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::store;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)decode_segment(bytes).has_value();
  const auto batch = decode_batch(bytes);
  if (!batch) return 0;
  std::string encoded;
  if (!encode_batch(*batch, encoded)) std::abort();
  const auto again = decode_batch(encoded);
  if (!again || again->points.size() != batch->points.size()) std::abort();
  return 0;
}
