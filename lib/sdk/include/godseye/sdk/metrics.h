#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>

#include <godseye/sdk/settings.h>

// DogStatsD metrics, events and service checks.
//
//   sdk.metrics().count("checkout.order.count", 1, {"currency:EUR"});
//   sdk.metrics().distribution("payment.gateway.latency", 0.031);
//
// A call writes one line into a buffer in memory (well under a microsecond) and returns; a thread of the SDK sends the
// packets. Nothing blocks, nothing throws. Names and tags are taken as they are but for what would break the line: line
// feeds, `|`, and in names `:`, `@` and `#`, become `_`. Values that are not finite are dropped and counted.
// Threads: any function from any thread.
namespace godseye::sdk {

using Tags = std::span<const std::string_view>;

enum class CheckStatus : uint8_t { kOk = 0, kWarning = 1, kCritical = 2, kUnknown = 3 };

class MetricBuffer;

class Metrics {
 public:
  // `attributed`: see Settings::metrics_attributed. A call that names a session or user itself keeps its own.
  explicit Metrics(std::shared_ptr<MetricBuffer> buffer, bool attributed = false);

  void count(std::string_view name, double value, Tags tags = {});
  void gauge(std::string_view name, double value, Tags tags = {});
  void distribution(std::string_view name, double value, Tags tags = {});
  void histogram(std::string_view name, double value, Tags tags = {});
  void set(std::string_view name, std::string_view member, Tags tags = {});
  void event(std::string_view title, std::string_view text, Tags tags = {});
  void service_check(std::string_view name, CheckStatus status, std::string_view message = {}, Tags tags = {});

  using TagList = std::initializer_list<std::string_view>;
  void count(std::string_view name, double value, TagList tags) { count(name, value, span(tags)); }
  void gauge(std::string_view name, double value, TagList tags) { gauge(name, value, span(tags)); }
  void distribution(std::string_view name, double value, TagList tags) { distribution(name, value, span(tags)); }
  void histogram(std::string_view name, double value, TagList tags) { histogram(name, value, span(tags)); }

 private:
  static Tags span(TagList tags) { return {tags.begin(), tags.size()}; }

  Tags attributed(Tags tags) const;

  std::shared_ptr<MetricBuffer> buffer_;
  bool attributed_;
};

}  // namespace godseye::sdk
