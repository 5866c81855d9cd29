#include "json.h"

#include <godseye/ddapi/recording_rule.h>

namespace godseye::ddapi {

namespace {

constexpr size_t kDepthMax = 8;

base::Result<RecordingRuleSpec> decode_rule(json::value value, const std::string& path) {
  if (!value.is_object()) return expected(path, "an object with name, query and interval");
  FieldReader reader(std::move(value.as_object()), path);
  RecordingRuleSpec rule;
  std::optional<int64_t> interval;
  reader.text("name", rule.name);
  reader.text("query", rule.query);
  reader.integer("interval", interval);
  reader.texts("tags", rule.tags);
  reader.text("description", rule.description);
  if (!reader.status()) return reader.status().error();
  if (!reader.rest().empty()) {
    return expected(reader.path_of(std::string(reader.rest().begin()->key())),
                    "no such field: a rule has name, query, interval, tags and description");
  }
  if (rule.name.empty()) return expected(reader.path_of("name"), "the name of the metric to record");
  if (rule.query.empty()) return expected(reader.path_of("query"), "a query such as sum(last_1m):sum:m{*}.as_count()");
  rule.interval_s = interval.value_or(rule.interval_s);
  return rule;
}

}  // namespace

base::Result<std::vector<RecordingRuleSpec>> decode_recording_rules(std::string_view text) {
  base::Result<json::value> document = parse_json(text, kRecordingRulesBytesMax, kDepthMax);
  if (!document) return std::move(document).error();
  json::value* rules = &*document;
  if (document->is_object()) rules = document->as_object().if_contains("recording_rules");
  if (rules == nullptr || !rules->is_array()) return expected("recording_rules", "an array of rules");
  if (rules->as_array().size() > kRecordingRulesMax) {
    return expected("recording_rules", "at most " + std::to_string(kRecordingRulesMax) + " rules");
  }
  std::vector<RecordingRuleSpec> specs;
  for (json::value& one : rules->as_array()) {
    auto spec = decode_rule(std::move(one), "recording_rules[" + std::to_string(specs.size()) + "]");
    if (!spec) return std::move(spec).error();
    specs.push_back(*std::move(spec));
  }
  return specs;
}

}  // namespace godseye::ddapi
