#include "case_check.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

namespace godseye::test {
namespace {

// The sketch's bins are a factor 1.015625 apart.
constexpr double kSketchError = 0.016;
constexpr double kRounding = 1e-9;

using Values = std::map<int64_t, std::optional<double>>;

std::string group_text(const query::Group& group) {
  std::string text;
  for (const query::GroupTag& tag : group) text += (text.empty() ? "" : ",") + tag.key + ":" + tag.value;
  return text.empty() ? "*" : text;
}

std::string value_text(const std::optional<double>& value) { return value ? std::to_string(*value) : "missing"; }

bool same(const std::optional<double>& expected, const std::optional<double>& found, bool approximate) {
  if (!expected || !found) return !expected && !found;
  const double allowed = approximate ? kSketchError : kRounding;
  return std::fabs(*expected - *found) <= allowed * std::max(1.0, std::fabs(*expected));
}

std::vector<std::string> compare(const QueryCase& c, const std::map<std::string, Values>& found, int64_t base_s) {
  std::vector<std::string> differences;
  for (const ExpectedSeries& expected : c.expected) {
    const auto series = found.find(expected.group);
    if (series == found.end()) {
      differences.push_back("no series " + expected.group);
      continue;
    }
    Values rest = series->second;
    for (const ExpectedValue& value : expected.values) {
      const auto at = rest.find(value.time_s);
      const std::optional<double> got = at == rest.end() ? std::nullopt : at->second;
      if (!same(value.value, got, value.approximate)) {
        differences.push_back(expected.group + " at " + std::to_string(value.time_s == 0 ? 0 : value.time_s - base_s) +
                              ": expected " + value_text(value.value) + ", found " + value_text(got));
      }
      if (at != rest.end()) rest.erase(at);
    }
    for (const auto& [time_s, value] : rest) {
      if (value)
        differences.push_back(expected.group + " at " + std::to_string(time_s - base_s) + ": unexpected " +
                              value_text(value));
    }
  }
  for (const auto& [group, values] : found) {
    const bool known =
        std::any_of(c.expected.begin(), c.expected.end(), [&](const auto& e) { return e.group == group; });
    if (!known) differences.push_back("unexpected series " + group);
  }
  return differences;
}

std::vector<std::string> check_error(const QueryCase& c, const base::Error& error) {
  if (!c.expected_error) return {"failed: " + error.message()};
  const uint32_t column = lang::error_column(error.message()).value_or(0);
  if (column != c.expected_error->first)
    return {"expected an error in column " + std::to_string(c.expected_error->first) + ", found: " + error.message()};
  if (error.message().find(c.expected_error->second) == std::string::npos) {
    return {"expected an error with '" + c.expected_error->second + "', found: " + error.message()};
  }
  return {};
}

std::vector<std::string> check_window(const QueryCase& c, const Answers& answers, int64_t base_s) {
  auto query = lang::parse_monitor_query(c.text);
  if (!query) return check_error(c, query.error());
  auto result = answers.window(*query, c.to_s);
  if (!result) return check_error(c, result.error());
  if (c.expected_error) return {"expected an error, found values"};
  std::map<std::string, Values> found;
  for (const query::GroupValue& value : *result) found[group_text(value.group)][0] = value.value;
  return compare(c, found, base_s);
}

}  // namespace

std::vector<std::string> check(const QueryCase& c, const Answers& answers, int64_t base_s) {
  if (c.kind == CaseKind::kWindow) return check_window(c, answers, base_s);
  base::Result<query::TimeseriesResult> result = query::TimeseriesResult{};
  if (c.kind == CaseKind::kQuery) {
    result = answers.timeseries({.query = c.text, .from_s = c.from_s, .to_s = c.to_s, .interval_s = c.interval_s});
  } else {
    query::FormulaRequest request{.queries = {},
                                  .formulas = {{.text = c.text, .limit = {}, .ascending = false}},
                                  .from_s = c.from_s,
                                  .to_s = c.to_s,
                                  .interval_s = c.interval_s};
    for (const auto& [name, text] : c.queries) request.queries.push_back({.name = name, .text = text});
    result = answers.formula(request);
  }
  if (!result) return check_error(c, result.error());
  if (c.expected_error) return {"expected an error, found series"};
  std::map<std::string, Values> found;
  std::vector<std::string> differences;
  for (const query::ResultSeries& series : result->series) {
    // Of several comma-separated queries each series is told apart by its number: `2/host:a`.
    std::string group = group_text(series.group);
    if (series.query_index > 0) group = std::to_string(series.query_index + 1) + "/" + group;
    for (const query::Sample& sample : series.points) found[group][sample.time_s] = sample.value;
    if (c.expected_interval_s && series.interval_s != *c.expected_interval_s) {
      differences.push_back("expected an interval of " + std::to_string(*c.expected_interval_s) + " s, found " +
                            std::to_string(series.interval_s));
    }
  }
  const std::vector<std::string> values = compare(c, found, base_s);
  differences.insert(differences.end(), values.begin(), values.end());
  return differences;
}

}  // namespace godseye::test
