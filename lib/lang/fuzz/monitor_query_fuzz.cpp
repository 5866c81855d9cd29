#include <cstdint>
#include <cstdlib>

#include <godseye/lang/monitor_forms.h>
#include <godseye/lang/monitor_query.h>

// Any bytes either fail with a column or give a tree whose text reads back as the same tree.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::lang;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)parse_check_query(text);
  (void)parse_event_query(text);
  (void)parse_composite(text);
  auto query = parse_monitor_query(text);
  if (!query) {
    if (!error_column(query.error().message())) std::abort();
    return 0;
  }
  auto again = parse_monitor_query(to_text(*query));
  if (!again && again.error().code() == godseye::base::ErrorCode::kTooLarge) return 0;
  if (!again || !(*again == *query)) std::abort();
  return 0;
}
