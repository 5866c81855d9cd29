#include "smoothing.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string>

namespace godseye::query {
namespace {

struct Point {
  double x = 0;  // bucket
  double y = 0;
};

std::vector<Point> points_of(const std::vector<double>& values) {
  std::vector<Point> points;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!is_missing(values[i])) points.push_back({.x = static_cast<double>(i), .y = values[i]});
  }
  return points;
}

double median_of(std::vector<double> values) {
  const size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(middle), values.end());
  const double upper = values[middle];
  if (values.size() % 2 == 1) return upper;
  return (*std::max_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(middle)) + upper) / 2;
}

struct Straight {
  double at_zero = 0;
  double slope = 0;
  double at(double x) const { return at_zero + slope * x; }
};

// `weights` as long as `points`. Nothing when all weight is at one x.
std::optional<Straight> least_squares(const std::vector<Point>& points, const std::vector<double>& weights) {
  double w = 0;
  double mean_x = 0;
  double mean_y = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    w += weights[i];
    mean_x += weights[i] * points[i].x;
    mean_y += weights[i] * points[i].y;
  }
  if (w <= 0) return std::nullopt;
  mean_x /= w;
  mean_y /= w;
  double xx = 0;
  double xy = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    xx += weights[i] * (points[i].x - mean_x) * (points[i].x - mean_x);
    xy += weights[i] * (points[i].x - mean_x) * (points[i].y - mean_y);
  }
  if (xx <= 0) return std::nullopt;
  return Straight{.at_zero = mean_y - xy / xx * mean_x, .slope = xy / xx};
}

void draw(std::vector<double>& values, const Straight& line) {
  for (size_t i = 0; i < values.size(); ++i) values[i] = line.at(static_cast<double>(i));
}

// The standard deviation of the differences between neighbours: what smoothing wants to be small.
double roughness(const std::vector<double>& values) {
  if (values.size() < 3) return 0;
  double mean = 0;
  for (size_t i = 1; i < values.size(); ++i) mean += values[i] - values[i - 1];
  mean /= static_cast<double>(values.size() - 1);
  double sum = 0;
  for (size_t i = 1; i < values.size(); ++i) sum += std::pow(values[i] - values[i - 1] - mean, 2);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

// The fourth moment over the squared second: how much the line's outliers stand out.
double kurtosis(const std::vector<double>& values) {
  double mean = 0;
  for (const double v : values) mean += v;
  mean /= static_cast<double>(values.size());
  double second = 0;
  double fourth = 0;
  for (const double v : values) {
    const double d = (v - mean) * (v - mean);
    second += d;
    fourth += d * d;
  }
  if (second <= 0) return 0;
  return fourth * static_cast<double>(values.size()) / (second * second);
}

std::vector<double> moving_average(const std::vector<double>& values, size_t span) {
  std::vector<double> out(values.size());
  long double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    sum += values[i];
    if (i >= span) sum -= values[i - span];
    out[i] = static_cast<double>(sum / static_cast<long double>(std::min(i + 1, span)));
  }
  return out;
}

// Sums of y and y² up to each point: the squared error of any piece around its mean in one step.
class PieceErrors {
 public:
  explicit PieceErrors(const std::vector<Point>& points) : sums_(points.size() + 1), squares_(points.size() + 1) {
    for (size_t i = 0; i < points.size(); ++i) {
      sums_[i + 1] = sums_[i] + points[i].y;
      squares_[i + 1] = squares_[i] + static_cast<long double>(points[i].y) * points[i].y;
    }
  }
  double error(size_t begin, size_t end) const {
    const long double sum = sums_[end] - sums_[begin];
    const long double n = static_cast<long double>(end - begin);
    return static_cast<double>(std::max<long double>(0, squares_[end] - squares_[begin] - sum * sum / n));
  }
  double mean(size_t begin, size_t end) const {
    return static_cast<double>((sums_[end] - sums_[begin]) / static_cast<long double>(end - begin));
  }

 private:
  std::vector<long double> sums_;
  std::vector<long double> squares_;
};

struct Cut {
  size_t at = 0;
  double gain = 0;
};

Cut best_cut(const PieceErrors& errors, size_t begin, size_t end) {
  const double whole = errors.error(begin, end);
  Cut best;
  for (size_t at = begin + 1; at < end; ++at) {
    const double gain = whole - errors.error(begin, at) - errors.error(at, end);
    if (gain > best.gain) best = {.at = at, .gain = gain};
  }
  return best;
}

}  // namespace

void ewma(std::vector<double>& values, size_t span) {
  const double alpha = 2.0 / (static_cast<double>(span) + 1);
  double average = kMissing;
  for (double& v : values) {
    if (is_missing(v)) continue;
    average = is_missing(average) ? v : alpha * v + (1 - alpha) * average;
    v = average;
  }
}

void trailing_median(std::vector<double>& values, size_t span) {
  std::vector<double> last;
  for (double& v : values) {
    if (is_missing(v)) continue;
    last.push_back(v);
    if (last.size() > span) last.erase(last.begin());
    v = median_of(last);
  }
}

void autosmooth(std::vector<double>& values) {
  std::vector<double> present;
  for (const double v : values) {
    if (!is_missing(v)) present.push_back(v);
  }
  if (present.size() < 8) return;
  const double pronounced = kurtosis(present);
  double smoothest = roughness(present);
  std::vector<double> best = present;
  // Spans beyond a tenth of the line would show its average and not its course.
  for (size_t span = 2; span <= std::max<size_t>(2, present.size() / 10); ++span) {
    std::vector<double> smoothed = moving_average(present, span);
    const double rough = roughness(smoothed);
    if (rough < smoothest && kurtosis(smoothed) >= pronounced) {
      smoothest = rough;
      best = std::move(smoothed);
    }
  }
  size_t next = 0;
  for (double& v : values) {
    if (!is_missing(v)) v = best[next++];
  }
}

void trend_line(std::vector<double>& values) {
  const std::vector<Point> points = points_of(values);
  if (const auto line = least_squares(points, std::vector<double>(points.size(), 1.0))) draw(values, *line);
}

void robust_trend(std::vector<double>& values) {
  constexpr double kHuber = 1.345;       // 95 % as good as least squares where there are no outliers
  constexpr double kNormalMad = 1.4826;  // from median absolute deviation to standard deviation
  constexpr int kRounds = 30;
  const std::vector<Point> points = points_of(values);
  std::vector<double> weights(points.size(), 1.0);
  std::optional<Straight> line = least_squares(points, weights);
  if (!line) return;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> deviations;
    deviations.reserve(points.size());
    for (const Point& p : points) deviations.push_back(std::fabs(p.y - line->at(p.x)));
    const double scale = kNormalMad * median_of(deviations);
    if (scale <= 0) break;
    for (size_t i = 0; i < points.size(); ++i) {
      const double limit = kHuber * scale;
      weights[i] = deviations[i] <= limit ? 1 : limit / deviations[i];
    }
    const std::optional<Straight> next = least_squares(points, weights);
    if (!next) break;
    const bool still = std::fabs(next->slope - line->slope) <= 1e-12 * std::fabs(line->slope) &&
                       std::fabs(next->at_zero - line->at_zero) <= 1e-12 * std::fabs(line->at_zero);
    line = next;
    if (still) break;
  }
  draw(values, *line);
}

void piecewise_constant(std::vector<double>& values) {
  constexpr size_t kPiecesMax = 50;
  const std::vector<Point> points = points_of(values);
  if (points.size() < 2) return;
  const PieceErrors errors(points);
  // What the noise alone would give: the differences of neighbours, robust against the jumps that are looked for.
  std::vector<double> steps;
  for (size_t i = 1; i < points.size(); ++i) steps.push_back(std::fabs(points[i].y - points[i - 1].y));
  const double sigma = 1.4826 * median_of(steps) / std::sqrt(2.0);
  const double worth =
      std::max(3 * sigma * sigma * std::log(static_cast<double>(points.size())), 1e-9 * errors.error(0, points.size()));
  std::vector<size_t> bounds = {0, points.size()};
  while (bounds.size() <= kPiecesMax) {
    Cut best;
    for (size_t i = 0; i + 1 < bounds.size(); ++i) {
      const Cut cut = best_cut(errors, bounds[i], bounds[i + 1]);
      if (cut.gain > best.gain) best = cut;
    }
    if (best.gain <= worth) break;
    bounds.insert(std::upper_bound(bounds.begin(), bounds.end(), best.at), best.at);
  }
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    const double level = errors.mean(bounds[i], bounds[i + 1]);
    for (size_t k = bounds[i]; k < bounds[i + 1]; ++k) values[static_cast<size_t>(points[k].x)] = level;
  }
}

bool apply_smoothing(const lang::Expression& call, LineSet& set) {
  const std::string& name = call.name;
  const auto each = [&](auto smooth) {
    for (Line& line : set.lines) smooth(line.values);
    return true;
  };
  const auto span_of = [&](size_t prefix) { return static_cast<size_t>(std::stoul(name.substr(prefix))); };
  if (name.starts_with("ewma_")) return each([&](std::vector<double>& v) { ewma(v, span_of(5)); });
  if (name.starts_with("median_")) return each([&](std::vector<double>& v) { trailing_median(v, span_of(7)); });
  if (name == "autosmooth") return each(autosmooth);
  if (name == "trend_line") return each(trend_line);
  if (name == "robust_trend") return each(robust_trend);
  if (name == "piecewise_constant") return each(piecewise_constant);
  return false;
}

}  // namespace godseye::query
