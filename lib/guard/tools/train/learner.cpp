#include "learner.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <numeric>

#include <godseye/guard/evaluate.h>

namespace godseye::guard::train {

namespace {

constexpr float kRate = 0.35f;
constexpr float kL2 = 2e-6f;
constexpr float kClip = 0.7f;  // of the largest weight: the few above it are cut by the eight bits
constexpr double kCombinerL2 = 2e-3;
constexpr int kCombinerRounds = 1500;

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// One head while it learns.
struct Head {
  std::vector<float> weight = std::vector<float>(kBuckets, 0.0f);
  std::vector<float> square = std::vector<float>(kBuckets, 1e-4f);
  float bias = 0;
  float bias_square = 1e-4f;
};

struct Entry {
  uint32_t bucket;
  float value;
};

void collect(const Reading& reading, Range range, std::string& buffer, std::vector<Entry>& out) {
  out.clear();
  float norm = 0;
  const size_t end = range.end >= reading.view.text.size() ? reading.view.text.size() + 2 : range.end;
  walk_ngrams(reading.view.text, reading.hits, buffer, [&](size_t at, uint32_t bucket, float value) {
    if (at < range.begin || at >= end) return;
    out.push_back({bucket, value});
    norm += value * value;
  });
  const float scale = 1 / std::sqrt(std::max(norm, 1.0f));
  for (Entry& entry : out) entry.value *= scale;
}

float predict(const Head& head, const std::vector<Entry>& entries) {
  float sum = head.bias;
  for (const Entry& entry : entries) sum += head.weight[entry.bucket] * entry.value;
  return sum;
}

void update(Head& head, const std::vector<Entry>& entries, float logit, bool attack, float weight) {
  const float gradient = weight * (sigmoid(logit) - (attack ? 1.0f : 0.0f));
  if (std::abs(gradient) < 1e-4f) return;
  for (const Entry& entry : entries) {
    float& w = head.weight[entry.bucket];
    float& s = head.square[entry.bucket];
    const float g = gradient * entry.value + kL2 * w;
    s += g * g;
    w -= kRate * g / std::sqrt(s);
  }
  head.bias_square += gradient * gradient;
  head.bias -= 0.05f * gradient / std::sqrt(head.bias_square);
}

// The reading an attack is learnt from: the one with its disguise undone.
const Reading& learnt_reading(const Sample& sample) { return sample.readings.back(); }

// Highest window of a long text by the present weights: where the attack is, or what looks most like one.
Range peak_window(const Head& head, const Reading& reading, const std::vector<Range>& windows) {
  std::vector<float> at(reading.view.text.size() + 2, 0.0f);
  std::vector<float> norm(at.size(), 0.0f);
  std::string buffer;
  walk_ngrams(reading.view.text, reading.hits, buffer, [&](size_t position, uint32_t bucket, float value) {
    at[position] += head.weight[bucket] * value;
    norm[position] += value * value;
  });
  Range best = windows.front();
  float highest = -1e9f;
  for (const Range& window : windows) {
    float sum = 0;
    float square = 1;
    for (size_t i = window.begin; i < window.end && i < at.size(); ++i) {
      sum += at[i];
      square += norm[i];
    }
    const float logit = sum / std::sqrt(square);
    if (logit > highest) {
      highest = logit;
      best = window;
    }
  }
  return best;
}

struct Heads {
  Head whole;
  Head window;
};

Heads train_heads(const std::vector<Sample>& samples, const std::vector<uint32_t>& order_in, const Options& options) {
  Heads heads;
  Random random(options.seed * 977 + 5);
  std::vector<uint32_t> order = order_in;
  std::string buffer;
  std::vector<Entry> entries;
  std::vector<Range> sentences;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    random.shuffle(order);
    for (const uint32_t index : order) {
      const Sample& sample = samples[index];
      const Reading& reading = learnt_reading(sample);
      collect(reading, {0, reading.view.text.size()}, buffer, entries);
      update(heads.whole, entries, predict(heads.whole, entries), sample.attack, sample.weight);
      split_sentences(reading.view.text, sentences);
      const std::vector<Range> windows = windows_of(sentences);
      if (windows.size() > 1) {
        // Until the window head knows something, the other one points.
        const Head& pointer = epoch == 0 ? heads.whole : heads.window;
        collect(reading, peak_window(pointer, reading, windows), buffer, entries);
        update(heads.window, entries, predict(heads.window, entries), sample.attack, sample.weight);
        if (!sample.attack) {
          collect(reading, windows[random.below(windows.size())], buffer, entries);
          update(heads.window, entries, predict(heads.window, entries), false, sample.weight);
        }
      } else {
        update(heads.window, entries, predict(heads.window, entries), sample.attack, sample.weight);
      }
    }
  }
  return heads;
}

void quantise(const Heads& heads, ModelHead& head, std::vector<int8_t>& weights) {
  const auto scale_of = [](const Head& h) {
    float largest = 1e-6f;
    for (const float w : h.weight) largest = std::max(largest, std::abs(w));
    return largest * kClip / 127;
  };
  head.whole_scale = scale_of(heads.whole);
  head.window_scale = scale_of(heads.window);
  head.whole_bias = heads.whole.bias;
  head.window_bias = heads.window.bias;
  weights.resize(2 * kBuckets);
  for (size_t i = 0; i < kBuckets; ++i) {
    weights[2 * i] =
        static_cast<int8_t>(std::clamp(std::round(heads.whole.weight[i] / head.whole_scale), -127.0f, 127.0f));
    weights[2 * i + 1] =
        static_cast<int8_t>(std::clamp(std::round(heads.window.weight[i] / head.window_scale), -127.0f, 127.0f));
  }
}

struct Point {
  Features features;
  bool attack;
  float weight;
  uint32_t sample;
};

// Full-batch Adam with the signs of the weights kept.
std::array<float, kFeatureCount> fit_combiner(const std::vector<Point>& points) {
  std::array<double, kFeatureCount> w{};
  std::array<double, kFeatureCount> m{};
  std::array<double, kFeatureCount> v{};
  double total = 0;
  for (const Point& point : points) total += point.weight;
  for (int round = 1; round <= kCombinerRounds; ++round) {
    std::array<double, kFeatureCount> gradient{};
    for (const Point& point : points) {
      double logit = 0;
      for (size_t i = 0; i < kFeatureCount; ++i) logit += w[i] * point.features[i];
      const double error = point.weight * (1 / (1 + std::exp(-logit)) - (point.attack ? 1 : 0)) / total;
      for (size_t i = 0; i < kFeatureCount; ++i) gradient[i] += error * point.features[i];
    }
    const double rate = 0.1 * (round < kCombinerRounds / 2 ? 1.0 : 0.2);
    for (size_t i = 0; i < kFeatureCount; ++i) {
      const double g = gradient[i] + (i == kFeatureBias ? 0 : kCombinerL2 * w[i]);
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      w[i] -= rate * (m[i] / (1 - std::pow(0.9, round))) / (std::sqrt(v[i] / (1 - std::pow(0.999, round))) + 1e-9);
      const int sign = required_sign(i);
      if (sign * w[i] < 0) w[i] = 0;
    }
  }
  std::array<float, kFeatureCount> out{};
  for (size_t i = 0; i < kFeatureCount; ++i) out[i] = static_cast<float>(w[i]);
  return out;
}

std::array<CurvePoint, kCurvePoints> fit_curve(const std::vector<LabelledScore>& scores, const Options& options) {
  const double suspicious = threshold_at(scores, options.suspicious_rate);
  const double refuse = std::max(threshold_at(scores, options.refuse_rate), suspicious + 0.1);
  // The ends are wide: ranks are kept where scores are far from the lines.
  return {{{static_cast<float>(suspicious - 30), 0.0f},
           {static_cast<float>(suspicious - 6), 0.05f},
           {static_cast<float>(suspicious), static_cast<float>(kSuspiciousScore)},
           {static_cast<float>(refuse), static_cast<float>(kRefuseScore)},
           {static_cast<float>(refuse + 4), 0.95f},
           {static_cast<float>(refuse + 30), 1.0f}}};
}

}  // namespace

std::vector<Sample> make_samples(const std::vector<Row>& rows, const Options& options) {
  std::map<std::string, uint32_t> groups;
  std::map<std::string, double> counts;
  for (const Row& row : rows) counts[row.source + '/' + row.kind] += 1;
  Random random(options.seed);
  std::vector<Sample> samples;
  const auto add = [&](const std::string& text, const Row& row, uint32_t index, float weight) {
    Sample sample;
    Readings readings = read_text(text);
    sample.readings = std::move(readings.readings);
    sample.facts = readings.facts;
    sample.attack = row.attack;
    sample.group = groups.try_emplace(row.source + '/' + row.kind, static_cast<uint32_t>(groups.size())).first->second;
    sample.weight = weight;
    sample.row = index;
    samples.push_back(std::move(sample));
  };
  for (uint32_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    // Large groups are toned down: a thousand variations of a template are not a thousand attacks.
    const float weight =
        static_cast<float>(std::clamp(std::sqrt(600 / counts[row.source + '/' + row.kind]), 0.35, 2.0));
    add(row.text, row, i, weight);
    if (random.chance(0.2)) add(with_noise(row.text, random), row, i, weight);
    if (row.text.size() < 600 && random.chance(row.attack ? 0.12 : 0.03))
      add(disguised(row.text, random), row, i, weight);
  }
  return samples;
}

LinearModel linear_of(const Trained& trained) {
  return {trained.weights, trained.head.whole_scale, trained.head.window_scale, trained.head.whole_bias,
          trained.head.window_bias};
}

double logit_of(const ModelHead& head, const LinearModel& linear, const Sample& sample) {
  double best = -100;
  for (const Reading& reading : sample.readings) {
    const LinearScores scores = linear_scores(linear, reading.view.text, reading.hits);
    best = std::max(best, combine(head, features_of(reading.view, sample.facts, reading.rules, scores)));
  }
  return best;
}

Trained train_model(const std::vector<Sample>& samples, const Options& options) {
  uint32_t groups = 0;
  for (const Sample& sample : samples) groups = std::max(groups, sample.group + 1);
  Random random(options.seed * 31 + 7);
  std::vector<uint32_t> fold_of(groups);
  for (uint32_t g = 0; g < groups; ++g) fold_of[g] = g % static_cast<uint32_t>(options.folds);
  random.shuffle(fold_of);
  std::vector<Point> points;
  for (int fold = 0; fold < options.folds; ++fold) {
    std::vector<uint32_t> seen;
    for (uint32_t i = 0; i < samples.size(); ++i) {
      if (fold_of[samples[i].group] != static_cast<uint32_t>(fold)) seen.push_back(i);
    }
    Trained part;
    quantise(train_heads(samples, seen, options), part.head, part.weights);
    const LinearModel linear = linear_of(part);
    for (uint32_t i = 0; i < samples.size(); ++i) {
      const Sample& sample = samples[i];
      if (fold_of[sample.group] != static_cast<uint32_t>(fold)) continue;
      // The reading that the heads find worst stands for the text; for harmless texts every reading must pass.
      const Reading* worst = nullptr;
      LinearScores worst_scores;
      for (const Reading& reading : sample.readings) {
        const LinearScores scores = linear_scores(linear, reading.view.text, reading.hits);
        if (worst == nullptr || scores.whole + scores.window_max > worst_scores.whole + worst_scores.window_max) {
          worst = &reading;
          worst_scores = scores;
        }
      }
      points.push_back(
          {features_of(worst->view, sample.facts, worst->rules, worst_scores), sample.attack, sample.weight, i});
    }
    std::cerr << "fold " << fold + 1 << " of " << options.folds << ": learnt from " << seen.size() << " rows\n";
  }
  Trained trained;
  std::vector<uint32_t> all(samples.size());
  std::iota(all.begin(), all.end(), 0u);
  quantise(train_heads(samples, all, options), trained.head, trained.weights);
  trained.head.weights = fit_combiner(points);
  trained.held_out_logits.assign(samples.size(), -100);
  std::vector<LabelledScore> scores;
  for (const Point& point : points) {
    const double logit = combine(trained.head, point.features);
    trained.held_out_logits[point.sample] = logit;
    scores.push_back({logit, point.attack});
  }
  trained.head.curve = fit_curve(scores, options);
  std::vector<double> attacks;
  for (const LabelledScore& score : scores) {
    if (score.attack) attacks.push_back(score.score);
  }
  std::sort(attacks.begin(), attacks.end());
  for (size_t i = 0; i < kAttackQuantiles && !attacks.empty(); ++i) {
    trained.head.attack_logits[i] = static_cast<float>(attacks[(attacks.size() - 1) * i / (kAttackQuantiles - 1)]);
  }
  return trained;
}

}  // namespace godseye::guard::train
