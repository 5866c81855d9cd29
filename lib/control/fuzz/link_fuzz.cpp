#include "../src/link_messages.h"
#include "../src/sse.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <godseye/gateway/decision.h>
#include <godseye/store/span_records.h>

// What comes over the link, in both directions: events and settings from a server, decisions and records from a
// gateway.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const control::Event& event : control::parse_events(text)) (void)control::parse_watch(event.data);
  (void)control::parse_watch(text);
  (void)control::parse_sync(text);
  (void)control::parse_version(text);
  if (auto saved = control::parse_saved_policy(text)) {
    // What was read is written so that it reads again.
    if (!control::parse_saved_policy(control::saved_policy_json(*saved, 5))) std::abort();
  }
  if (auto decision = gateway::parse_decision(text)) {
    const std::string json = gateway::decision_json(*decision);
    if (json.find('\n') != std::string::npos || !gateway::parse_decision(json)) std::abort();
  }
  (void)store::decode_span_records(text);
  return 0;
}
