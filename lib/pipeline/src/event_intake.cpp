#include "event_session.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include <godseye/dogstatsd/decode.h>
#include <godseye/pipeline/event_intake.h>

namespace godseye::pipeline {

using signal::Event;
using signal::EventBatch;
using signal::ServiceCheck;

namespace {

constexpr std::string_view kHostTag = "host:";
constexpr uint32_t kBucketSeconds = 10;  // as what is derived from spans

std::vector<std::string> tags_of(std::string_view list) {
  std::vector<std::string> tags;
  for (dogstatsd::TagList each(list); each.next();) tags.emplace_back(each.tag());
  return tags;
}

std::string unescaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const bool newline = text[i] == '\\' && i + 1 < text.size() && text[i + 1] == 'n';
    out += newline ? '\n' : text[i];
    if (newline) ++i;
  }
  return out;
}

signal::AlertType alert_type_of(dogstatsd::AlertType type) {
  switch (type) {
    case dogstatsd::AlertType::kError:
      return signal::AlertType::kError;
    case dogstatsd::AlertType::kWarning:
      return signal::AlertType::kWarning;
    case dogstatsd::AlertType::kSuccess:
      return signal::AlertType::kSuccess;
    case dogstatsd::AlertType::kInfo:
      break;
  }
  return signal::AlertType::kInfo;
}

// One event's metrics on their way into a batch.
class MetricBuilder {
 public:
  void add(const Event& event) {
    event_ = &event;
    own_tags_ = event.tags;
    std::erase_if(own_tags_, [](const std::string& tag) { return tag.starts_with(kJudgedPrefix); });
    tags_ = &own_tags_;
    const auto value_of = [&](std::string_view name) {
      const auto found = std::find_if(event.values.begin(), event.values.end(),
                                      [&](const auto& entry) { return entry.first == name; });
      return found == event.values.end() ? std::nan("") : found->second;
    };
    const bool usage = has_tag("analytics_type:endpoint_usage");
    if (usage) {
      count("product_analytics.endpoint_usage");
      distribution("product_analytics.endpoint_latency", value_of("latency_ms") / 1000);
      distribution("product_analytics.endpoint_cost", value_of("cost_usd"));
    }
    if (has_tag("analytics_type:feature_usage")) count("product_analytics.feature_usage");
    if (has_tag("analytics_type:user_action")) count("product_analytics.user_action");
    if (has_tag("analytics_type:event")) count("product_analytics.event");
    if (has_tag("analytics_type:conversion")) {
      count("product_analytics.conversion");
      distribution("product_analytics.conversion_value", value_of("value"));
    }
    add_session();
  }
  signal::MetricBatch take() { return std::move(batch_); }

 private:
  bool has_tag(std::string_view tag) const {
    return std::find(event_->tags.begin(), event_->tags.end(), tag) != event_->tags.end();
  }
  signal::SeriesId series(std::string_view metric, signal::MetricType type) {
    signal::SeriesDefinition definition{
        .id = 0, .metric = std::string(metric), .type = type, .interval_s = kBucketSeconds, .tags = *tags_};
    definition.id = signal::series_id(definition.metric, type, definition.tags);
    const signal::SeriesId id = definition.id;
    if (defined_.insert(id).second) batch_.series.push_back(std::move(definition));
    return id;
  }
  uint32_t attribution() {
    const auto& values = event_->attribution.values;
    if (std::all_of(values.begin(), values.end(), [](const std::string& v) { return v.empty(); })) {
      return signal::kNoAttribution;
    }
    batch_.attributions.push_back(event_->attribution);
    return static_cast<uint32_t>(batch_.attributions.size() - 1);
  }
  int64_t time_s() const { return event_->time_ms / 1000 - event_->time_ms / 1000 % 10; }
  void count(std::string_view metric) {
    const signal::SeriesId id = series(metric, signal::MetricType::kCount);
    batch_.points.push_back({.series = id, .time_s = time_s(), .value = 1, .attribution = attribution()});
  }
  void distribution(std::string_view metric, double value) {
    if (!std::isfinite(value)) return;
    signal::SketchPoint point{
        .series = series(metric, signal::MetricType::kDistribution), .time_s = time_s(), .attribution = attribution()};
    point.sketch.insert(value);
    batch_.sketches.push_back(std::move(point));
  }

  // What the span intake found: of the service and model of the session.
  void add_session() {
    std::string kind;
    std::vector<std::string> tags;
    for (const std::string& tag : event_->tags) {
      const auto take = [&](std::string_view prefix, std::string_view key) {
        if (tag.starts_with(prefix)) tags.push_back(std::string(key).append(tag.substr(prefix.size())));
      };
      if (tag.starts_with(kJudgedKind)) kind = tag.substr(kJudgedKind.size());
      take(kJudgedService, "service:");
      take(kJudgedModel, "model:");
      take(kJudgedProvider, "provider:");
      if (tag.starts_with("env:")) tags.push_back(tag);
    }
    tags_ = &tags;
    signal::normalize_tags(tags);
    const std::optional<guard::Engagement> engagement = engagement_of(*event_);
    if (engagement && has_tag_in(tags, "service:")) {
      distribution("llm.response.engagement_score", guard::engagement_score(*engagement));
    }
    if (!kind.empty()) {
      tags.push_back("kind:" + kind);
      signal::normalize_tags(tags);
      count("llm.session.converted");
    }
    tags_ = &own_tags_;
  }
  static bool has_tag_in(const std::vector<std::string>& tags, std::string_view prefix) {
    return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) { return tag.starts_with(prefix); });
  }

  const Event* event_ = nullptr;
  std::vector<std::string> own_tags_;
  const std::vector<std::string>* tags_ = nullptr;
  signal::MetricBatch batch_;
  std::unordered_set<signal::SeriesId> defined_;
};

}  // namespace

std::string_view event_drop_name(EventDrop drop) {
  static constexpr std::array<std::string_view, kEventDropCount> kNames = {"too_old", "too_new", "no_name",
                                                                           "too_many_tags"};
  return kNames[static_cast<size_t>(drop)];
}

EventIntake::EventIntake(EventIntakeConfig config, base::Clock clock) : config_(config), clock_(std::move(clock)) {}

bool EventIntake::drop(EventDrop reason) {
  dropped_[static_cast<size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
  return false;
}

bool EventIntake::timely(int64_t time_s, int64_t now_s) {
  if (time_s < now_s - config_.past_max.count()) return drop(EventDrop::kTooOld);
  if (time_s > now_s + config_.future_max.count()) return drop(EventDrop::kTooNew);
  return true;
}

// Not within a character.
void EventIntake::cut(std::string& text, size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  cut_.fetch_add(1, std::memory_order_relaxed);
}

bool EventIntake::keep_tags(std::vector<std::string>& tags, std::string& host) {
  signal::normalize_tags(tags);
  if (tags.size() > signal::kTagsPerPointMax) return drop(EventDrop::kTooManyTags);
  const auto tag = std::find_if(tags.begin(), tags.end(), [](const std::string& t) { return t.starts_with(kHostTag); });
  if (tag == tags.end()) return true;
  if (host.empty()) host = tag->substr(kHostTag.size());
  tags.erase(tag);
  return true;
}

bool EventIntake::keep_event(Event& event, int64_t now_ms) {
  if (event.time_ms == 0) event.time_ms = now_ms;
  if (!timely(event.time_ms / 1000, now_ms / 1000)) return false;
  if (event.title.empty() && event.text.empty()) return drop(EventDrop::kNoName);
  if (!keep_tags(event.tags, event.host)) return false;
  signal::split_attribution(event.tags, config_.attribution, event.attribution);
  std::erase_if(event.values, [](const auto& entry) { return !std::isfinite(entry.second); });
  cut(event.title, kEventTitleBytesMax);
  cut(event.text, kEventTextBytesMax);
  // Milliseconds and a counter: grows, and stays below 2^53 for a hundred years.
  const uint64_t wanted = static_cast<uint64_t>(now_ms) << 12;
  uint64_t last = last_id_.load();
  uint64_t id = 0;
  do {
    id = std::max(last + 1, wanted);
  } while (!last_id_.compare_exchange_weak(last, id));
  event.id = id;
  return true;
}

bool EventIntake::keep_check(ServiceCheck& check, int64_t now_s) {
  if (check.time_s == 0) check.time_s = now_s;
  if (!timely(check.time_s, now_s)) return false;
  if (check.check.empty()) return drop(EventDrop::kNoName);
  cut(check.check, signal::kMetricNameCharsMax);
  cut(check.message, kEventTextBytesMax);
  return keep_tags(check.tags, check.host);
}

void EventIntake::accept(EventBatch& batch) {
  const int64_t now_ms = base::unix_millis(clock_.wall());
  events_in_.fetch_add(batch.events.size(), std::memory_order_relaxed);
  checks_in_.fetch_add(batch.checks.size(), std::memory_order_relaxed);
  std::erase_if(batch.events, [&](Event& event) { return !keep_event(event, now_ms); });
  std::erase_if(batch.checks, [&](ServiceCheck& check) { return !keep_check(check, now_ms / 1000); });
  out_.fetch_add(batch.events.size() + batch.checks.size(), std::memory_order_relaxed);
}

EventIntakeStats EventIntake::stats() const {
  EventIntakeStats out{.events_in = events_in_, .checks_in = checks_in_, .out = out_, .texts_cut = cut_, .dropped = {}};
  for (size_t i = 0; i < kEventDropCount; ++i) out.dropped[i] = dropped_[i];
  return out;
}

Event event_of(const dogstatsd::EventMessage& message, int64_t received_s) {
  return {.id = 0,
          .time_ms = (message.timestamp_s != 0 ? message.timestamp_s : received_s) * 1000,
          .alert_type = alert_type_of(message.alert_type),
          .low_priority = message.priority == dogstatsd::EventPriority::kLow,
          .title = unescaped(message.title),
          .text = unescaped(message.text),
          .host = std::string(message.host),
          .source = std::string(message.source_type),
          .aggregation_key = std::string(message.aggregation_key),
          .tags = tags_of(message.tags),
          .attribution = {},
          .values = {}};
}

ServiceCheck check_of(const dogstatsd::ServiceCheckMessage& message, int64_t received_s) {
  return {.time_s = message.timestamp_s != 0 ? message.timestamp_s : received_s,
          .status = static_cast<signal::CheckStatus>(message.status),
          .check = std::string(message.name),
          .host = std::string(message.host),
          .message = std::string(message.message),
          .tags = tags_of(message.tags)};
}

signal::MetricBatch derive_event_metrics(const EventBatch& batch) {
  MetricBuilder builder;
  for (const Event& event : batch.events) {
    if (event.source == signal::kProductAnalyticsSource) builder.add(event);
  }
  return builder.take();
}

}  // namespace godseye::pipeline
