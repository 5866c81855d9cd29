#include "event_codec.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// Bare event records: what decodes must encode again to the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye;
  const base::Result<signal::EventBatch> batch = store::decode_events({reinterpret_cast<const char*>(data), size});
  if (!batch) return 0;
  std::string encoded;
  store::encode_events(*batch, encoded);
  const base::Result<signal::EventBatch> again = store::decode_events(encoded);
  if (!again || again->events.size() != batch->events.size() || again->checks.size() != batch->checks.size()) {
    std::abort();
  }
  return 0;
}
