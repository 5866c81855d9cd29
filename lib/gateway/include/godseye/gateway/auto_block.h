#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/gateway/auto_block_config.h>
#include <godseye/gateway/blocks.h>
#include <godseye/gateway/decision.h>

// `AutoBlocker` turns what the guards say into blocks. By default: a session after 3 refused messages in 10 minutes or
// more than 5 suspicious ones in 60 seconds, a user after more than 3 hostile uploads in 10 minutes; for an hour, and
// twice as long each time that the same one is blocked again within `remember` of the end of the last time. Windows
// slide: what counts is the time of each message, not a calendar minute. A message that is refused is suspicious too.
//
// A decision is made at most once a call of `note`; it clears the windows of its subject, so that the next one needs
// new messages. With `enabled` off nothing is decided (counted in `suppressed`); with `shadow` on decisions are made
// and marked, and the caller enforces none. Exempt sessions (feedback: a false positive) are not counted at all.
//
// Bounded: `subjects_max` sessions and users together; the one not seen for longest is forgotten and counted.
// Threads: every function from any thread; one lock, held for a hash look-up and a few numbers. `decided` is called
// after it was released, in the thread of the note.
namespace godseye::gateway {

// What a guard said of one message or upload. Views are used during the call only.
struct BlockEvent {
  std::string_view session;
  std::string_view user;
  std::string_view call_id;
  std::string_view route;
  double score = -1;            // of the injection guard
  bool suspicious = false;      // score ≥ 0.4
  bool refused = false;         // the message was refused, or would have been
  bool hostile_upload = false;  // counted for the user; without one for the session
  std::string_view sample;      // of the text, masked; may be empty
};

struct AutoBlockStats {
  uint64_t decided = 0;
  uint64_t shadowed = 0;    // of them only noted
  uint64_t suppressed = 0;  // not made, since automatic blocking is off
  uint64_t exempted = 0;    // messages of exempt sessions
  uint64_t forgotten = 0;   // subjects pushed out
  size_t subjects = 0;
};

class AutoBlocker {
 public:
  AutoBlocker(AutoBlockConfig config, base::Clock clock, DecisionSink decided, size_t subjects_max = 100'000);
  ~AutoBlocker();
  AutoBlocker(const AutoBlocker&) = delete;
  AutoBlocker& operator=(const AutoBlocker&) = delete;

  void note(const BlockEvent& event);

  void configure(const AutoBlockConfig& config);
  // Exempt until `until_s` (Unix); replaces all exemptions. Bounded by kExemptionsMax, the rest is left out.
  static constexpr size_t kExemptionsMax = 10'000;
  struct Exemption {
    std::string session;
    int64_t until_s = 0;
  };
  void set_exempt(const std::vector<Exemption>& sessions);
  bool exempt(std::string_view session) const;
  // An automatic block that is known from before (a restart, another gateway): the next one is longer.
  void seed(const Block& block);
  // Somebody lifted its block: it begins anew.
  void forget(BlockKind kind, std::string_view value);
  AutoBlockStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace godseye::gateway
