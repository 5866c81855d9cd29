// Headers of a client, one `name: value` a line: identity and trace context are bounded and never crash, and what is
// written for the provider reads back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <godseye/gateway/identity.h>

using namespace godseye;
using namespace godseye::gateway;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  net::Headers headers;
  while (!text.empty() && headers.size() < 200) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const size_t colon = line.find(": ");
    if (colon != std::string_view::npos)
      headers.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 2)));
  }
  const Identity identity = identify(headers, {});
  if (identity.session_id.size() > kIdentityBytesMax || identity.user_id.size() > kIdentityBytesMax) abort();
  if (identity.tags.size() > kIdentityTagsMax) abort();
  const TraceContext trace = read_trace(headers);
  if (trace.trace_id_low == 0) return 0;
  net::Headers out;
  write_trace(trace, 7, out);
  const TraceContext again = read_trace(out);
  if (again.trace_id_low != trace.trace_id_low || again.trace_id_high != trace.trace_id_high || again.parent_id != 7)
    abort();
  return 0;
}
