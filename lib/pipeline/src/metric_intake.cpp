#include <cmath>
#include <optional>
#include <unordered_set>

#include <godseye/pipeline/metric_intake.h>

namespace godseye::pipeline {

using signal::MetricType;

std::string_view intake_drop_name(IntakeDrop drop) {
  static constexpr std::array<std::string_view, kIntakeDropCount> kNames = {"too_old", "too_new", "not_finite",
                                                                            "no_name", "too_many_tags"};
  return kNames[static_cast<size_t>(drop)];
}

// One payload on its way into one batch.
class MetricIntake::Builder {
 public:
  Builder(MetricIntake& intake, int64_t now_s)
      : intake_(intake),
        oldest_s_(now_s - intake.config_.past_max.count()),
        newest_s_(now_s + intake.config_.future_max.count()) {}

  void add(const ddapi::IntakeSeries& series) {
    intake_.points_in_ += series.points.size();
    const std::optional<Place> place = locate(series, series.type, series.interval_s);
    for (const ddapi::TimedValue& point : series.points) {
      if (!place || !accept(point.time_s, std::isfinite(point.value))) continue;
      batch_.points.push_back({place->series, point.time_s, point.value, place->attribution});
    }
    if (place) define(*place);
  }

  void add(const ddapi::IntakeDistribution& distribution) {
    intake_.points_in_ += distribution.points.size();
    const std::optional<Place> place = locate(distribution, MetricType::kDistribution, 0);
    for (const ddapi::TimedSketch& point : distribution.points) {
      if (!place || !accept(point.time_s, std::isfinite(point.sketch.sum()))) continue;
      batch_.sketches.push_back({place->series, point.time_s, place->attribution, point.sketch});
    }
    if (place) define(*place);
  }

  signal::MetricBatch take() {
    intake_.points_out_ += batch_.points.size() + batch_.sketches.size();
    return std::move(batch_);
  }

 private:
  struct Place {
    signal::SeriesId series = 0;
    uint32_t attribution = signal::kNoAttribution;
  };

  void drop(IntakeDrop reason, uint64_t count = 1) { intake_.dropped_[static_cast<size_t>(reason)] += count; }

  bool accept(int64_t time_s, bool finite) {
    if (!finite) return drop(IntakeDrop::kNotFinite), false;
    if (time_s < oldest_s_) return drop(IntakeDrop::kTooOld), false;
    if (time_s > newest_s_) return drop(IntakeDrop::kTooNew), false;
    return true;
  }

  // Where the points of `source` go; nothing, and the points counted, when it cannot be named.
  template <typename Source>
  std::optional<Place> locate(const Source& source, MetricType type, uint32_t interval_s) {
    std::string buffer;
    definition_ = {.id = 0,
                   .metric = std::string(signal::normalize_metric_name(source.metric, buffer)),
                   .type = type,
                   .interval_s = interval_s,
                   .tags = source.tags};
    if (definition_.metric.empty()) return drop(IntakeDrop::kNoName, source.points.size()), std::nullopt;
    if (!source.host.empty()) definition_.tags.push_back("host:" + source.host);
    signal::normalize_tags(definition_.tags);
    if (definition_.tags.size() > signal::kTagsPerPointMax)
      return drop(IntakeDrop::kTooManyTags, source.points.size()), std::nullopt;
    signal::apply_alias(definition_.metric, definition_.tags);
    Place place;
    signal::Attribution attribution;
    if (signal::split_attribution(definition_.tags, intake_.config_.attribution, attribution)) {
      place.attribution = static_cast<uint32_t>(batch_.attributions.size());
      batch_.attributions.push_back(std::move(attribution));
    }
    definition_.id = place.series = signal::series_id(definition_.metric, type, definition_.tags);
    return place;
  }

  // Defines the series, unless every one of its points was dropped.
  void define(const Place& place) {
    const bool used = (!batch_.points.empty() && batch_.points.back().series == place.series) ||
                      (!batch_.sketches.empty() && batch_.sketches.back().series == place.series);
    if (used && defined_.insert(place.series).second) batch_.series.push_back(std::move(definition_));
  }

  MetricIntake& intake_;
  const int64_t oldest_s_;
  const int64_t newest_s_;
  signal::MetricBatch batch_;
  signal::SeriesDefinition definition_;
  std::unordered_set<signal::SeriesId> defined_;
};

MetricIntake::MetricIntake(MetricIntakeConfig config, base::Clock clock) : config_(config), clock_(std::move(clock)) {}

signal::MetricBatch MetricIntake::convert(const ddapi::MetricPayload& payload) {
  Builder builder(*this, base::unix_seconds(clock_.wall()));
  for (const ddapi::IntakeSeries& series : payload.series) builder.add(series);
  for (const ddapi::IntakeDistribution& distribution : payload.distributions) builder.add(distribution);
  return builder.take();
}

MetricIntakeStats MetricIntake::stats() const {
  MetricIntakeStats out{.points_in = points_in_, .points_out = points_out_, .dropped = {}};
  for (size_t i = 0; i < kIntakeDropCount; ++i) out.dropped[i] = dropped_[i];
  return out;
}

}  // namespace godseye::pipeline
