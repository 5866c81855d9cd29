#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/base/random.h>
#include <godseye/base/result.h>

// Faults that can be ordered, by one set of names in two places: the request header `x-simulator-fault`
//   status=429; retry_after=2
// for that request alone, and the body of `PUT /simulator/faults` for all requests,
//   {"quality": 0.3, "rate": 0.5, "model": "gemini-2.0-flash", "expires_in_s": 60}
// (one order, or a list of at most kFaultOrdersMax). A name that is not known is refused with the list of those that
// are, and a value out of its range with the range: a test that misspells a fault must not pass.
//
// `FaultSet` is a plain value. `FaultBoard` holds the orders for all requests; its functions may be called from any
// thread and take the time from the caller.
namespace godseye::simulator {

inline constexpr size_t kFaultHeaderBytesMax = 4096;
inline constexpr size_t kFaultBodyBytesMax = 64 * 1024;
inline constexpr size_t kFaultOrdersMax = 32;
inline constexpr double kFaultExpirySecondsMax = 7 * 86400;

// In the order of `known_faults()`.
enum class Fault : uint8_t {
  kStatus,
  kRetryAfter,
  kLatencyMs,
  kLatencySigma,
  kSpikeRate,
  kSpikeMs,
  kFirstTokenMs,
  kTokensPerSecond,
  kStallAfterTokens,
  kStallMs,
  kEndAfterTokens,
  kResetAfterBytes,
  kErrorAfterTokens,
  kChunkBytes,
  kMalformed,
  kMalformedTool,
  kQuality,
  kQualityDecayPerHour,
  kHallucinate,
  kWrong,
  kRamble,
  kRefuse,
  kRude,
  kTruncate,
  kLeak,
  kPii,
  kSafety,
  kNoUsage,
  kInputTokens,
  kOutputTokens,
  kCachedTokens,
  kReasoningTokens,
  kAnswerTokens,
};
inline constexpr size_t kFaults = 33;

struct FaultInfo {
  std::string_view name;
  double min;
  double max;
  std::string_view what;  // one line, for --help and the list in errors
};
std::span<const FaultInfo, kFaults> known_faults();

class FaultSet {
 public:
  bool has(Fault fault) const { return values_[static_cast<size_t>(fault)].has_value(); }
  std::optional<double> get(Fault fault) const { return values_[static_cast<size_t>(fault)]; }
  double value_or(Fault fault, double otherwise) const { return get(fault).value_or(otherwise); }
  // As a flag: named, and not 0.
  bool is_on(Fault fault) const { return value_or(fault, 0) != 0; }
  void set(Fault fault, double value) { values_[static_cast<size_t>(fault)] = value; }
  bool empty() const;

  // `say=...`: the answer's text, instead of a composed one.
  std::optional<std::string> say;
  // `code=...`: the code in the body of an error that `status` orders.
  std::optional<std::string> code;

  // What both name is as in this one.
  FaultSet over(const FaultSet& below) const;

 private:
  std::array<std::optional<double>, kFaults> values_{};
};

// `name=value` joined by `;`, a name alone is `name=1`. Blank parts are allowed. kInvalidArgument says what is wrong
// and, for an unknown name, which exist; kTooLarge above kFaultHeaderBytesMax.
base::Result<FaultSet> parse_fault_header(std::string_view header);

struct FaultOrder {
  FaultSet faults;
  double rate = 1;                   // share of the requests that it is for
  std::string model;                 // empty: every model; compared without the simulator's suffix
  std::optional<double> expires_in;  // seconds from when it was put; nothing: until removed
};
// A JSON object, or an array of them. kInvalidArgument as above, kTooLarge for the limits.
base::Result<std::vector<FaultOrder>> parse_fault_orders(std::string_view json);

class FaultBoard {
 public:
  // Replaces every order.
  void put(std::vector<FaultOrder> orders, base::TickTime now);
  void clear();
  // Of the orders in force, each drawn by its rate from `random`; an earlier order wins over a later one.
  FaultSet draw(std::string_view model, base::TickTime now, base::Random& random) const;
  // {"faults":[{…,"rate":1,"expires_in_s":12.5}],"known":[{"name","min","max","what"}]}
  std::string json(base::TickTime now) const;

 private:
  struct Entry {
    FaultOrder order;
    std::optional<base::TickTime> ends;
  };
  mutable base::Mutex mutex_;
  std::vector<Entry> entries_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::simulator
