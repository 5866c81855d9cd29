#include "recent_source.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace godseye::query {
namespace {

constexpr std::chrono::milliseconds kLoadTimeout{5'000};
// Series are registered on each day they are seen (series_sql.cpp).
constexpr int64_t kRegistrationMarginS = 86400;
constexpr uint64_t kRowBytes = 64;
constexpr uint64_t kSketchRowBytes = 256;

base::Error too_large() { return {base::ErrorCode::kTooLarge, "more points than fit into memory"}; }

class Load {
 public:
  Load(store::Engine& engine, const std::string& metric, int64_t from_s, int64_t until_s, uint64_t bytes_max)
      : engine_(engine), bytes_max_(bytes_max), window_(std::make_unique<RecentWindow>(std::max<int64_t>(0, from_s))) {
    options_.parameters = {{"metric", metric},
                           {"from", std::to_string(std::max<int64_t>(0, from_s))},
                           {"until", std::to_string(until_s == 0 ? UINT32_MAX : until_s)},
                           {"day", std::to_string(std::max<int64_t>(0, from_s - kRegistrationMarginS))}};
    options_.timeout = kLoadTimeout;
  }

  base::Result<std::unique_ptr<RecentWindow>> run() {
    if (base::Status read = read_series(); !read) return read.error();
    if (series_.empty()) return std::move(window_);
    if (base::Status read = read_points(); !read) return read.error();
    if (base::Status read = read_sketches(); !read) return read.error();
    if (window_->bytes() > bytes_max_) return too_large();
    return std::move(window_);
  }

 private:
  base::Status read_series() {
    auto rows = engine_.select(
        "SELECT series_id, toUInt64(type), toUInt64(interval_s), CAST(any(tags), 'Array(String)') FROM series "
        "WHERE metric = {metric:String} AND day >= toDate(toDateTime({day:UInt32}, 'UTC'), 'UTC') "
        "GROUP BY series_id, type, interval_s ORDER BY series_id, interval_s LIMIT " +
            limit(kRowBytes),
        options_);
    if (!rows) return std::move(rows).error();
    if (rows->row_count() > bytes_max_ / kRowBytes) return too_large();
    for (size_t i = 0; i < rows->row_count(); ++i) {
      signal::SeriesDefinition series{.id = rows->column(0).u64(i),
                                      .metric = {},
                                      .type = static_cast<signal::MetricType>(rows->column(1).u64(i)),
                                      .interval_s = static_cast<uint32_t>(rows->column(2).u64(i)),
                                      .tags = {}};
      window_->know_class(series.type, series.interval_s);
      const auto items = rows->column(3).items(i);
      for (size_t t = items.begin; t < items.end; ++t) {
        series.tags.emplace_back(rows->column(3).elements().text(t));
      }
      series_.emplace(series.id, std::move(series));
    }
    return base::ok();
  }

  base::Status read_points() {
    auto rows = engine_.select(
        "SELECT " + identity() + ", value FROM points WHERE " + where() + " LIMIT " + limit(kRowBytes), options_);
    if (!rows) return std::move(rows).error();
    if (rows->row_count() > bytes_max_ / kRowBytes) return too_large();
    for (size_t i = 0; i < rows->row_count(); ++i) {
      const std::optional<uint32_t> series = series_of(*rows, i);
      if (!series) continue;
      window_->add(*series, attribution_of(*rows, i), time_of(*rows, i), rows->column(6).f64(i));
    }
    return base::ok();
  }

  base::Status read_sketches() {
    auto rows = engine_.select("SELECT " + identity() + ", count, sum, min, max, keys, counts FROM sketches WHERE " +
                                   where() + " LIMIT " + limit(kSketchRowBytes),
                               options_);
    if (!rows) return std::move(rows).error();
    if (rows->row_count() > bytes_max_ / kSketchRowBytes) return too_large();
    for (size_t i = 0; i < rows->row_count(); ++i) {
      const std::optional<uint32_t> series = series_of(*rows, i);
      if (!series) continue;
      std::vector<signal::SketchBin> bins;
      const auto keys = rows->column(10).items(i);
      const auto counts = rows->column(11).items(i);
      bins.reserve(keys.size());
      for (size_t b = 0; b < std::min(keys.size(), counts.size()); ++b) {
        bins.push_back({.key = static_cast<int16_t>(rows->column(10).elements().i64(keys.begin + b)),
                        .count = static_cast<uint32_t>(rows->column(11).elements().u64(counts.begin + b))});
      }
      window_->add(*series, attribution_of(*rows, i), time_of(*rows, i),
                   signal::Sketch(std::move(bins), rows->column(6).u64(i), rows->column(8).f64(i),
                                  rows->column(9).f64(i), rows->column(7).f64(i)));
    }
    return base::ok();
  }

  static std::string identity() {
    return "series_id, toUInt64(toUnixTimestamp(time)), session_id, user_id, trace_id, prompt_id";
  }
  static std::string where() {
    return "metric = {metric:String} AND time >= toDateTime({from:UInt32}, 'UTC') AND "
           "time < toDateTime({until:UInt32}, 'UTC')";
  }
  std::string limit(uint64_t row_bytes) const { return std::to_string(bytes_max_ / row_bytes + 1); }

  // Nothing for a series that was registered after the list was read: its points come with their segment.
  std::optional<uint32_t> series_of(const store::Rows& rows, size_t row) {
    const uint64_t id = rows.column(0).u64(row);
    const auto known = numbers_.find(id);
    if (known != numbers_.end()) return known->second;
    const auto found = series_.find(id);
    if (found == series_.end()) return std::nullopt;
    return numbers_.emplace(id, window_->add_series(found->second)).first->second;
  }
  static int64_t time_of(const store::Rows& rows, size_t row) { return static_cast<int64_t>(rows.column(1).u64(row)); }
  uint32_t attribution_of(const store::Rows& rows, size_t row) {
    signal::Attribution attribution;
    bool nobody = true;
    for (size_t k = 0; k < signal::kAttributionKeyCount; ++k) {
      const std::string_view text = rows.column(2 + k).text(row);
      if (text.empty()) continue;
      attribution.values[k] = text;
      nobody = false;
    }
    // Most points belong to nobody, and there are hundreds of thousands.
    if (!nobody) return window_->add_attribution(attribution);
    if (!nobody_) nobody_ = window_->add_attribution(attribution);
    return *nobody_;
  }

  store::Engine& engine_;
  uint64_t bytes_max_;
  store::QueryOptions options_;
  std::unique_ptr<RecentWindow> window_;
  std::unordered_map<signal::SeriesId, signal::SeriesDefinition> series_;
  std::unordered_map<signal::SeriesId, uint32_t> numbers_;
  std::optional<uint32_t> nobody_;
};

}  // namespace

base::Result<std::unique_ptr<RecentWindow>> load_window(store::Engine& engine, const std::string& metric,
                                                        int64_t from_s, int64_t until_s, uint64_t bytes_max) {
  return Load(engine, metric, from_s, until_s, bytes_max).run();
}

}  // namespace godseye::query
