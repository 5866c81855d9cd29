#include <algorithm>

#include <godseye/base/log.h>

#include <vcommerce/runtime/faults.h>

namespace vcommerce::runtime {
namespace {

constexpr FaultInfo kCommon[] = {
    {"latency_ms", "every call waits that many milliseconds first", 60'000},
    {"error_fraction", "that share of calls is answered INTERNAL", 1},
    {"unavailable", "every call is answered UNAVAILABLE, health says NOT_SERVING", 1},
    {"dns_errors", "that share of the calls it makes finds no address for the other's name", 1},
    {"crash", "the process ends at once, as by a signal", 1},
    {"leak_mb", "that many MiB are taken each second, 512 in all, and freed at the end", 512},
};

}  // namespace

std::span<const FaultInfo> common_faults() { return kCommon; }

Faults::Faults(base::Clock clock, std::span<const FaultInfo> own, uint64_t seed)
    : clock_(std::move(clock)), generator_(seed) {
  for (const FaultInfo& info : common_faults()) switches_.emplace(info.name, Switch{.info = info});
  for (const FaultInfo& info : own) switches_.emplace(info.name, Switch{.info = info});
}

base::Status Faults::unknown(std::string_view name) const {
  std::string text = "no such switch: " + base::quoted(name) + "; there are";
  {
    base::MutexLock lock(mutex_);
    for (const auto& [known, state] : switches_) text += ' ' + std::string(known);
  }
  return base::Error(base::ErrorCode::kNotFound, std::move(text));
}

base::Status Faults::set(std::string_view name, double value, std::chrono::seconds lasts) {
  if (lasts < std::chrono::seconds(1) || lasts > kFaultLastsMax) {
    return base::Error(base::ErrorCode::kInvalidArgument,
                       "seconds: must be 1 to " + std::to_string(kFaultLastsMax.count()));
  }
  {
    base::MutexLock lock(mutex_);
    if (const auto found = switches_.find(name); found != switches_.end()) {
      if (!(value >= 0 && value <= found->second.info.value_max)) {
        return base::Error(base::ErrorCode::kInvalidArgument,
                           "value: must be 0 to " + std::to_string(found->second.info.value_max));
      }
      found->second.value = value;
      found->second.ends = clock_.tick() + lasts;
      return base::ok();
    }
  }
  return unknown(name);
}

base::Status Faults::clear(std::string_view name) {
  {
    base::MutexLock lock(mutex_);
    if (name.empty()) {
      for (auto& [known, state] : switches_) state.value = 0;
      return base::ok();
    }
    if (const auto found = switches_.find(name); found != switches_.end()) {
      found->second.value = 0;
      return base::ok();
    }
  }
  return unknown(name);
}

std::vector<FaultState> Faults::list() const {
  const base::TickTime now = clock_.tick();
  std::vector<FaultState> out;
  base::MutexLock lock(mutex_);
  out.reserve(switches_.size());
  for (const auto& [name, state] : switches_) {
    FaultState& shown = out.emplace_back(FaultState{.info = state.info});
    if (state.value <= 0 || state.ends <= now) continue;
    shown.value = state.value;
    shown.left = std::chrono::ceil<std::chrono::milliseconds>(state.ends - now);
  }
  return out;
}

double Faults::value(std::string_view name) const {
  base::MutexLock lock(mutex_);
  const auto found = switches_.find(name);
  // The clock is asked only while a switch is on.
  if (found == switches_.end() || found->second.value <= 0 || found->second.ends <= clock_.tick()) return 0;
  return found->second.value;
}

double Faults::fraction(std::string_view name) const { return std::clamp(value(name), 0.0, 1.0); }

bool Faults::strikes(std::string_view name) {
  const double share = fraction(name);
  if (share <= 0 || share >= 1) return share >= 1;
  base::MutexLock lock(mutex_);
  // 53 bits: a double in [0, 1).
  return static_cast<double>(generator_() >> 11) * 0x1p-53 < share;
}

}  // namespace vcommerce::runtime
