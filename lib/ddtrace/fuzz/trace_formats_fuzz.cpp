#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <godseye/ddtrace/traces.h>

// The first byte picks the format. A payload is refused and leaves nothing, or what it gave encodes and decodes again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye;
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto decode = [&](std::string_view bytes, signal::SpanBatch& out) {
    switch (data[0] % 3) {
      case 0:
        return ddtrace::decode_v05(bytes, {}, out);
      case 1:
        return ddtrace::decode_v07(bytes, {}, out);
      default:
        return ddtrace::decode_v10(bytes, {}, out);
    }
  };
  signal::SpanBatch batch;
  const auto counts = decode(body, batch);
  if (!counts) {
    if (!batch.text.empty() || !batch.spans.empty() || !batch.meta.empty() || !batch.llm.empty()) std::abort();
    return 0;
  }
  if (counts->spans_out != batch.spans.size()) std::abort();
  const std::string encoded = data[0] % 3 == 0   ? ddtrace::encode_v05(batch)
                              : data[0] % 3 == 1 ? ddtrace::encode_v07(batch, {})
                                                 : ddtrace::encode_v10(batch, {});
  signal::SpanBatch again;
  const auto recoded = decode(encoded, again);
  if (!recoded || again.spans.size() != batch.spans.size()) std::abort();
  return 0;
}
