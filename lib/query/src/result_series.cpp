#include "result_series.h"

#include <utility>

namespace godseye::query {
namespace {

using lang::Scope;

// `scope` AND the tags of `group`, in normal form.
Scope narrowed(const Scope& scope, const Group& group) {
  Scope all;
  all.kind = Scope::Kind::kAnd;
  if (scope.kind == Scope::Kind::kAnd) {
    all.children = scope.children;
  } else if (scope.kind != Scope::Kind::kEverything) {
    all.children.push_back(scope);
  }
  for (const GroupTag& tag : group) {
    if (tag.value == kNoGroupValue) continue;
    Scope is;
    is.kind = Scope::Kind::kTag;
    is.key = tag.key;
    is.value = tag.value;
    all.children.push_back(std::move(is));
  }
  if (all.children.empty()) return {};
  if (all.children.size() > 1) return all;
  Scope only = std::move(all.children[0]);
  return only;
}

void fill_in_group(lang::Expression& expression, const Group& group) {
  if (expression.series) {
    expression.series->scope = narrowed(expression.series->scope, group);
    expression.series->group_by.clear();
  }
  for (lang::Expression& child : expression.children) fill_in_group(child, group);
}

}  // namespace

Group make_group(const std::vector<std::string>& keys, const std::vector<std::string>& values) {
  Group group;
  for (size_t i = 0; i < keys.size(); ++i) {
    group.push_back({.key = keys[i], .value = values[i].empty() ? std::string(kNoGroupValue) : values[i]});
  }
  return group;
}

ResultSeries make_result_series(const lang::Expression& expression, const lang::SeriesQuery& first, size_t index,
                                const LineSet& set, const Line& line) {
  ResultSeries series;
  series.query_index = index;
  series.metric = first.metric;
  series.aggregator = lang::aggregator_text(first);
  series.group = make_group(set.keys, line.group);
  lang::Expression filled = expression;
  fill_in_group(filled, series.group);
  series.expression = lang::to_text(filled);
  series.scope = lang::to_text(narrowed(first.scope, series.group));
  series.interval_s = set.buckets.interval_s;
  series.end_s = set.buckets.end_s();
  series.points.reserve(set.buckets.count);
  for (size_t i = 0; i < set.buckets.count; ++i) {
    const double v = line.values[i];
    if (set.buckets.seconds(i) == 0) continue;  // a day that a zone left out when it changed sides of the date line
    series.points.push_back({.time_s = set.buckets.time(i), .value = is_missing(v) ? std::nullopt : std::optional(v)});
  }
  return series;
}

}  // namespace godseye::query
