#include <algorithm>
#include <cmath>
#include <unordered_set>

#include <godseye/base/log.h>
#include <godseye/ddapi/recording_rule.h>
#include <godseye/monitor/recording.h>
#include <godseye/signal/normalize.h>

namespace godseye::monitor {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr int64_t kIntervalStepS = 10;  // monitors and rules are evaluated at each cut
constexpr int64_t kIntervalMaxS = 86400;

Result<RecordingRule> valid_rule(ddapi::RecordingRuleSpec spec) {
  const std::string who = "recording rule " + spec.name;
  std::string buffer;
  RecordingRule rule;
  rule.name = signal::normalize_metric_name(spec.name, buffer);
  if (rule.name != spec.name) return Error(ErrorCode::kInvalidArgument, who + ": expected the name of a metric");
  // A rule is a monitor's query without its comparator, so that one grammar serves both.
  Result<lang::MonitorQuery> query = lang::parse_monitor_query(spec.query + " > 0");
  if (!query) return std::move(query).error().within(who);
  if (query->window.kind != lang::WindowKind::kLast) {
    return Error(ErrorCode::kInvalidArgument, who + ": expected a window last_…");
  }
  if (spec.interval_s < kIntervalStepS || spec.interval_s > kIntervalMaxS || spec.interval_s % kIntervalStepS != 0) {
    return Error(ErrorCode::kInvalidArgument, who + ": expected an interval of 10 s to a day, in steps of 10 s");
  }
  if (base::Status known = query::check_zones(query->expression); !known) return std::move(known).error().within(who);
  rule.query = *std::move(query);
  rule.query_text = std::move(spec.query);
  rule.interval_s = spec.interval_s;
  rule.tags = std::move(spec.tags);
  signal::normalize_tags(rule.tags);
  return rule;
}

std::string_view service_of(const query::Group& group) {
  const auto found =
      std::find_if(group.begin(), group.end(), [](const query::GroupTag& tag) { return tag.key == "service"; });
  return found == group.end() ? std::string_view() : std::string_view(found->value);
}

}  // namespace

Result<std::vector<RecordingRule>> parse_recording_rules(std::string_view json) {
  auto specs = ddapi::decode_recording_rules(json);
  if (!specs) return std::move(specs).error();
  std::vector<RecordingRule> rules;
  for (ddapi::RecordingRuleSpec& spec : *specs) {
    Result<RecordingRule> rule = valid_rule(std::move(spec));
    if (!rule) return std::move(rule).error();
    const bool twice =
        std::any_of(rules.begin(), rules.end(), [&](const RecordingRule& other) { return other.name == rule->name; });
    if (twice) return Error(ErrorCode::kInvalidArgument, "recording rule " + rule->name + " is there twice");
    rules.push_back(*std::move(rule));
  }
  return rules;
}

Recorder::Recorder(std::vector<RecordingRule> rules, WindowQueries& queries, base::Clock clock,
                   SelfReported self_reported, RecorderConfig config)
    : queries_(queries), clock_(std::move(clock)), self_reported_(std::move(self_reported)), config_(config) {
  rules_.reserve(rules.size());
  for (RecordingRule& rule : rules) rules_.push_back({.rule = std::move(rule), .done_s = 0, .error = {}});
}

signal::MetricBatch Recorder::run(base::WallTime cut_end) {
  signal::MetricBatch batch;
  const int64_t now_s = base::unix_seconds(cut_end);
  const base::TickTime give_up = clock_.tick() + config_.deadline;
  const size_t begin = first_;
  for (size_t i = 0; i < rules_.size(); ++i) {
    Due& due = rules_[(begin + i) % rules_.size()];
    const int64_t at_s = now_s - now_s % due.rule.interval_s;
    // A clock that went back must not silence a rule until it has caught up.
    if (at_s == due.done_s || (at_s < due.done_s && due.done_s - at_s < due.rule.interval_s)) continue;
    if (clock_.tick() >= give_up) {
      first_ = (begin + i) % rules_.size();
      break;
    }
    record(due, at_s, batch);
    due.done_s = at_s;
  }
  points_.fetch_add(batch.points.size());
  return batch;
}

void Recorder::record(Due& due, int64_t at_s, signal::MetricBatch& batch) {
  evaluations_.fetch_add(1);
  const auto values = queries_.evaluate(due.rule.query, at_s);
  if (!values) {
    failures_.fetch_add(1);
    if (due.error != values.error().message()) {
      due.error = values.error().message();
      spdlog::warn("recording rule {}: {}", due.rule.name, due.error);
    }
    return;
  }
  due.error.clear();
  size_t recorded = 0;
  std::unordered_set<signal::SeriesId> defined;
  for (const query::GroupValue& value : *values) {
    if (!value.value || !std::isfinite(*value.value)) continue;
    const std::string_view service = service_of(value.group);
    if (self_reported_ && !service.empty() && self_reported_(due.rule.name, service)) {
      reported_.fetch_add(1);
      continue;
    }
    if (++recorded > config_.groups_max) {
      left_out_.fetch_add(1);
      continue;
    }
    signal::SeriesDefinition series{.id = 0,
                                    .metric = due.rule.name,
                                    .type = signal::MetricType::kGauge,
                                    .interval_s = static_cast<uint32_t>(due.rule.interval_s),
                                    .tags = due.rule.tags};
    signal::Attribution attribution;
    for (const query::GroupTag& tag : value.group) {
      if (tag.value != query::kNoGroupValue) series.tags.push_back(tag.key + ":" + tag.value);
    }
    signal::normalize_tags(series.tags);
    const bool attributed = signal::split_attribution(series.tags, signal::AttributionKeys(), attribution);
    series.id = signal::series_id(series.metric, series.type, series.tags);
    uint32_t attribution_index = signal::kNoAttribution;
    if (attributed) {
      attribution_index = static_cast<uint32_t>(batch.attributions.size());
      batch.attributions.push_back(std::move(attribution));
    }
    batch.points.push_back(
        {.series = series.id, .time_s = at_s, .value = *value.value, .attribution = attribution_index});
    // Groups that differ in attribution alone are one series.
    if (defined.insert(series.id).second) batch.series.push_back(std::move(series));
  }
}

RecorderStats Recorder::stats() const {
  return {.rules = rules_.size(),
          .evaluations = evaluations_,
          .failures = failures_,
          .points = points_,
          .groups_left_out = left_out_,
          .groups_reported = reported_};
}

}  // namespace godseye::monitor
