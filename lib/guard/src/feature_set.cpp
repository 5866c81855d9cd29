#include "feature_set.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace godseye::guard {

namespace {

constexpr float kScreenBytes = 900;

// People who write prompts for a living ask for a role, describe a task, and stop there: nobody is freed from rules, no
// secret is asked for, nothing is hidden, sent or done to harm.
bool honest_role(const RuleFacts& rules) {
  const auto& n = rules.counts;
  return n[kPersona] > 0 && n[kFree] == 0 && n[kHarm] == 0 && n[kAuthority] == 0 && n[kConceal] == 0 &&
         n[kExfil] == 0 && n[kRoleTag] == 0 && rules.strength[kOverride] < 0.5f && rules.strength[kExtraction] < 0.5f &&
         rules.strength[kIndirect] < 0.5f;
}

struct Shape {
  uint64_t questions = 0;
  uint64_t high = 0;  // bytes of other than ASCII characters
  uint64_t digits = 0;
  uint64_t symbols = 0;
  uint64_t lines = 0;
};

// One addition for each byte: five counts side by side in a number, added up before one can run over.
Shape shape_of(std::string_view text) {
  constexpr uint64_t kBits = 12;
  constexpr uint64_t kMask = (1u << kBits) - 1;
  static constexpr std::array<uint64_t, 256> kCounts = [] {
    std::array<uint64_t, 256> counts{};
    for (size_t i = 0; i < counts.size(); ++i) {
      const bool symbol = (i > ' ' && i < '0' && i != '.' && i != ',' && i != '\'' && i != '-') ||
                          (i > '9' && i < 'a' && i != '?') || (i > 'z' && i < 0x7F);
      counts[i] = uint64_t{i == '?'} | uint64_t{i >= 0x80} << kBits | uint64_t{i >= '0' && i <= '9'} << 2 * kBits |
                  uint64_t{symbol} << 3 * kBits | uint64_t{i == '\n'} << 4 * kBits;
    }
    return counts;
  }();
  Shape shape;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, kMask);
    text.remove_prefix(part.size());
    uint64_t sum = 0;
    for (const char c : part) sum += kCounts[static_cast<unsigned char>(c)];
    shape.questions += sum & kMask;
    shape.high += sum >> kBits & kMask;
    shape.digits += sum >> 2 * kBits & kMask;
    shape.symbols += sum >> 3 * kBits & kMask;
    shape.lines += sum >> 4 * kBits & kMask;
  }
  return shape;
}

bool harmless_atom(size_t atom) { return atom == kShopObj || atom == kMy || atom == kAsk; }

}  // namespace

int required_sign(size_t feature) {
  if (feature == kFeatureInnocent || feature == kFeatureHonestRole || feature == kFeatureLongHigh) return -1;
  if (feature == kFeatureWhole || feature == kFeatureWindowMax || feature == kFeatureWholeHigh ||
      feature == kFeatureWindowHigh || feature == kFeatureAgree || feature == kFeatureFamilyMax ||
      feature == kFeatureFamilyAndWindow || feature == kFeatureDisguised) {
    return 1;
  }
  if (feature >= kFeatureFamilies && feature < kFeatureAtoms) return 1;
  if (feature >= kFeatureDisguises) return 1;
  if (feature >= kFeatureAtoms && feature < kFeatureDisguises && harmless_atom(feature - kFeatureAtoms)) return -1;
  return 0;
}

std::string feature_name(size_t feature) {
  constexpr const char* kNames[] = {
      "bias",      "whole",      "window_max", "window_mean",       "whole_high", "window_high", "agree",
      "innocent",  "family_max", "families",   "family_and_window", "length",     "short",       "upper",
      "questions", "non_ascii",  "digits",     "symbols",           "lines",      "disguised",   "windows"};
  static_assert(std::size(kNames) == kFeatureFamilies);
  if (feature < kFeatureFamilies) return kNames[feature];
  if (feature < kFeatureAtoms)
    return "family:" + std::string(family_name(static_cast<Family>(feature - kFeatureFamilies)));
  if (feature < kFeatureDisguises) return "atom:" + std::string(kAtomNames[feature - kFeatureAtoms]);
  if (feature == kFeatureHonestRole) return "honest_role";
  if (feature == kFeatureLongHigh) return "long_high";
  return "disguise:" + std::string(disguise_name(1u << (feature - kFeatureDisguises)));
}

Features features_of(const View& view, const FoldFacts& facts, const RuleFacts& rules, const LinearScores& linear) {
  Features f{};
  const auto clip = [](float logit) { return std::clamp(logit, -8.0f, 8.0f) / 4; };
  const float whole = clip(linear.whole);
  const float window = clip(linear.window_max);
  f[kFeatureBias] = 1;
  f[kFeatureWhole] = whole;
  f[kFeatureWindowMax] = window;
  f[kFeatureWindowMean] = clip(linear.window_mean);
  f[kFeatureWholeHigh] = std::max(whole, 0.0f);
  f[kFeatureWindowHigh] = std::max(window, 0.0f);
  f[kFeatureAgree] = std::max(std::min(whole, window), 0.0f);
  f[kFeatureInnocent] = rules.innocent;
  float family_max = 0;
  for (size_t i = 0; i < kFamilyCount; ++i) {
    f[kFeatureFamilies + i] = rules.strength[i];
    family_max = std::max(family_max, rules.strength[i]);
    f[kFeatureFamilyCount] += rules.strength[i] >= 0.5f ? 0.33f : 0;
  }
  f[kFeatureFamilyMax] = family_max;
  f[kFeatureFamilyAndWindow] = family_max * std::max(window + 0.5f, 0.0f);
  const Shape shape = shape_of(view.text);
  const float bytes = static_cast<float>(std::max<size_t>(view.text.size(), 1));
  f[kFeatureLength] = std::log(bytes) / 6;
  f[kFeatureShort] = bytes < 25 ? 1 : 0;
  f[kFeatureUpper] = facts.letters > 0 ? static_cast<float>(facts.upper) / static_cast<float>(facts.letters) : 0;
  f[kFeatureQuestions] = std::min(1.0f, static_cast<float>(shape.questions) * 60 / (bytes + 30));
  f[kFeatureNonAscii] = static_cast<float>(shape.high) / bytes;
  f[kFeatureDigits] = static_cast<float>(shape.digits) / bytes;
  f[kFeatureSymbols] = std::min(1.0f, static_cast<float>(shape.symbols) * 5 / bytes);
  f[kFeatureLines] = std::min(1.0f, static_cast<float>(shape.lines) * 30 / bytes);
  f[kFeatureDisguised] = view.disguises != 0 ? 1 : 0;
  f[kFeatureWindows] = std::log(static_cast<float>(std::max(1u, linear.windows))) / 4;
  for (size_t i = 0; i < kAtomCount; ++i)
    f[kFeatureAtoms + i] = rules.counts[i] == 0 ? 0 : rules.counts[i] == 1 ? 1.0f : rules.counts[i] < 4 ? 1.5f : 2.0f;
  f[kFeatureHonestRole] = honest_role(rules) ? 1 : 0;
  f[kFeatureLongHigh] = bytes > kScreenBytes ? std::max(whole, 0.0f) : 0;
  for (size_t i = 0; i < kDisguiseCount; ++i) f[kFeatureDisguises + i] = (view.disguises >> i) & 1 ? 1 : 0;
  return f;
}

}  // namespace godseye::guard
