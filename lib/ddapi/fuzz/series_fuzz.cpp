#include <cstdint>
#include <string_view>

#include <godseye/ddapi/series.h>

// The first byte picks the decoder.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::ddapi;
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      (void)decode_series_v1(body);
      break;
    case 1:
      (void)decode_series_v2(body);
      break;
    case 2:
      (void)decode_series_v2_protobuf(body);
      break;
    case 3:
      (void)decode_distribution_points(body);
      break;
    default:
      (void)decode_sketches(body);
      break;
  }
  return 0;
}
