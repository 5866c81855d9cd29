#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <godseye/ddtrace/traces.h>

// A payload is refused and leaves nothing, or what it gave encodes and decodes again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye;
  signal::SpanBatch batch;
  const auto counts = ddtrace::decode_v04({reinterpret_cast<const char*>(data), size}, {.env = "fuzz"}, batch);
  if (!counts) {
    if (!batch.text.empty() || !batch.spans.empty() || !batch.meta.empty() || !batch.llm.empty()) std::abort();
    return 0;
  }
  if (counts->spans_out != batch.spans.size() || batch.text.size() > 64 + 24 * size) std::abort();
  signal::SpanBatch again;
  const auto recoded = ddtrace::decode_v04(ddtrace::encode_v04(batch), {}, again);
  if (!recoded || again.spans.size() != batch.spans.size()) std::abort();
  return 0;
}
