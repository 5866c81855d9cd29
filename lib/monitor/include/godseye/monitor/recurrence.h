#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

// `Recurrence` answers when a rule of RFC 5545 (`FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=…`) begins again, in local time of a
// zone.
//
// The rule is expanded on the wall clock and each occurrence turned into a moment afterwards, so `02:00 every day`
// stays 02:00 over a change of summer time. A local time that does not exist (the hour skipped in spring) is read with
// the offset before the change, one that exists twice is the first.
//
// Bounded: a text of at most kRuleBytesMax, hours as the smallest frequency, at most kCountMax occurrences by COUNT, at
// most kStepsMax steps a question; a rule that finds nothing within them has no further occurrence. Threads: const
// functions from any thread. Errors: kInvalidArgument with a sentence that says what would be right.
namespace godseye::monitor {

// A civil time without a zone, as seconds since 1970-01-01T00:00 on that clock.
base::Result<int64_t> parse_local_time(std::string_view text);  // "2026-01-31T12:00", seconds optional

class TimeZone {
 public:
  static base::Result<TimeZone> find(std::string_view name);  // IANA: "Europe/Paris", "UTC"
  int64_t to_unix(int64_t local_s) const;
  int64_t to_local(int64_t unix_s) const;

 private:
  struct Impl;
  explicit TimeZone(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

class Recurrence {
 public:
  static constexpr size_t kRuleBytesMax = 500;
  static constexpr int kCountMax = 2'000;
  static constexpr size_t kStepsMax = 10'000;

  // `start_local_s` is the first possible occurrence; it is one only when the rule agrees.
  static base::Result<Recurrence> parse(std::string_view rule, int64_t start_local_s, TimeZone zone);

  // The first occurrence that begins at `unix_s` or later.
  std::optional<int64_t> first_from(int64_t unix_s) const;

 private:
  struct Impl;
  explicit Recurrence(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace godseye::monitor
