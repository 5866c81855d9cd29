#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <godseye/llmobs/lenient_json.h>
#include <godseye/llmobs/llmobs.h>

// The first byte picks the decoder. What was decoded encodes, and decodes to as many spans again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye;
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  signal::SpanBatch batch;
  signal::Span span;
  switch (data[0] % 6) {
    case 0:
      if (llmobs::decode_spans(body, batch)) {
        signal::SpanBatch again;
        const auto counts = llmobs::decode_spans(llmobs::encode_spans(batch, "1"), again);
        if (!counts || again.spans.size() != batch.spans.size()) std::abort();
      } else if (!batch.text.empty()) {
        std::abort();
      }
      break;
    case 1:
      (void)llmobs::decode_api_spans(body, batch);
      break;
    case 2:
      if (llmobs::decode_evaluations(body, batch)) {
        signal::SpanBatch again;
        const auto counts = llmobs::decode_evaluations(llmobs::encode_evaluations(batch), again);
        if (!counts || again.evaluations.size() != batch.evaluations.size()) std::abort();
      }
      break;
    case 3:
      if (llmobs::decode_meta_struct(body, span, batch)) {
        signal::Span span_again;
        signal::SpanBatch again;
        if (!llmobs::decode_meta_struct(llmobs::encode_meta_struct(batch, span), span_again, again)) std::abort();
      }
      break;
    case 4:
      (void)llmobs::decode_meta_struct_json(body, span, batch);
      break;
    default: {
      // Repairing what was repaired changes nothing.
      const std::string once = llmobs::repair_json(body);
      if (llmobs::repair_json(once) != once) std::abort();
      (void)llmobs::parse_trace_id(body);
      (void)llmobs::parse_span_id(body);
    }
  }
  return 0;
}
