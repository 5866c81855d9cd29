#include <godseye/ddtrace/traces.h>

namespace godseye::ddtrace {

std::string_view drop_reason_name(DropReason reason) {
  static constexpr std::array<std::string_view, kDropReasonCount> kNames = {
      "empty_trace",   "not_a_span", "trace_id_zero", "span_id_zero", "foreign_trace_id", "too_many_spans",
      "too_many_tags", "bad_tag",    "bad_link",      "bad_event",    "bad_meta_struct"};
  return kNames[static_cast<size_t>(reason)];
}

}  // namespace godseye::ddtrace
