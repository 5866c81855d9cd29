#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <godseye/ddapi/case.h>
#include <godseye/ddapi/downtime.h>
#include <godseye/ddapi/incident.h>
#include <godseye/ddapi/monitor.h>
#include <godseye/ddapi/webhook.h>

// The first byte picks the decoder. What is decoded must encode, and the encoded text must decode to the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::ddapi;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
      if (const auto spec = decode_monitor(text)) {
        const std::string first = encode_monitor_spec(*spec);
        const auto again = decode_monitor(first);
        // A limit may be passed by the longer canonical form; everything else must come back.
        if (again && encode_monitor_spec(*again) != first) std::abort();
      }
      break;
    case 1:
      if (const auto change = decode_incident_create(text)) {
        (void)encode_incident_fields(change->fields);
      }
      break;
    case 2:
      if (const auto webhook = decode_webhook(text)) {
        const PayloadVariables variables = {{"ID", "1"}, {"TAGS[a]", "\"\\\n"}};
        (void)encode_webhook(*webhook);
        (void)render_payload(*webhook, variables);
        (void)render_headers(*webhook, variables);
      }
      break;
    case 4:
    case 5:
      if (const auto downtime = data[0] % 8 == 4 ? decode_downtime_v1(text) : decode_downtime_v2(text)) {
        const std::string first = encode_downtime_spec(*downtime);
        const auto again = decode_downtime_spec(first);
        if (again && encode_downtime_spec(*again) != first) std::abort();
        (void)encode_downtime_v1({.id = 1, .spec = *downtime});
        (void)encode_downtime_v2({.id = 1, .spec = *downtime}, true);
      }
      break;
    case 6:
      (void)decode_mute(text);
      (void)decode_cancel_by_scope(text);
      break;
    case 7:
      if (const auto made = decode_case_create(text)) {
        (void)encode_case({.id = "u", .title = made->title, .description = made->description});
      }
      if (const auto attributes = decode_case_attributes(text)) {
        if (decode_stored_case_attributes(encode_case_attributes(*attributes)) != *attributes) std::abort();
      }
      (void)decode_case_status(text);
      (void)decode_case_project(text);
      (void)decode_todo_create(text);
      (void)decode_comment(text);
      break;
    default:
      (void)decode_monitors(text);
  }
  return 0;
}
