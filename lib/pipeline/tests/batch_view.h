#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <godseye/signal/metric.h>

// Reads a batch by name, as tests want to: "metric{tag,tag}[session]".
namespace godseye::pipeline {

class BatchView {
 public:
  explicit BatchView(const signal::MetricBatch& batch) : batch_(batch) {
    for (const signal::SeriesDefinition& series : batch.series) {
      std::string name = series.metric + "{";
      for (size_t i = 0; i < series.tags.size(); ++i) name += (i == 0 ? "" : ",") + series.tags[i];
      names_[series.id] = name + "}";
      definitions_[name + "}"] = &series;
    }
  }

  // The points of `name`, as (time, value); the name ends in "[session]" for attributed ones.
  std::vector<std::pair<int64_t, double>> points(const std::string& name) const {
    std::vector<std::pair<int64_t, double>> out;
    for (const signal::Point& point : batch_.points) {
      if (name_of(point.series, point.attribution) == name) out.emplace_back(point.time_s, point.value);
    }
    return out;
  }
  // The value of the only point of `name`.
  std::optional<double> value(const std::string& name) const {
    const auto all = points(name);
    return all.size() == 1 ? std::optional(all[0].second) : std::nullopt;
  }
  std::vector<signal::Sketch> sketches(const std::string& name) const {
    std::vector<signal::Sketch> out;
    for (const signal::SketchPoint& point : batch_.sketches) {
      if (name_of(point.series, point.attribution) == name) out.push_back(point.sketch);
    }
    return out;
  }
  const signal::SeriesDefinition& definition(const std::string& name) const { return *definitions_.at(name); }

 private:
  std::string name_of(signal::SeriesId series, uint32_t attribution) const {
    std::string name = names_.at(series);
    if (attribution != signal::kNoAttribution) name += "[" + batch_.attributions.at(attribution).values[0] + "]";
    return name;
  }

  const signal::MetricBatch& batch_;
  std::map<signal::SeriesId, std::string> names_;
  std::map<std::string, const signal::SeriesDefinition*> definitions_;
};

}  // namespace godseye::pipeline
