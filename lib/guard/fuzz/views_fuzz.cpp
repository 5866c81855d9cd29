// Any bytes make at least one view, within the limits, of valid UTF-8.
#include "rules.h"
#include "utf8.h"
#include "views.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::guard;
  const Views views = make_views({reinterpret_cast<const char*>(data), size});
  if (views.views.empty() || views.views.size() > kViewsMax) std::abort();
  std::vector<Hit> hits;
  for (const View& view : views.views) {
    if (view.text.size() > kViewBytesMax) std::abort();
    for (size_t i = 0; i < view.text.size();) {
      const utf8::Decoded decoded = utf8::decode(view.text, i);
      if (!decoded.valid) std::abort();
      i += decoded.length;
    }
    Matcher::shipped().scan(view.text, hits);
    const RuleFacts facts = apply_rules(view.text, hits);
    for (const float strength : facts.strength) {
      if (!(strength >= 0 && strength <= 1)) std::abort();
    }
  }
  return 0;
}
