#pragma once

#include <functional>
#include <string_view>

#include <godseye/sdk/settings.h>

namespace godseye::sdk {

base::Error wrong_value(std::string_view variable, std::string_view value, std::string_view expected);

// The value of a variable; empty when it is not set.
using ReadVariable = std::function<std::string_view(const char*)>;

// OpenTelemetry's variables. What Datadog's said already stays.
base::Status read_otel_variables(const ReadVariable& read, Settings& settings);

// Where one signal goes.
struct OtlpTarget {
  Address origin;
  std::string path;
};
struct OtlpTargets {
  OtlpTarget traces;
  OtlpTarget metrics;
  OtlpTarget logs;
};
base::Result<OtlpTargets> otlp_targets(const OtlpSettings& settings);

}  // namespace godseye::sdk
