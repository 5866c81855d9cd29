#include "json.h"

#include <charconv>
#include <cmath>

#include <godseye/ddapi/series.h>

namespace godseye::ddapi {
namespace {

using base::Result;
using base::Status;

constexpr size_t kDepthMax = 8;

std::string at(std::string_view path, size_t index) { return std::string(path) + "[" + std::to_string(index) + "]"; }

std::optional<double> as_number(const json::value& value) {
  if (value.is_double()) return value.get_double();
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  return std::nullopt;
}

// Old clients send times as text or with a fraction.
std::optional<int64_t> as_time(const json::value& value) {
  std::optional<double> number = as_number(value);
  if (value.is_string()) {
    const json::string& text = value.get_string();
    double parsed = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (code == std::errc() && end == text.data() + text.size()) number = parsed;
  }
  if (!number || !std::isfinite(*number) || std::abs(*number) > 1e12) return std::nullopt;
  return static_cast<int64_t>(std::floor(*number));
}

class PointBudget {
 public:
  Status spend(size_t points) {
    if (points > left_)
      return base::Error(base::ErrorCode::kTooLarge, "more than " + std::to_string(kIntakePointsMax) + " points");
    left_ -= points;
    return base::ok();
  }

 private:
  size_t left_ = kIntakePointsMax;
};

Result<json::array> take_array(FieldReader& reader, std::string_view name) {
  std::optional<json::value> value = reader.take(name);
  if (!value || !value->is_array()) return expected(reader.path_of(name), "an array");
  return std::move(value->get_array());
}

Result<signal::MetricType> type_v1(const std::string& name, const std::string& path) {
  if (name.empty() || name == "gauge") return signal::MetricType::kGauge;
  if (name == "count" || name == "counter") return signal::MetricType::kCount;
  if (name == "rate") return signal::MetricType::kRate;
  return expected(path, "gauge, count or rate");
}

// One element of `series` in v1: the callback reads its points.
template <typename Element, typename ReadPoint>
Result<Element> read_v1(json::value& value, const std::string& path, PointBudget& budget, ReadPoint read_point) {
  if (!value.is_object()) return expected(path, "an object");
  FieldReader reader(std::move(value.get_object()), path);
  Element out;
  reader.text("metric", out.metric);
  reader.text("host", out.host);
  reader.texts("tags", out.tags);
  std::string device, type;
  std::optional<int64_t> interval;
  reader.text("device", device);
  reader.text("type", type);
  reader.integer("interval", interval);
  if (!reader.status()) return reader.status().error();
  if (out.metric.empty()) return expected(reader.path_of("metric"), "a name");
  if (!device.empty()) out.tags.push_back("device:" + device);
  if constexpr (requires { out.interval_s; }) {
    Result<signal::MetricType> known = type_v1(type, reader.path_of("type"));
    if (!known) return std::move(known).error();
    out.type = *known;
    if (interval && (*interval < 0 || *interval > 86'400)) return expected(reader.path_of("interval"), "0 to 86400 s");
    out.interval_s = static_cast<uint32_t>(interval.value_or(0));
  }
  Result<json::array> points = take_array(reader, "points");
  if (!points) return std::move(points).error();
  if (Status status = budget.spend(points->size()); !status) return std::move(status).error();
  for (size_t i = 0; i < points->size(); ++i) {
    Status read = read_point(out, (*points)[i], at(reader.path_of("points"), i), budget);
    if (!read) return std::move(read).error();
  }
  return out;
}

Status read_value_point(IntakeSeries& out, const json::value& value, const std::string& path, PointBudget&) {
  if (value.is_array() && value.get_array().size() == 2) {
    const std::optional<int64_t> time = as_time(value.get_array()[0]);
    // Old clients send [time, [value]].
    const json::value& second = value.get_array()[1];
    const bool wrapped = second.is_array() && second.get_array().size() == 1;
    const std::optional<double> number = as_number(wrapped ? second.get_array()[0] : second);
    if (time && number) {
      out.points.push_back({*time, *number});
      return base::ok();
    }
  }
  return expected(path, "[timestamp, value]");
}

Status read_distribution_point(IntakeDistribution& out, const json::value& value, const std::string& path,
                               PointBudget& budget) {
  if (!value.is_array() || value.get_array().size() != 2 || !value.get_array()[1].is_array())
    return expected(path, "[timestamp, [value, …]]");
  const std::optional<int64_t> time = as_time(value.get_array()[0]);
  if (!time) return expected(path + "[0]", "a timestamp in seconds");
  const json::array& values = value.get_array()[1].get_array();
  if (Status status = budget.spend(values.size()); !status) return status;
  TimedSketch point{.time_s = *time, .sketch = {}};
  for (size_t i = 0; i < values.size(); ++i) {
    const std::optional<double> number = as_number(values[i]);
    if (!number || !std::isfinite(*number)) return expected(at(path + "[1]", i), "a number");
    point.sketch.insert(*number);
  }
  if (!point.sketch.empty()) out.points.push_back(std::move(point));
  return base::ok();
}

template <typename Element, typename ReadPoint>
Result<std::vector<Element>> read_all_v1(std::string_view body, ReadPoint read_point) {
  Result<json::object> object = parse_object(body, kIntakeBytesMax, kDepthMax);
  if (!object) return std::move(object).error();
  FieldReader reader(*std::move(object), "");
  Result<json::array> series = take_array(reader, "series");
  if (!series) return std::move(series).error();
  std::vector<Element> out;
  PointBudget budget;
  for (size_t i = 0; i < series->size(); ++i) {
    Result<Element> one = read_v1<Element>((*series)[i], at("series", i), budget, read_point);
    if (!one) return std::move(one).error();
    out.push_back(*std::move(one));
  }
  return out;
}

Status read_resources(IntakeSeries& out, FieldReader& reader) {
  std::optional<json::value> resources = reader.take("resources");
  if (!resources) return base::ok();
  if (!resources->is_array()) return expected(reader.path_of("resources"), "an array");
  for (size_t i = 0; i < resources->get_array().size(); ++i) {
    json::value& value = resources->get_array()[i];
    const std::string path = at(reader.path_of("resources"), i);
    if (!value.is_object()) return expected(path, "an object");
    FieldReader resource(std::move(value.get_object()), path);
    std::string type, name;
    resource.text("type", type);
    resource.text("name", name);
    if (!resource.status()) return resource.status();
    if (type == "host") out.host = name;
    if (type == "device") out.tags.push_back("device:" + name);
  }
  return base::ok();
}

Status read_points_v2(IntakeSeries& out, FieldReader& reader, PointBudget& budget) {
  Result<json::array> points = take_array(reader, "points");
  if (!points) return std::move(points).error();
  if (Status status = budget.spend(points->size()); !status) return status;
  for (size_t i = 0; i < points->size(); ++i) {
    const std::string path = at(reader.path_of("points"), i);
    const json::object* point = (*points)[i].if_object();
    const json::value* time = point == nullptr ? nullptr : point->if_contains("timestamp");
    const json::value* value = point == nullptr ? nullptr : point->if_contains("value");
    const std::optional<int64_t> time_s = time == nullptr ? std::nullopt : as_time(*time);
    const std::optional<double> number = value == nullptr ? std::nullopt : as_number(*value);
    if (!time_s || !number) return expected(path, "{timestamp, value}, both numbers");
    out.points.push_back({*time_s, *number});
  }
  return base::ok();
}

Result<IntakeSeries> read_v2(json::value& value, const std::string& path, PointBudget& budget) {
  if (!value.is_object()) return expected(path, "an object");
  FieldReader reader(std::move(value.get_object()), path);
  IntakeSeries out;
  std::optional<int64_t> type, interval;
  reader.text("metric", out.metric);
  reader.texts("tags", out.tags);
  reader.integer("type", type);
  reader.integer("interval", interval);
  if (!reader.status()) return reader.status().error();
  if (out.metric.empty()) return expected(reader.path_of("metric"), "a name");
  if (type && (*type < 0 || *type > 3)) return expected(reader.path_of("type"), "0 to 3");
  if (interval && (*interval < 0 || *interval > 86'400)) return expected(reader.path_of("interval"), "0 to 86400 s");
  out.type = type.value_or(0) == 0 ? signal::MetricType::kGauge : static_cast<signal::MetricType>(*type);
  out.interval_s = static_cast<uint32_t>(interval.value_or(0));
  if (Status status = read_resources(out, reader); !status) return std::move(status).error();
  if (Status status = read_points_v2(out, reader, budget); !status) return std::move(status).error();
  return out;
}

}  // namespace

Result<MetricPayload> decode_series_v1(std::string_view body) {
  Result<std::vector<IntakeSeries>> series = read_all_v1<IntakeSeries>(body, read_value_point);
  if (!series) return std::move(series).error();
  return MetricPayload{.series = *std::move(series), .distributions = {}};
}

Result<MetricPayload> decode_distribution_points(std::string_view body) {
  Result<std::vector<IntakeDistribution>> all = read_all_v1<IntakeDistribution>(body, read_distribution_point);
  if (!all) return std::move(all).error();
  return MetricPayload{.series = {}, .distributions = *std::move(all)};
}

Result<MetricPayload> decode_series_v2(std::string_view body) {
  Result<json::object> object = parse_object(body, kIntakeBytesMax, kDepthMax);
  if (!object) return std::move(object).error();
  FieldReader reader(*std::move(object), "");
  Result<json::array> series = take_array(reader, "series");
  if (!series) return std::move(series).error();
  MetricPayload out;
  PointBudget budget;
  for (size_t i = 0; i < series->size(); ++i) {
    Result<IntakeSeries> one = read_v2((*series)[i], at("series", i), budget);
    if (!one) return std::move(one).error();
    out.series.push_back(*std::move(one));
  }
  return out;
}

}  // namespace godseye::ddapi
