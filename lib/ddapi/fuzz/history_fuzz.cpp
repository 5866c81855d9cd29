#include <cstdint>
#include <string_view>

#include <godseye/ddapi/history.h>

// The first byte picks the format.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::ddapi;
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  (void)decode_history(body, {.format = data[0] % 2 == 0 ? HistoryFormat::kJsonLines : HistoryFormat::kCsv});
  return 0;
}
