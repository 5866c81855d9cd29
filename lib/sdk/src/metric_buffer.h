#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/dogstatsd/message.h>
#include <godseye/sdk/metrics.h>

namespace godseye::sdk {

// Whose doing a metric is; empty: nobody's that is known.
struct Attribution {
  std::string_view session;
  std::string_view user;

  // What they take in a line at most, names and commas included; 0: neither is known.
  size_t bytes() const { return session.empty() && user.empty() ? 0 : session.size() + user.size() + 24; }
};

// Lines on their way into packets of at most `packet_bytes`; at most `bytes_max` in all. A line that is longer than a
// packet goes alone: a Unix socket takes it, UDP refuses it, and the sender counts that.
class MetricBuffer {
 public:
  // `off`: nothing is taken in, and nothing is counted.
  MetricBuffer(size_t packet_bytes, size_t bytes_max, const std::vector<std::string>& constant_tags, bool off = false);

  void add(std::string_view name, dogstatsd::MetricKind kind, double value, Tags tags, const Attribution& whose = {});
  void add_member(std::string_view name, std::string_view member, Tags tags);
  void add_event(std::string_view title, std::string_view text, Tags tags);
  void add_check(std::string_view name, CheckStatus status, std::string_view message, Tags tags);

  // All packets, the one that is not full yet included.
  std::vector<std::string> take();
  uint64_t dropped() const;
  // After this nothing is taken in any more.
  void close();

 private:
  void add_long(std::string_view name, dogstatsd::MetricKind kind, double value, Tags tags, const Attribution& whose);
  void append(std::string_view line);
  std::string_view tag_text(Tags tags) const;

  const size_t packet_bytes_;
  const size_t bytes_max_;
  const bool off_;
  std::string constant_tags_;  // "env:prod,version:1"
  mutable base::Mutex mutex_;
  std::string open_ GE_GUARDED_BY(mutex_);
  std::vector<std::string> full_ GE_GUARDED_BY(mutex_);
  size_t bytes_ GE_GUARDED_BY(mutex_) = 0;
  uint64_t dropped_ GE_GUARDED_BY(mutex_) = 0;
  bool closed_ GE_GUARDED_BY(mutex_) = false;
};

}  // namespace godseye::sdk
