#include <cstdint>
#include <cstdlib>

#include <godseye/lang/metric_query.h>

// Any bytes either fail with a column or give a tree whose text reads back as the same tree.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::lang;
  auto query = parse_metric_query(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!query) {
    if (!error_column(query.error().message())) std::abort();
    return 0;
  }
  const std::string text = to_text(*query);
  auto again = parse_metric_query(text);
  // Canonical text spells out what was left out, so it alone may pass the length limit.
  if (!again && again.error().code() == godseye::base::ErrorCode::kTooLarge) return 0;
  if (!again || again->expressions != query->expressions) std::abort();
  return 0;
}
