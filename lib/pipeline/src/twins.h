#pragma once

#include "recent_map.h"

#include <cstddef>
#include <cstdint>

#include <godseye/base/mutex.h>
#include <godseye/signal/span.h>

// A call that comes two ways, as an APM span and as an event of LLM Observability with the same ids (dd-trace sends
// both, in either order). The second to come is put to the start of the first, so that reading finds both in one place,
// and is flagged: it is shown with the first and not counted beside it. The two starts may differ by nanoseconds, since
// JavaScript has no integers of that size.
// The first must be stored by then: were the second to stand for one that the journal refused, nothing would be shown.
// Two that come within one append, or around a restart, are therefore two in counts. Bounded by `max` spans.
// Threads: every function from any thread.
namespace godseye::pipeline {

class Twins {
 public:
  static constexpr int64_t kApartMaxNs = 1'000'000;

  explicit Twins(size_t max) : spans_(max) {}

  // Of a span that may have a twin.
  void meet(signal::Span& span);
  // It is in the journal, or was refused.
  void stored(const signal::Span& span);
  void forget(const signal::Span& span);

 private:
  struct First {
    int64_t start_ns = 0;
    bool event = false;
    bool stored = false;
    bool met = false;
  };

  base::Mutex mutex_;
  RecentMap<First> spans_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::pipeline
