#pragma once

#include "aggregation.h"
#include "scope_match.h"
#include "sketch_statistic.h"
#include "space.h"
#include "sql_source.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <godseye/signal/metric.h>

// The semantics of series queries spelled out over a MetricBatch, one definition after the other and without any regard
// for speed: what the SQL must agree with, and a stand-in for the store in tests of everything above it.
namespace godseye::query {

class MemorySource : public SeriesSource {
 public:
  explicit MemorySource(const signal::MetricBatch& batch) : batch_(batch) {
    for (const auto& series : batch.series) series_.emplace(series.id, &series);
  }

  base::Result<LineSet> fetch(const lang::SeriesQuery& asked, const Range& range, Difference difference) override {
    const lang::SeriesQuery query = stored_form(asked);
    LineSet set;
    set.keys = asked.group_by;
    set.buckets = range.buckets;
    set.zero_when_missing = query.count_mode != lang::CountMode::kNone;
    GroupTable table(space_of(query), range.buckets, 1'000'000, 100'000'000);
    const bool of_bins = needs_bins(query.aggregator);
    const Difference of_each = has_sketches(query.metric) ? Difference::kNone : difference;
    base::Status values =
        of_bins && has_sketches(query.metric) ? base::ok() : add_points(query, range, of_each, set, table);
    if (!values) return std::move(values).error();
    base::Status sketches = add_sketches(query, range, table);
    if (!sketches) return std::move(sketches).error();
    set.lines = table.take_lines(set.cut);
    if (of_each == Difference::kNone) set.take_differences(difference);
    return set;
  }

  base::Result<bool> is_distribution(const lang::SeriesQuery& asked, const Range&) override {
    const std::string metric = stored_form(asked).metric;
    return std::none_of(batch_.series.begin(), batch_.series.end(), [&](const auto& s) {
      return s.metric == metric && s.type != signal::MetricType::kDistribution;
    });
  }

 private:
  static Method space_of(const lang::SeriesQuery& query) {
    switch (query.aggregator) {
      case lang::SpaceAggregator::kAvg:
        return Method::kAvg;
      case lang::SpaceAggregator::kMin:
        return Method::kMin;
      case lang::SpaceAggregator::kMax:
        return Method::kMax;
      default:
        return Method::kSum;
    }
  }

  bool has_sketches(const std::string& metric) const {
    return std::any_of(batch_.series.begin(), batch_.series.end(), [&](const auto& s) {
      return s.metric == metric && s.type == signal::MetricType::kDistribution;
    });
  }

  signal::Attribution attribution_of(uint32_t index) const {
    return index == signal::kNoAttribution ? signal::Attribution{} : batch_.attributions[index];
  }

  // Every combination of the values that the keys have.
  static std::vector<std::vector<std::string>> groups_of(const std::vector<std::string>& keys,
                                                         const std::vector<std::string>& tags,
                                                         const signal::Attribution& attribution) {
    std::vector<std::vector<std::string>> groups = {{}};
    for (const std::string& key : keys) {
      std::vector<std::string> values;
      const size_t column = attribution_column(key);
      if (column < signal::kAttributionKeyCount && !attribution.values[column].empty()) {
        values.push_back(attribution.values[column]);
      } else {
        for (const std::string& tag : tags) {
          if (tag.starts_with(key + ":")) values.push_back(tag.substr(key.size() + 1));
        }
      }
      if (values.empty()) values.emplace_back();
      std::vector<std::vector<std::string>> more;
      for (const auto& group : groups) {
        for (const std::string& value : values) {
          more.push_back(group);
          more.back().push_back(value);
        }
      }
      groups = std::move(more);
    }
    return groups;
  }

  static double reduce(const std::vector<double>& values, Method method) {
    double out = values[0];
    for (size_t i = 1; i < values.size(); ++i) {
      out = method == Method::kMin   ? std::min(out, values[i])
            : method == Method::kMax ? std::max(out, values[i])
                                     : out + values[i];
    }
    if (method == Method::kAvg) return out / static_cast<double>(values.size());
    return method == Method::kCount ? static_cast<double>(values.size()) : out;
  }

  static std::optional<size_t> bucket_of(int64_t time_s, const Range& range) {
    if (time_s < range.from_s || time_s >= range.to_s) return std::nullopt;
    return range.buckets.holding(time_s);
  }

  base::Status add_points(const lang::SeriesQuery& query, const Range& range, Difference difference, LineSet& set,
                          GroupTable& table) {
    // Series that interpolate alike are combined together, as each class of series is a statement of its own.
    std::map<std::pair<int, uint32_t>,
             std::map<std::pair<signal::SeriesId, std::array<std::string, 4>>, std::map<size_t, std::vector<double>>>>
        classes;
    for (const signal::Point& point : batch_.points) {
      const signal::SeriesDefinition& series = *series_.at(point.series);
      if (series.metric != query.metric) continue;
      const signal::Attribution attribution = attribution_of(point.attribution);
      const auto bucket = bucket_of(point.time_s, range);
      if (!bucket || !scope_matches(query.scope, series.tags, attribution)) continue;
      const auto aggregation =
          aggregation_of(query, {.type = series.type, .interval_s = series.interval_s}, range.buckets);
      const bool one = difference != Difference::kNone && aggregation && owners_are_one(query, *aggregation);
      classes[{static_cast<int>(series.type), series.interval_s}]
             [{series.id, one ? signal::Attribution{}.values : attribution.values}][*bucket]
                 .push_back(point.value);
    }
    for (const signal::SeriesDefinition& series : batch_.series) {
      if (series.metric != query.metric || series.type == signal::MetricType::kDistribution) continue;
      auto aggregation = aggregation_of(query, {.type = series.type, .interval_s = series.interval_s}, range.buckets);
      if (!aggregation) return std::move(aggregation).error();
      set.gap_fill = interpolation_of(query, series.type);
    }
    for (const auto& [kind, members] : classes) {
      const SeriesClass series_class{.type = static_cast<signal::MetricType>(kind.first), .interval_s = kind.second};
      auto aggregation = aggregation_of(query, series_class, range.buckets);
      std::vector<SeriesCells> cells;
      for (const auto& [identity, buckets] : members) {
        SeriesCells one{.groups = groups_of(query.group_by, series_.at(identity.first)->tags, {identity.second}),
                        .values = std::vector<double>(range.buckets.count, kMissing)};
        for (const auto& [bucket, values] : buckets)
          one.values[bucket] = aggregation->finished(reduce(values, aggregation->time), values.size(), range, bucket);
        cells.push_back(std::move(one));
      }
      combine_cells(cells, interpolation_of(query, series_class.type), query.fill.has_value(), difference,
                    range.buckets, table);
    }
    return base::ok();
  }

  base::Status add_sketches(const lang::SeriesQuery& query, const Range& range, GroupTable& table) {
    auto scale = distribution_scale(query, range.buckets);
    std::map<std::pair<std::vector<std::string>, size_t>, signal::Sketch> merged;
    for (const signal::SketchPoint& point : batch_.sketches) {
      const signal::SeriesDefinition& series = *series_.at(point.series);
      if (series.metric != query.metric) continue;
      if (!scale) return std::move(scale).error();
      const signal::Attribution attribution = attribution_of(point.attribution);
      const auto bucket = bucket_of(point.time_s, range);
      if (!bucket || !scope_matches(query.scope, series.tags, attribution)) continue;
      for (const auto& group : groups_of(query.group_by, series.tags, attribution))
        merged[{group, *bucket}].merge(point.sketch);
    }
    for (const auto& [key, sketch] : merged) {
      const auto count = static_cast<double>(sketch.count());
      double value = sketch.sum();
      if (query.aggregator == lang::SpaceAggregator::kMin) value = sketch.min();
      if (query.aggregator == lang::SpaceAggregator::kMax) value = sketch.max();
      if (query.aggregator == lang::SpaceAggregator::kCount) value = count;
      if (needs_bins(query.aggregator)) value = sketch_statistic(query, sketch);
      table.add(key.first, range.buckets.time(key.second), value * scale->of(range.buckets, key.second), count);
    }
    return base::ok();
  }

  const signal::MetricBatch& batch_;
  std::unordered_map<signal::SeriesId, const signal::SeriesDefinition*> series_;
};

}  // namespace godseye::query
