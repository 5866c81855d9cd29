// Arguments of tool calls and events of streams, as anybody may write them: nothing but memory safety is promised of
// what is no JSON; an event joined in any pieces is the same, and nothing changes where nothing is found.
#include "redact_json.h"
#include "sse_joiner.h"

#include <cstddef>
#include <cstdint>

#include <godseye/base/assert.h>

namespace {

std::string joined(std::string_view bytes, size_t piece) {
  godseye::gateway::SseJoiner joiner;
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += piece) joiner.feed(bytes.substr(at, piece), out);
  joiner.finish(out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 4096) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  int64_t found = 0;
  const auto redacted = godseye::gateway::redact_json(text, found);
  GE_ASSERT(!redacted || found > 0 || *redacted == text, "nothing found, nothing changed");
  const std::string whole = joined(text, 4096);
  GE_ASSERT(joined(text, 1) == whole && joined(text, 3) == whole, "pieces make no difference");
  return 0;
}
