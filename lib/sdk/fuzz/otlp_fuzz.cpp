#include "otlp_metrics.h"
#include "settings_parts.h"

#include <cstdlib>
#include <string>
#include <vector>

#include <godseye/protobuf/reader.h>

// The bytes as a receiver's answer, as a packet whose points are encoded, and as the variables. What is encoded can be
// read; the headers of settings that were taken hold no control characters.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye;
  using namespace godseye::sdk;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  otlp_rejected(text);

  OtlpMetrics points({}, base::system_clock());
  points.add(text);
  std::vector<OtlpMessage> messages = points.take({}, true, {});
  messages.push_back(points.take_events());
  for (const OtlpMessage& message : messages) {
    protobuf::Reader reader(message.body);
    while (reader.next()) {
    }
    if (reader.broken()) std::abort();
  }

  const std::string value(text.substr(0, text.find('\0')));
  const auto settings = settings_from([&](const char* name) -> const char* {
    const std::string_view wanted(name);
    const bool given = wanted.starts_with("OTEL_EXPORTER_OTLP_") || wanted == "OTEL_RESOURCE_ATTRIBUTES";
    if (wanted == "OTEL_TRACES_EXPORTER") return "otlp";
    return given && !wanted.ends_with("ENDPOINT") && !wanted.ends_with("PROTOCOL") ? value.c_str() : nullptr;
  });
  if (!settings) return 0;
  for (const auto& [name, header] : settings->otlp.headers) {
    for (const unsigned char c : name + header) {
      if (c < 0x20) std::abort();
    }
  }
  return 0;
}
