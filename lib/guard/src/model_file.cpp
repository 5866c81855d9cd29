#include "model_file.h"

#include <cmath>
#include <cstring>

#include <godseye/base/hash.h>

namespace godseye::guard {

namespace {

constexpr std::string_view kMagic = "GEGUARD1";

struct Prefix {
  char magic[8];
  uint32_t version;
  uint32_t bucket_bits;
  uint32_t features;
  uint32_t atoms;
  uint64_t checksum;
};
static_assert(sizeof(Prefix) == 32);

base::Error corrupt(std::string_view what) {
  return base::Error(base::ErrorCode::kCorrupt, "guard model: " + std::string(what));
}

}  // namespace

base::Result<Model> parse_model(std::string_view bytes) {
  Prefix prefix{};
  if (bytes.size() < sizeof prefix) return corrupt("shorter than its header");
  std::memcpy(&prefix, bytes.data(), sizeof prefix);
  if (std::string_view(prefix.magic, sizeof prefix.magic) != kMagic) return corrupt("not a model file");
  if (prefix.version != kModelVersion)
    return corrupt("version " + std::to_string(prefix.version) + ", this program reads " +
                   std::to_string(kModelVersion));
  if (prefix.bucket_bits != kBucketBits || prefix.features != kFeatureCount || prefix.atoms != kAtomCount) {
    return corrupt("made for other rules or features; train it again");
  }
  const std::string_view body = bytes.substr(sizeof prefix);
  if (body.size() != sizeof(ModelHead) + 2 * kBuckets) return corrupt("cut short");
  if (base::hash64(body) != prefix.checksum) return corrupt("checksum differs");
  Model model;
  std::memcpy(&model.head, body.data(), sizeof(ModelHead));
  for (const float weight : model.head.weights) {
    if (!std::isfinite(weight)) return corrupt("a weight is not a number");
  }
  model.linear.weights = {reinterpret_cast<const int8_t*>(body.data()) + sizeof(ModelHead), 2 * kBuckets};
  model.linear.whole_scale = model.head.whole_scale;
  model.linear.window_scale = model.head.window_scale;
  model.linear.whole_bias = model.head.whole_bias;
  model.linear.window_bias = model.head.window_bias;
  return model;
}

std::string write_model(const ModelHead& head, std::span<const int8_t> weights) {
  std::string body(reinterpret_cast<const char*>(&head), sizeof head);
  body.append(reinterpret_cast<const char*>(weights.data()), weights.size());
  Prefix prefix{{},
                kModelVersion,
                kBucketBits,
                static_cast<uint32_t>(kFeatureCount),
                static_cast<uint32_t>(kAtomCount),
                base::hash64(body)};
  std::memcpy(prefix.magic, kMagic.data(), kMagic.size());
  return std::string(reinterpret_cast<const char*>(&prefix), sizeof prefix) + body;
}

double curve_at(const std::array<CurvePoint, kCurvePoints>& curve, double logit) {
  if (!(logit > curve.front().logit)) return curve.front().score;
  for (size_t i = 1; i < kCurvePoints; ++i) {
    const double from = curve[i - 1].logit;
    const double to = curve[i].logit;
    if (logit <= to) {
      const double share = to > from ? (logit - from) / (to - from) : 1;
      return curve[i - 1].score + share * (curve[i].score - curve[i - 1].score);
    }
  }
  return curve.back().score;
}

}  // namespace godseye::guard
