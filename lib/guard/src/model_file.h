#pragma once

#include "feature_set.h"

#include <array>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

// The model file (docs/formats is about stored telemetry; this one is rebuilt at will, so a version is enough):
//   magic "GEGUARD1" | u32 version | u32 bucket bits | u32 features | u32 atoms | u64 XXH3 of everything after it |
//   whole_scale, window_scale, whole_bias, window_bias | kFeatureCount combiner weights |
//   kCurvePoints (logit, score) pairs | kAttackQuantiles logits | 2 * kBuckets int8
// Numbers are little-endian, floats IEEE 754.
namespace godseye::guard {

inline constexpr uint32_t kModelVersion = 3;
inline constexpr size_t kCurvePoints = 6;
inline constexpr size_t kAttackQuantiles = 101;

struct CurvePoint {
  float logit = 0;
  float score = 0;
};

struct ModelHead {
  float whole_scale = 0;
  float window_scale = 0;
  float whole_bias = 0;
  float window_bias = 0;
  std::array<float, kFeatureCount> weights{};
  std::array<CurvePoint, kCurvePoints> curve{};
  // Logits of the training attacks when their group was held out, lowest to highest in equal steps of rank.
  std::array<float, kAttackQuantiles> attack_logits{};
};

struct Model {
  ModelHead head;
  LinearModel linear;  // points into the bytes given to parse_model
};

// kCorrupt names what does not fit. `bytes` must outlive the model.
base::Result<Model> parse_model(std::string_view bytes);

std::string write_model(const ModelHead& head, std::span<const int8_t> weights);

// Piecewise linear between the points, flat outside them.
double curve_at(const std::array<CurvePoint, kCurvePoints>& curve, double logit);

}  // namespace godseye::guard
