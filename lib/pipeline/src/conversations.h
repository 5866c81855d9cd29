#pragma once

#include "recent_map.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <godseye/base/mutex.h>
#include <godseye/guard/session.h>

// What was said before in each session (or by each user without one), so that a payload split over several messages and
// somebody who keeps probing are seen in spans as the gateway sees them in calls (guard/session.h).
//
// A turn is a new text of a user in a trace: of several calls that one message leads to, each repeats it, and so does a
// payload that is sent again. Those are the same turn and get its score.
// Bounded: `conversations_max` conversations, those silent for longest forgotten first; of each a few texts of at most
// 2 KiB (guard::Session) and the scores of its last turns. A conversation silent for kIdleSeconds begins anew. Nothing
// is kept over a restart: texts are stored masked, or not at all.
// Threads: every function from any thread; scoring holds the lock of its own conversation only.
namespace godseye::pipeline {

class Conversations {
 public:
  static constexpr int64_t kIdleSeconds = 3600;
  static constexpr size_t kTurnsKnownMax = 8;  // turns that are known again

  explicit Conversations(size_t conversations_max) : conversations_(conversations_max) {}

  // The score of `text` as the next turn of `who` in trace `trace_id`. Without `who` (empty) that of the text alone.
  guard::InjectScore score(std::string_view who, uint64_t trace_id, std::string_view text, int64_t now_s);
  // What is remembered of `who`, and of everybody, is dropped.
  void forget(std::string_view who);
  void clear();
  size_t size() const;

 private:
  struct Turn {
    uint64_t key = 0;
    guard::InjectScore score;
  };
  struct Conversation {
    base::Mutex mutex;
    guard::Session session GE_GUARDED_BY(mutex);
    std::array<Turn, kTurnsKnownMax> turns GE_GUARDED_BY(mutex);
    size_t next GE_GUARDED_BY(mutex) = 0;
    int64_t last_s GE_GUARDED_BY(mutex) = 0;
  };
  std::shared_ptr<Conversation> of(std::string_view who);

  mutable base::Mutex mutex_;
  RecentMap<std::shared_ptr<Conversation>> conversations_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::pipeline
