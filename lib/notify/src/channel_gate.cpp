#include "channel_gate.h"

#include <algorithm>
#include <cmath>

namespace godseye::notify {

namespace {

constexpr double kMinuteMs = 60'000;

}  // namespace

void ChannelGate::refill(int64_t now_ms, int rate_per_minute) {
  const double capacity = rate_per_minute;
  if (tokens_ < 0 || now_ms < refilled_ms_) {
    tokens_ = tokens_ < 0 ? capacity : tokens_;
  } else {
    tokens_ = std::min(capacity, tokens_ + static_cast<double>(now_ms - refilled_ms_) * rate_per_minute / kMinuteMs);
  }
  refilled_ms_ = now_ms;
}

ChannelGate::Decision ChannelGate::decide(int64_t now_ms, size_t due, const Policy& policy) {
  if (due == 0) return {};
  if (now_ms < paused_at_ms_) open_until_ms_ = asked_until_ms_ = 0;
  if (open(now_ms)) return {.wait_until_ms = paused_until_ms()};
  size_t allowed = due;
  if (policy.rate_per_minute > 0) {
    refill(now_ms, policy.rate_per_minute);
    if (tokens_ < 1) {
      const double wait = (1 - tokens_) * kMinuteMs / policy.rate_per_minute;
      return {.wait_until_ms = now_ms + static_cast<int64_t>(std::ceil(wait))};
    }
    allowed = std::min(allowed, static_cast<size_t>(tokens_));
  }
  if (opened_ > 0) {
    // One message finds out whether the channel lives again; its end wakes the dispatcher.
    if (probing_) return {.wait_until_ms = now_ms + 1000};
    return {.singles = 1};
  }
  if (policy.digest_after <= 0) return {.singles = allowed};
  const bool active =
      window_began_ms_ != 0 && now_ms >= window_began_ms_ && now_ms < window_began_ms_ + policy.digest_window_ms;
  if (!active) {
    const bool together = due > 1 && (held_ || due > static_cast<size_t>(policy.digest_after));
    window_began_ms_ = 0;
    window_sent_ = 0;
    held_ = false;
    if (together) return {.digest = true};
    return {.singles = allowed};
  }
  if (!held_ && window_sent_ + due <= static_cast<size_t>(policy.digest_after)) return {.singles = allowed};
  held_ = true;
  return {.wait_until_ms = window_began_ms_ + policy.digest_window_ms};
}

void ChannelGate::sent(int64_t now_ms) {
  if (tokens_ >= 1) tokens_ -= 1;
  if (window_began_ms_ == 0) window_began_ms_ = now_ms;
  ++window_sent_;
  probing_ = opened_ > 0;
}

void ChannelGate::succeeded(int64_t now_ms) {
  failures_ = 0;
  opened_ = 0;
  probing_ = false;
  open_until_ms_ = 0;
  last_success_ms_ = now_ms;
}

void ChannelGate::failed(int64_t now_ms, std::chrono::milliseconds retry_after, const NotifierConfig& config) {
  ++failures_;
  probing_ = false;
  paused_at_ms_ = now_ms;
  if (retry_after.count() > 0) asked_until_ms_ = std::max(asked_until_ms_, now_ms + retry_after.count());
  if (config.circuit_failures <= 0 || failures_ < config.circuit_failures) return;
  const double longer = std::pow(2.0, std::min(opened_, 20));
  const double open_ms = std::min(static_cast<double>(config.circuit_open.count()) * longer,
                                  static_cast<double>(config.circuit_open_max.count()));
  ++opened_;
  open_until_ms_ = std::max(open_until_ms_, now_ms + static_cast<int64_t>(open_ms));
}

}  // namespace godseye::notify
