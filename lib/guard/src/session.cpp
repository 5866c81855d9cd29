#include "utf8.h"

#include <algorithm>

#include <godseye/guard/session.h>

namespace godseye::guard {

InjectScore Session::score_turn(const InjectScorer& scorer, std::string_view text, Source source) {
  InjectScore out = scorer.score(text, source);
  ++turns_;
  if (source != Source::kUser) return out;

  const std::string_view tail =
      text.size() <= kTurnBytesMax ? text : text.substr(utf8::floor_boundary(text, text.size() - kTurnBytesMax));
  if (out.label != Label::kInjection && !recent_.empty()) {
    // A payload in pieces: the turns together say what none says alone.
    std::string joined;
    for (const std::string& turn : recent_) joined.append(turn).append(" ");
    joined.append(tail);
    InjectScore together = scorer.score(joined, source);
    if (together.label == Label::kInjection && together.score > out.score) {
      together.reasons.insert(together.reasons.begin(), "session:split_payload");
      together.truncated = out.truncated;
      out = std::move(together);
    }
  }
  // Someone who tries again and again, each time below the line.
  const double own = out.score;
  if (out.label == Label::kSuspicious && probing_ + own >= kProbeThreshold) {
    out.score = std::max(out.score, kRefuseScore + 0.05);
    out.label = label_of(out.score);
    out.reasons.insert(out.reasons.begin(), "session:repeated_probing");
  }
  probing_ = probing_ * kProbeDecay + (own >= kSuspiciousScore ? own : 0);
  if (out.label == Label::kInjection) {
    recent_.clear();  // its pieces are spent: the next harmless turn is not to pay for them
  } else {
    recent_.emplace_back(tail);
    if (recent_.size() >= kJoinTurns) recent_.pop_front();
  }
  return out;
}

}  // namespace godseye::guard
