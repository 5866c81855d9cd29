// Any bytes: entities in order, inside the text, never overlapping; redaction keeps what lies between them.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <godseye/guard/pii.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::guard;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto entities = find_pii(text);
  size_t last = 0;
  size_t kept = 0;
  size_t added = 0;
  for (const PiiEntity& entity : entities) {
    if (entity.start < last || entity.end <= entity.start || entity.end > size ||
        !(entity.confidence >= kPiiConfidenceMin && entity.confidence <= 1))
      std::abort();
    kept += entity.start - last;
    added += pii_type_name(entity.type).size() + 2;
    last = entity.end;
  }
  kept += size - last;
  if (redact(text, entities).size() != kept + added) std::abort();
  return 0;
}
