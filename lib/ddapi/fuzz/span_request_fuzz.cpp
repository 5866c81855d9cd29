#include <cstdint>
#include <cstdlib>

#include <godseye/ddapi/spans.h>

// Any body either fails with a message or gives a request within its limits.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::ddapi;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const auto& search : {decode_span_search(body), decode_llm_span_search(body)}) {
    if (!search) continue;
    if (search->limit < 1 || search->limit > kSpanPageMax) std::abort();
    const auto from = read_time(search->from, 1'700'000'000'000'000'000, TimeUnit::kMilliseconds);
    if (from && *from < 0) std::abort();
  }
  const auto aggregate = decode_span_aggregate(body);
  if (!aggregate) return 0;
  if (aggregate->compute.size() > kSpanComputesMax || aggregate->group_by.size() > kSpanGroupsMax) std::abort();
  for (const auto& group : aggregate->group_by) {
    if (group.facet.empty() || group.limit < 1) std::abort();
  }
  return 0;
}
