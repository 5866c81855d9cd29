#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/guard/inject.h>

// Where in a text the suspicion lies, for a person who looks at it: each sentence (or line) scored alone. Meant for
// pages and reports, not for the way of a request: it costs one scoring per sentence.
namespace godseye::guard {

inline constexpr size_t kExplainBytesMax = 32 * 1024;  // of the text; the rest is not looked at
inline constexpr size_t kPassagesMax = 200;            // sentences looked at

struct Passage {
  size_t start = 0;  // bytes of the text, on UTF-8 boundaries
  size_t end = 0;
  double score = 0;
  std::vector<std::string> reasons;  // as InjectScore::reasons
};

// The passages that score kSuspiciousScore or more alone (a few letters: above kRefuseScore), by start. When none does
// although the whole text does (a payload spread over sentences, a disguise across lines), the whole text is the one
// passage. Pure; any bytes.
std::vector<Passage> explain(const InjectScorer& scorer, std::string_view text, Source source = Source::kUser);

}  // namespace godseye::guard
