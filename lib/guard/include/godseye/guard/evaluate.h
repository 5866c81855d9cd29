#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// How well scores separate: ranking, recall at a false-positive rate, confidence intervals, the curve as a picture.
// Pure functions over labelled scores; the harness (`godseye guard eval`) and the trainer print what they return.
namespace godseye::guard {

struct LabelledScore {
  double score = 0;
  bool attack = false;
};

// Probability that an attack scores above a harmless text, ties counting half; 0.5 if either side is empty.
double auroc(std::vector<LabelledScore> rows);

// The lowest threshold that at most `rate` of the harmless rows exceed (strictly above it). +inf without harmless rows.
double threshold_at(const std::vector<LabelledScore>& rows, double rate);

// Share of the attacks strictly above `threshold`; of the harmless rows with `attack` false.
double share_above(const std::vector<LabelledScore>& rows, double threshold, bool attack);

struct Interval {
  double low = 0;
  double high = 0;
};

// 95 % interval of `share_above(...)` by Wilson's formula for `hits` of `count`.
Interval wilson(size_t hits, size_t count);

// 95 % bootstrap interval of AUROC; the same `seed` gives the same interval.
Interval bootstrap_auroc(const std::vector<LabelledScore>& rows, int rounds, uint64_t seed);
// The same for recall at `rate` false positives, thresholds drawn anew in each round.
Interval bootstrap_recall(const std::vector<LabelledScore>& rows, double rate, int rounds, uint64_t seed);

// The ROC curve as an SVG document, false positives on a logarithmic axis from 0.1 %: the left end is what matters.
std::string roc_svg(std::vector<LabelledScore> rows, std::string_view title);

}  // namespace godseye::guard
