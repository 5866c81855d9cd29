#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include <godseye/base/random.h>
#include <godseye/guard/evaluate.h>

namespace godseye::guard {

namespace {

template <typename Measure>
Interval bootstrap(const std::vector<LabelledScore>& rows, int rounds, uint64_t seed, Measure measure) {
  if (rows.empty() || rounds <= 0) return {0, 1};
  base::Random random(seed);
  std::vector<double> values;
  std::vector<LabelledScore> sample(rows.size());
  for (int round = 0; round < rounds; ++round) {
    for (LabelledScore& row : sample) row = rows[random.below(rows.size())];
    values.push_back(measure(sample));
  }
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
  };
  return {at(0.025), at(0.975)};
}

void append_number(std::string& out, const char* format, double value) {
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, format, value);
  out += buffer;
}

}  // namespace

double auroc(std::vector<LabelledScore> rows) {
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.score < b.score; });
  double attacks = 0;
  double rank_sum = 0;
  for (size_t i = 0; i < rows.size();) {
    size_t end = i;
    double tied = 0;
    for (; end < rows.size() && rows[end].score == rows[i].score; ++end) tied += rows[end].attack;
    const double rank = (static_cast<double>(i) + static_cast<double>(end) + 1) / 2;
    rank_sum += rank * tied;
    attacks += tied;
    i = end;
  }
  const double harmless = static_cast<double>(rows.size()) - attacks;
  if (attacks == 0 || harmless == 0) return 0.5;
  return (rank_sum - attacks * (attacks + 1) / 2) / (attacks * harmless);
}

double threshold_at(const std::vector<LabelledScore>& rows, double rate) {
  std::vector<double> harmless;
  for (const LabelledScore& row : rows) {
    if (!row.attack) harmless.push_back(row.score);
  }
  if (harmless.empty()) return std::numeric_limits<double>::infinity();
  std::sort(harmless.begin(), harmless.end(), std::greater<>());
  const auto allowed = static_cast<size_t>(rate * static_cast<double>(harmless.size()));
  return allowed >= harmless.size() ? -std::numeric_limits<double>::infinity() : harmless[allowed];
}

double share_above(const std::vector<LabelledScore>& rows, double threshold, bool attack) {
  size_t count = 0;
  size_t above = 0;
  for (const LabelledScore& row : rows) {
    if (row.attack != attack) continue;
    ++count;
    above += row.score > threshold;
  }
  return count == 0 ? 0 : static_cast<double>(above) / static_cast<double>(count);
}

Interval wilson(size_t hits, size_t count) {
  if (count == 0) return {0, 1};
  const double z = 1.959964;
  const double n = static_cast<double>(count);
  const double p = static_cast<double>(hits) / n;
  const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Interval bootstrap_auroc(const std::vector<LabelledScore>& rows, int rounds, uint64_t seed) {
  return bootstrap(rows, rounds, seed, [](const auto& sample) { return auroc(sample); });
}

Interval bootstrap_recall(const std::vector<LabelledScore>& rows, double rate, int rounds, uint64_t seed) {
  return bootstrap(rows, rounds, seed,
                   [rate](const auto& sample) { return share_above(sample, threshold_at(sample, rate), true); });
}

std::string roc_svg(std::vector<LabelledScore> rows, std::string_view title) {
  constexpr double kLeft = 60, kTop = 40, kWidth = 480, kHeight = 360, kDecades = 3;
  const double area = auroc(rows);
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  double attacks = 0;
  for (const LabelledScore& row : rows) attacks += row.attack;
  const double harmless = static_cast<double>(rows.size()) - attacks;
  const auto x_of = [](double rate) {
    return kLeft + kWidth * std::clamp((std::log10(std::max(rate, 1e-9)) + kDecades) / kDecades, 0.0, 1.0);
  };
  std::string out =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 580 460\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n";
  out += "<rect width=\"580\" height=\"460\" fill=\"#fff\"/>\n<text x=\"60\" y=\"24\" font-size=\"14\">";
  for (const char c : title) {
    if (c == '<' || c == '>' || c == '&') {
      out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;";
    } else {
      out += c;
    }
  }
  append_number(out, " (AUROC %.4f)</text>\n", area);
  for (int i = 0; i <= 10; i += 2) {
    const double y = kTop + kHeight * (1 - i / 10.0);
    append_number(out, "<path d=\"M60 %.1fH540\" stroke=\"#ddd\"/>", y);
    append_number(out, "<text x=\"52\" y=\"%.1f\" text-anchor=\"end\">", y + 4);
    append_number(out, "%.1f</text>\n", i / 10.0);
  }
  for (const double rate : {0.001, 0.01, 0.1, 1.0}) {
    append_number(out, "<path d=\"M%.1f 40V400\" stroke=\"#ddd\"/>", x_of(rate));
    append_number(out, "<text x=\"%.1f\" y=\"418\" text-anchor=\"middle\">", x_of(rate));
    append_number(out, "%g</text>\n", rate);
  }
  out += "<text x=\"300\" y=\"442\" text-anchor=\"middle\">false-positive rate</text>\n";
  out += "<text x=\"16\" y=\"220\" transform=\"rotate(-90 16 220)\" text-anchor=\"middle\">recall</text>\n";
  out += "<polyline fill=\"none\" stroke=\"#0a58ca\" stroke-width=\"2\" points=\"";
  double hits = 0;
  double alarms = 0;
  double last_x = -1;
  double last_y = -1;
  for (size_t i = 0; i < rows.size();) {
    const double score = rows[i].score;
    for (; i < rows.size() && rows[i].score == score; ++i) (rows[i].attack ? hits : alarms) += 1;
    const double x = x_of(harmless > 0 ? alarms / harmless : 0);
    const double y = kTop + kHeight * (1 - (attacks > 0 ? hits / attacks : 0));
    if (std::abs(x - last_x) + std::abs(y - last_y) < 0.5 && i < rows.size()) continue;
    append_number(out, "%.1f,", x);
    append_number(out, "%.1f ", y);
    last_x = x;
    last_y = y;
  }
  out += "\"/>\n</svg>\n";
  return out;
}

}  // namespace godseye::guard
