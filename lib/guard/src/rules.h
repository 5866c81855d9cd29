#pragma once

#include "matcher.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

// From word classes to intents: which classes stand near each other, and what harmless words stand between them. A
// family's strength is evidence for the combiner, never a verdict of its own.
namespace godseye::guard {

enum Family : uint8_t {
  kOverride,
  kExtraction,
  kJailbreak,
  kForgedTag,
  kToolAbuse,
  kSqlLike,
  kExfiltration,
  kIndirect,
  kHijack,  // a dictated answer, a new task
  kFamilyCount,
};

// "override", "extraction", "jailbreak", "role_tag", "tool_abuse", "sql", "exfiltration", "indirect", "hijack".
std::string_view family_name(Family family);

struct RuleFacts {
  std::array<uint16_t, kAtomCount> counts{};   // matches of each class
  std::array<float, kFamilyCount> strength{};  // 0 to 1
  float innocent = 0;                          // 0 to 1: trigger words with harmless objects
};

// `hits` as Matcher::scan returns them for `text`.
RuleFacts apply_rules(std::string_view text, const std::vector<Hit>& hits);

}  // namespace godseye::guard
