#include <cstdint>
#include <cstdlib>

#include <godseye/ddapi/query.h>

// Any body either fails with a message or gives a request within its limits.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::ddapi;
  const auto request = decode_timeseries_request(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!request) return request.error().message().empty() ? std::abort(), 0 : 0;
  if (request->queries.empty() || request->queries.size() > kQueriesPerRequestMax) std::abort();
  if (request->from_s < 0 || request->to_s < 0) std::abort();
  return 0;
}
