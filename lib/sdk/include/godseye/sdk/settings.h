#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/base/result.h>

// Where a signal goes.
enum class Exporter : uint8_t {
  kDatadog,  // DogStatsD, the Agent's traces; of logs: JSON lines, which an Agent collects
  kOtlp,     // OpenTelemetry's protocol over HTTP
  kNone,     // nowhere: a call costs next to nothing, spans stand for nothing
};

// OTLP over HTTP as binary protobuf. Used by the signals whose exporter is kOtlp.
struct OtlpSettings {
  std::string endpoint = "http://localhost:4318";  // /v1/traces, /v1/metrics and /v1/logs are put behind it
  std::string traces_endpoint;                     // whole addresses, taken as they are; empty: by `endpoint`
  std::string metrics_endpoint;
  std::string logs_endpoint;
  std::vector<std::pair<std::string, std::string>> headers;  // on every request
  std::chrono::milliseconds metric_interval{10'000};         // points are sums over so long
  size_t series_max = 10'000;  // different ones in an interval; further ones are dropped (`Losses::metrics`)
};

// What a program says to the SDK once, at its start. The defaults reach a Godseye (or a Datadog Agent) on this machine.
namespace godseye::sdk {

struct Settings {
  std::string service = "unnamed-cpp-service";
  std::string env;
  std::string version;
  std::string ml_app;             // of LLM spans; empty: the service
  std::vector<std::string> tags;  // "team:shop": on every metric and span
  // Metrics written while a span is active carry its `session_id` and `user_id`. For a Godseye, where these are no part
  // of a series' identity; elsewhere each session would be a series of its own.
  bool metrics_attributed = false;

  std::string statsd_url = "udp://127.0.0.1:8125";  // or unix:///path (datagrams)
  std::string agent_url = "http://127.0.0.1:8126";  // or https://…, unix:///path
  std::string api_url;                              // Godseye's API for analytics and blocks; empty: neither is used
  std::string api_key;
  std::string app_key;  // blocks need one

  Exporter traces = Exporter::kDatadog;
  Exporter metrics = Exporter::kDatadog;
  Exporter logs = Exporter::kDatadog;
  OtlpSettings otlp;

  // The share of traces marked "keep", 0–1. Absent: what the Agent answers, 1 until it did. Every span is sent
  // to an Agent whatever the mark says: whoever keeps statistics needs all of them. Over OTLP only kept traces are.
  std::optional<double> sample_rate;

  // Bounds. What does not fit is dropped and counted (`Losses`); the host never waits.
  size_t metric_bytes_max = 4 << 20;
  size_t spans_max = 50'000;        // finished, not sent yet
  size_t span_tags_max = 256;       // of one span
  size_t text_bytes_max = 1 << 20;  // of one value: longer ones are cut at a character
  size_t log_bytes_max = 4 << 20;
  size_t events_max = 10'000;  // analytics calls
  std::chrono::milliseconds metric_interval{100};
  std::chrono::milliseconds trace_interval{500};
  std::chrono::milliseconds http_timeout{5'000};
  std::chrono::milliseconds shutdown_wait{2'000};  // what is still to be sent gets this long when the SDK ends
};

// Reads what Datadog's libraries read (docs/sdk.md): DD_SERVICE, DD_ENV, DD_VERSION, DD_TAGS, DD_LLMOBS_ML_APP,
// DD_AGENT_HOST, DD_TRACE_AGENT_URL, DD_TRACE_AGENT_PORT, DD_DOGSTATSD_URL, DD_DOGSTATSD_PORT, DD_TRACE_SAMPLE_RATE,
// DD_API_KEY, DD_APP_KEY, DD_TRACE_ENABLED, DD_DOGSTATSD_DISABLE, and GODSEYE_URL; and what OpenTelemetry's read:
// OTEL_EXPORTER_OTLP_* (with an endpoint, all three signals go there), OTEL_{TRACES,METRICS,LOGS}_EXPORTER,
// OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_METRIC_EXPORT_INTERVAL, OTEL_SDK_DISABLED. `variable` answers null
// for one that is not set (::getenv fits). A value that cannot be read is kInvalidArgument with the variable's name.
base::Result<Settings> settings_from(const std::function<const char*(const char*)>& variable);

// An address taken apart: `udp://host:port`, `unix:///path`, `http://host:port`.
struct Address {
  std::string scheme;  // "udp", "unix", "http", "https"
  std::string host;    // without brackets; empty for unix
  uint16_t port = 0;   // the scheme's own when none is given
  std::string path;    // of unix
};
base::Result<Address> parse_address(std::string_view url);

}  // namespace godseye::sdk
