#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// Recording rules as files: a query, a name, an interval (`datadog/recording_rules.json`). Datadog has no such file;
// the words are those of its monitors. Pure.
namespace godseye::ddapi {

inline constexpr size_t kRecordingRulesBytesMax = 1 << 20;
inline constexpr size_t kRecordingRulesMax = 1000;

struct RecordingRuleSpec {
  std::string name;               // of the metric that is recorded
  std::string query;              // as a monitor's, without comparator: `sum(last_1m):sum:m{*} by {service}.as_count()`
  int64_t interval_s = 60;        // how often
  std::vector<std::string> tags;  // added to each point
  std::string description;
};

// An array of rules, or `{"recording_rules": […]}`. kInvalidArgument names the rule and the field.
base::Result<std::vector<RecordingRuleSpec>> decode_recording_rules(std::string_view json);

}  // namespace godseye::ddapi
