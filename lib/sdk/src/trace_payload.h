#pragma once

#include "tracer_core.h"

#include <span>
#include <string>
#include <string_view>

#include <godseye/signal/span.h>

namespace godseye::sdk {

inline constexpr const char* kSdkVersion = "0.1.0";

// What every span of this process carries.
struct ProcessFacts {
  int process_id = 0;
  std::string runtime_id;  // a UUID, drawn at the start
  std::string host;        // the machine's name
};

struct TracePayload {
  std::string body;   // of `PUT /v0.4/traces`
  size_t traces = 0;  // in the body: neighbours of one trace are one
  size_t spans = 0;
};
// `room`: what it is put together in; one that is kept saves the memory's way from the machine and back.
TracePayload trace_payload(std::span<const TraceChunk> chunks, const Settings& settings, const ProcessFacts& process,
                           signal::SpanBatch& room);
TracePayload trace_payload(std::span<const TraceChunk> chunks, const Settings& settings, const ProcessFacts& process);

}  // namespace godseye::sdk
