// Any bytes score between 0 and 1, from every source, with a label that fits.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <godseye/guard/inject.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::guard;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Source source : {Source::kUser, Source::kDocument, Source::kTool}) {
    const InjectScore score = InjectScorer::shipped().score(text, source);
    if (!(score.score >= 0 && score.score <= 1) || score.label != label_of(score.score)) std::abort();
  }
  return 0;
}
