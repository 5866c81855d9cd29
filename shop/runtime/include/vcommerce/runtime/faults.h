#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// Switches that make a service misbehave on purpose, for a while. A service declares its own (`ServiceInfo::faults`)
// and reads them where it would fail; those that every service has are the runtime's (`kCommonFaults`).
//
//   if (context.faults().strikes("payment.gateway_errors")) return gateway_failed();
//
// Set from outside over gRPC (faults.proto) with a key, never without an end. Threads: any.
namespace vcommerce::runtime {

inline constexpr std::chrono::seconds kFaultLastsDefault{60};
inline constexpr std::chrono::seconds kFaultLastsMax{3600};

struct FaultInfo {
  std::string_view name;  // "currency.stale_rates"; views live as long as the program
  std::string_view what;  // one sentence
  double value_max = 1;   // 1 for a fraction or on/off
};

// What the runtime does by itself in every service:
//   latency_ms      every call waits that long first
//   error_fraction  that share of calls is answered INTERNAL
//   unavailable     every call is answered UNAVAILABLE, and the health service says NOT_SERVING
//   dns_errors      that share of the calls that it makes fails as if the other's name were unknown; nobody is asked
//   crash           the process ends at once, as by a signal
//   leak_mb         that many MiB are taken each second, up to kLeakBytesMax in all; freed at the end
std::span<const FaultInfo> common_faults();
inline constexpr size_t kLeakBytesMax = size_t{512} << 20;

struct FaultState {
  FaultInfo info;
  double value = 0;  // 0: off
  std::chrono::milliseconds left{0};
};

class Faults {
 public:
  // `seed` makes strikes() repeatable.
  Faults(base::Clock clock, std::span<const FaultInfo> own, uint64_t seed);

  // kNotFound lists the names there are; kInvalidArgument: value not in [0, value_max], or lasts not in
  // [1 s, kFaultLastsMax]. 0 clears.
  base::Status set(std::string_view name, double value, std::chrono::seconds lasts);
  // Empty: all. kNotFound as above.
  base::Status clear(std::string_view name);
  std::vector<FaultState> list() const;

  // 0 while it is off, has ended, or is not a name at all.
  double value(std::string_view name) const;
  bool on(std::string_view name) const { return value(name) > 0; }
  // value() within [0, 1].
  double fraction(std::string_view name) const;
  // True in that fraction of the calls.
  bool strikes(std::string_view name);

 private:
  struct Switch {
    FaultInfo info;
    double value = 0;
    base::TickTime ends;
  };

  base::Status unknown(std::string_view name) const;

  base::Clock clock_;
  mutable base::Mutex mutex_;
  std::map<std::string_view, Switch> switches_ GE_GUARDED_BY(mutex_);  // the names never change
  std::mt19937_64 generator_ GE_GUARDED_BY(mutex_);
};

}  // namespace vcommerce::runtime
