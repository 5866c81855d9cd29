#include <godseye/llmobs/llmobs.h>

namespace godseye::llmobs {

std::string_view drop_reason_name(DropReason reason) {
  static constexpr std::array<std::string_view, kDropReasonCount> kNames = {
      "not_an_object", "no_span_id",      "too_many", "too_many_tags",
      "no_label",      "bad_metric_type", "no_join",  "not_a_span"};
  return kNames[static_cast<size_t>(reason)];
}

}  // namespace godseye::llmobs
