#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <godseye/notify/notifier.h>

namespace godseye::notify {

// When a channel may be sent to: rate, digest window, circuit, and what the receiver asked for. One for each channel,
// in memory. Times are Unix milliseconds and come in; a clock that went back begins its windows anew. Not thread-safe.
class ChannelGate {
 public:
  struct Policy {
    int rate_per_minute = 0;
    int digest_after = 0;
    int64_t digest_window_ms = 30'000;
  };
  struct Decision {
    size_t singles = 0;         // may be sent now, one message each
    bool digest = false;        // send all that is due as one message
    int64_t wait_until_ms = 0;  // when neither: ask again then
  };

  // `due` deliveries could be sent at `now_ms`. Changes nothing but what the passing of time does.
  Decision decide(int64_t now_ms, size_t due, const Policy& policy);
  // One message begins.
  void sent(int64_t now_ms);
  // It was taken, or it was refused in a way that says nothing about the channel.
  void succeeded(int64_t now_ms);
  // A failure that a retry may mend. `retry_after` as the receiver asked.
  void failed(int64_t now_ms, std::chrono::milliseconds retry_after, const NotifierConfig& config);

  int failures() const { return failures_; }
  bool open(int64_t now_ms) const { return paused_until_ms() > now_ms; }
  int64_t paused_until_ms() const { return std::max(open_until_ms_, asked_until_ms_); }
  int64_t last_success_ms() const { return last_success_ms_; }

 private:
  void refill(int64_t now_ms, int rate_per_minute);

  int failures_ = 0;            // in a row
  bool probing_ = false;        // the circuit let one through that has not come back
  int opened_ = 0;              // times in a row
  int64_t open_until_ms_ = 0;   // by the circuit
  int64_t asked_until_ms_ = 0;  // by the receiver: a success of another message does not take it back
  int64_t paused_at_ms_ = 0;
  int64_t last_success_ms_ = 0;
  double tokens_ = -1;  // below 0: full
  int64_t refilled_ms_ = 0;
  int64_t window_began_ms_ = 0;  // 0: none
  size_t window_sent_ = 0;
  bool held_ = false;  // something waits for the window's end
};

}  // namespace godseye::notify
