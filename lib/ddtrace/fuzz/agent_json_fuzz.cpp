#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <godseye/ddtrace/traces.h>

// The first byte picks the form.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye;
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  signal::SpanBatch batch;
  const auto counts =
      data[0] % 2 == 0 ? ddtrace::decode_json(body, {}, batch) : ddtrace::decode_agentless(body, {}, batch);
  if (!counts && (!batch.text.empty() || !batch.spans.empty())) std::abort();
  if (counts && counts->spans_out != batch.spans.size()) std::abort();
  signal::SpanBatch again;
  const auto recoded = ddtrace::decode_v04(ddtrace::encode_v04(batch), {}, again);
  if (!recoded || again.spans.size() != batch.spans.size()) std::abort();
  return 0;
}
