#include "functions.h"

#include <algorithm>
#include <utility>

// The functions of the language (spec queries.md 2), sorted by name. What of them is evaluated is told by `query`.
namespace godseye::lang {
namespace {

constexpr FunctionSignature kFunctions[] = {
    {"abs", "q"},
    {"anomalies", "qs?nk"},
    {"autosmooth", "q"},
    {"bottom10_area", "q"},
    {"bottom10_l2norm", "q"},
    {"bottom10_last", "q"},
    {"bottom10_max", "q"},
    {"bottom10_mean", "q"},
    {"bottom10_min", "q"},
    {"bottom15_area", "q"},
    {"bottom15_l2norm", "q"},
    {"bottom15_last", "q"},
    {"bottom15_max", "q"},
    {"bottom15_mean", "q"},
    {"bottom15_min", "q"},
    {"bottom20_area", "q"},
    {"bottom20_l2norm", "q"},
    {"bottom20_last", "q"},
    {"bottom20_max", "q"},
    {"bottom20_mean", "q"},
    {"bottom20_min", "q"},
    {"bottom5_area", "q"},
    {"bottom5_l2norm", "q"},
    {"bottom5_last", "q"},
    {"bottom5_max", "q"},
    {"bottom5_mean", "q"},
    {"bottom5_min", "q"},
    {"calendar_shift", "qs?s"},
    {"clamp_max", "qn"},
    {"clamp_min", "qn"},
    {"count_nonzero", "q"},
    {"count_not_null", "q"},
    {"cumsum", "q"},
    {"cutoff_max", "qn"},
    {"cutoff_min", "qn"},
    {"day_before", "q"},
    {"default_zero", "q"},
    {"derivative", "q"},
    {"diff", "q"},
    {"dt", "q"},
    {"ewma_10", "q"},
    {"ewma_20", "q"},
    {"ewma_3", "q"},
    {"ewma_5", "q"},
    {"ewma_7", "q"},
    {"exclude_null", "q"},
    {"forecast", "qs?nk"},
    {"hour_before", "q"},
    {"integral", "q"},
    {"log10", "q"},
    {"log2", "q"},
    {"median_3", "q"},
    {"median_5", "q"},
    {"median_7", "q"},
    {"median_9", "q"},
    {"monotonic_diff", "q"},
    {"month_before", "q"},
    {"moving_rollup", "qn?s"},
    {"outliers", "qs?nnk"},
    {"per_hour", "q"},
    {"per_minute", "q"},
    {"per_second", "q"},
    {"piecewise_constant", "q"},
    {"robust_trend", "q"},
    {"throughput", "q"},
    {"timeshift", "qn"},
    {"top", "qn?ss"},
    {"top10_area", "q"},
    {"top10_l2norm", "q"},
    {"top10_last", "q"},
    {"top10_max", "q"},
    {"top10_mean", "q"},
    {"top10_min", "q"},
    {"top15_area", "q"},
    {"top15_l2norm", "q"},
    {"top15_last", "q"},
    {"top15_max", "q"},
    {"top15_mean", "q"},
    {"top15_min", "q"},
    {"top20_area", "q"},
    {"top20_l2norm", "q"},
    {"top20_last", "q"},
    {"top20_max", "q"},
    {"top20_mean", "q"},
    {"top20_min", "q"},
    {"top5_area", "q"},
    {"top5_l2norm", "q"},
    {"top5_last", "q"},
    {"top5_max", "q"},
    {"top5_mean", "q"},
    {"top5_min", "q"},
    {"top_offset", "qnssn"},
    {"trend_line", "q"},
    {"week_before", "q"},
};
constexpr bool by_name(const FunctionSignature& a, const FunctionSignature& b) { return a.name < b.name; }
static_assert(std::is_sorted(std::begin(kFunctions), std::end(kFunctions), by_name));

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

const FunctionSignature* find_function(std::string_view name) {
  const auto* found = std::lower_bound(std::begin(kFunctions), std::end(kFunctions), name,
                                       [](const FunctionSignature& f, std::string_view n) { return f.name < n; });
  return found != std::end(kFunctions) && found->name == name ? found : nullptr;
}

std::vector<std::string_view> near_functions(std::string_view name) {
  constexpr size_t kNearMax = 3;
  constexpr size_t kNameBytesMax = 40;  // no function is near a longer name, and the distance is quadratic
  std::vector<std::pair<size_t, std::string_view>> near;
  if (name.size() > kNameBytesMax) return {};
  for (const FunctionSignature& function : kFunctions) {
    const size_t distance = edit_distance(name, function.name);
    const size_t allowed = std::max<size_t>(2, function.name.size() / 3);
    const bool prefix = name.size() >= 3 && (function.name.starts_with(name) || name.starts_with(function.name));
    if (distance <= allowed || prefix) near.emplace_back(distance, function.name);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string_view> names;
  for (const auto& [distance, function] : near) {
    if (names.size() < kNearMax) names.push_back(function);
  }
  return names;
}

std::string function_usage(const FunctionSignature& signature) {
  std::string text = std::string(signature.name) + "(";
  bool optional = false;
  bool first = true;
  for (const char kind : signature.parameters) {
    if (kind == '?') {
      optional = true;
      continue;
    }
    const std::string_view word = kind == 'q'   ? "query"
                                  : kind == 'n' ? "number"
                                  : kind == 's' ? "string"
                                                : "name=value";
    text += optional || kind == 'k' ? "[, " : first ? "" : ", ";
    text += word;
    if (optional || kind == 'k') text += "]";
    first = false;
  }
  return text + ")";
}

bool at_keyword_argument(Cursor& cursor) {
  const size_t before = cursor.position();
  const bool found = !cursor.word(false).empty() && cursor.peek() == '=';
  cursor.rewind(before);
  return found;
}

}  // namespace godseye::lang
