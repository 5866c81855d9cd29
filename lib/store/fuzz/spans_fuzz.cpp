#include "span_codec.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// Bare span records (a checksum guards them in a segment): what decodes must encode again to something equal.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye;
  signal::SpanBatch batch;
  if (!store::decode_spans({reinterpret_cast<const char*>(data), size}, batch)) return 0;
  std::string encoded;
  if (!store::encode_spans(batch, encoded)) std::abort();
  signal::SpanBatch again;
  if (!store::decode_spans(encoded, again)) std::abort();
  if (again.spans.size() != batch.spans.size() || again.meta.size() != batch.meta.size() ||
      again.llm.size() != batch.llm.size() || again.evaluations.size() != batch.evaluations.size()) {
    std::abort();
  }
  return 0;
}
