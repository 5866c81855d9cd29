#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include <godseye/guard/inject.h>

// Memory over the turns of one conversation, for what a single turn does not show: a payload split over several
// messages, and someone who keeps probing with texts that each stay just below the line.
//
// A plain value: copy it, drop it, serialise nothing. Not thread-safe; one object per session, used by one thread at a
// time. Holds at most kJoinTurns texts of at most kTurnBytesMax bytes each.
namespace godseye::guard {

class Session {
 public:
  static constexpr size_t kJoinTurns = 4;         // user turns joined for the split-payload check
  static constexpr size_t kTurnBytesMax = 2048;   // the end of a turn is kept beyond this
  static constexpr double kProbeDecay = 0.7;      // of the probing sum, per turn
  static constexpr double kProbeThreshold = 1.5;  // decayed sum of the scores that makes a suspicious turn count more

  // Scores `text` as the next turn. The result is that of the text alone unless memory raises it; then the reasons say
  // "session:split_payload" or "session:repeated_probing".
  InjectScore score_turn(const InjectScorer& scorer, std::string_view text, Source source = Source::kUser);

  uint64_t turns() const { return turns_; }

 private:
  std::deque<std::string> recent_;  // the last user turns that were not refused
  double probing_ = 0;
  uint64_t turns_ = 0;
};

}  // namespace godseye::guard
