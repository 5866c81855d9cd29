#include <cstdint>
#include <cstdlib>

#include <godseye/lang/search.h>

// Any bytes either fail with a column or give a tree whose text reads back as the same tree.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::lang;
  auto query = parse_search(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!query) {
    if (!error_column(query.error().message())) std::abort();
    return 0;
  }
  auto again = parse_search(to_text(*query));
  // Canonical text repeats the key of a group of values and adds parentheses, so it alone may pass a limit.
  if (!again && again.error().code() == godseye::base::ErrorCode::kTooLarge) return 0;
  if (!again || !(*again == *query)) std::abort();
  return 0;
}
