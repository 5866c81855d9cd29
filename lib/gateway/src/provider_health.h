#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/gateway/providers.h>
#include <godseye/gateway/records.h>
#include <godseye/genai/error.h>

// How the providers do, for the page and metrics: counts and latencies of the last five minutes in slices of ten
// seconds, the last error, quotas as the last answer stated them. Threads: all functions from any thread; one short
// lock for each provider.
namespace godseye::gateway {

struct UpstreamOutcome {
  int status = 0;  // 0: no answer
  bool timeout = false;
  std::chrono::nanoseconds latency{0};  // to the end of the answer
  std::chrono::nanoseconds ttft{-1};    // to the first text; below 0: not known
  std::string_view error{};             // one line, secrets masked
  std::string_view model{};
  const genai::RateLimits* limits = nullptr;
};

class ProviderHealth {
 public:
  explicit ProviderHealth(const std::vector<ProviderConfig>& providers);
  ~ProviderHealth();

  void note(size_t provider, const UpstreamOutcome& outcome, base::WallTime now);
  void note_key(size_t provider, const KeyState& key);
  std::vector<ProviderState> read(base::WallTime now) const;

 private:
  struct Entry;
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace godseye::gateway
