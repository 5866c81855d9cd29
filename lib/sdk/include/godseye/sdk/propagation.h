#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/sdk/trace.h>

// A trace context over HTTP headers and gRPC metadata: Datadog's headers, W3C trace context, and baggage. Pure.
//
//   inject(span.context(), [&](std::string_view name, std::string_view value) { metadata.emplace(name, value); });
//   auto parent = extract([&](std::string_view name) { return header(name); });
//
// Names are lower case, as gRPC wants them. Outside headers are hostile: whatever cannot be read is left out, never
// guessed at; sizes are bounded (tags 512 bytes, baggage 64 items and 8,192 bytes, tracestate 32 members).
namespace godseye::sdk {

using HeaderSetter = std::function<void(std::string_view name, std::string_view value)>;
// The header's value (of several with one name: joined with commas); nothing when absent.
using HeaderGetter = std::function<std::optional<std::string_view>(std::string_view name)>;

// Does nothing for a context that is not valid, except for its baggage.
void inject(const SpanContext& context, const HeaderSetter& set);

// Datadog's headers win over W3C's where both are there and disagree on the trace. Without a trace but with baggage,
// the context is not `valid()` and has the baggage. Nothing at all: nullopt.
std::optional<SpanContext> extract(const HeaderGetter& get);

}  // namespace godseye::sdk
