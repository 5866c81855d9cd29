#include "evaluator.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace godseye::query {
namespace {

using lang::BinaryOperator;

double apply(BinaryOperator op, double a, double b) {
  double result = kMissing;
  switch (op) {
    case BinaryOperator::kAdd:
      result = a + b;
      break;
    case BinaryOperator::kSubtract:
      result = a - b;
      break;
    case BinaryOperator::kMultiply:
      result = a * b;
      break;
    case BinaryOperator::kDivide:
      result = a / b;
      break;
    case BinaryOperator::kModulo:
      result = std::fmod(a, b);
      break;
  }
  // A division by zero has no value; infinities would only hide that further on.
  return std::isfinite(result) ? result : kMissing;
}

// One bucket. Where both are missing there is nothing to compute with; a missing count is zero.
double apply_missing(BinaryOperator op, double a, bool a_zero, double b, bool b_zero) {
  if (is_missing(a) && is_missing(b)) return kMissing;
  if (is_missing(a)) {
    if (!a_zero) return kMissing;
    a = 0;
  }
  if (is_missing(b)) {
    if (!b_zero) return kMissing;
    b = 0;
  }
  return apply(op, a, b);
}

Value with_number(BinaryOperator op, Value lines, double number, bool number_left) {
  for (Line& line : lines.set.lines) {
    for (double& v : line.values) v = is_missing(v) ? v : number_left ? apply(op, number, v) : apply(op, v, number);
  }
  return lines;
}

bool contains(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool is_subset(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return std::all_of(part.begin(), part.end(), [&](const std::string& key) { return contains(whole, key); });
}

std::string list(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) text += (text.empty() ? "" : ",") + key;
  return "{" + text + "}";
}

// The values of `line` for `wanted`, which are among `keys`.
std::vector<std::string> project(const Line& line, const std::vector<std::string>& keys,
                                 const std::vector<std::string>& wanted) {
  std::vector<std::string> values;
  for (const std::string& key : wanted) {
    const auto at = static_cast<size_t>(std::find(keys.begin(), keys.end(), key) - keys.begin());
    values.push_back(line.group[at]);
  }
  return values;
}

using Index = std::map<std::vector<std::string>, const Line*>;

Index index_lines(const LineSet& set, const std::vector<std::string>& keys) {
  Index index;
  for (const Line& line : set.lines) index.emplace(project(line, set.keys, keys), &line);
  return index;
}

// Of groups after the end of either side nothing is known: both end where the first of them does.
base::Result<std::optional<GroupCut>> cut_together(LineSet& a, LineSet& b) {
  if (!a.cut && !b.cut) return std::optional<GroupCut>();
  if (a.keys != b.keys) {
    const LineSet& narrow = a.keys.size() < b.keys.size() ? a : b;
    // A group of the wider side may belong to any group of the narrower.
    if (narrow.cut || a.keys.size() == b.keys.size()) {
      return base::Error(base::ErrorCode::kTooLarge, "more groups than one query may hold on the side grouped by " +
                                                         list(narrow.keys) + "; narrow the scope, the range or by {…}");
    }
    return a.cut ? a.cut : b.cut;
  }
  if (b.cut) a.cut_as(*b.cut);
  if (a.cut) b.cut_as(*a.cut);
  return a.cut;
}

}  // namespace

base::Result<Value> combine(BinaryOperator op, Value left, Value right, uint64_t cells_max) {
  if (left.is_number && right.is_number) {
    return Value{.is_number = true, .number = apply(op, left.number, right.number), .set = {}};
  }
  if (left.is_number) return with_number(op, std::move(right), left.number, true);
  if (right.is_number) return with_number(op, std::move(left), right.number, false);
  base::Result<std::optional<GroupCut>> cut = cut_together(left.set, right.set);
  if (!cut) return std::move(cut).error();
  const LineSet& a = left.set;
  const LineSet& b = right.set;
  const bool left_wider = is_subset(b.keys, a.keys);
  if (!left_wider && !is_subset(a.keys, b.keys)) {
    return base::Error(base::ErrorCode::kInvalidArgument, "the two sides are grouped by " + list(a.keys) + " and " +
                                                              list(b.keys) + "; one must contain the other");
  }
  Value result;
  LineSet& out = result.set;
  out.keys = left_wider ? a.keys : b.keys;
  out.buckets = a.buckets;
  out.zero_when_missing = a.zero_when_missing && b.zero_when_missing;
  out.cut = *std::move(cut);
  out.warnings = a.warnings;
  for (const std::string& warning : b.warnings) {
    if (!contains(out.warnings, warning)) out.warnings.push_back(warning);
  }
  // Lines of the wider side, and, where its absence counts as zero, groups that only the other side has (possible only
  // when both have the same keys).
  const LineSet& wide = left_wider ? a : b;
  const LineSet& narrow = left_wider ? b : a;
  const Index others = index_lines(narrow, narrow.keys);
  const Line none{.group = {}, .values = std::vector<double>(out.buckets.count, kMissing)};
  std::set<const Line*> used;
  const auto emit = [&](std::vector<std::string> group, const Line& x, const Line& y) {
    Line line{.group = std::move(group), .values = std::vector<double>(out.buckets.count, kMissing)};
    for (size_t i = 0; i < out.buckets.count; ++i) {
      line.values[i] = apply_missing(op, x.values[i], a.zero_when_missing, y.values[i], b.zero_when_missing);
    }
    out.lines.push_back(std::move(line));
  };
  for (const Line& line : wide.lines) {
    const auto found = others.find(project(line, wide.keys, narrow.keys));
    if (found == others.end() && !narrow.zero_when_missing) continue;
    const Line& other = found == others.end() ? none : *found->second;
    if (found != others.end()) used.insert(found->second);
    emit(line.group, left_wider ? line : other, left_wider ? other : line);
    if ((out.lines.size() + 1) * out.buckets.count > cells_max) {
      return base::Error(base::ErrorCode::kTooLarge, "too many groups and points");
    }
  }
  if (wide.zero_when_missing && wide.keys.size() == narrow.keys.size()) {
    for (const Line& other : narrow.lines) {
      if (used.contains(&other)) continue;
      emit(project(other, narrow.keys, wide.keys), left_wider ? none : other, left_wider ? other : none);
    }
  }
  std::sort(out.lines.begin(), out.lines.end(), [](const Line& x, const Line& y) { return x.group < y.group; });
  return result;
}

}  // namespace godseye::query
