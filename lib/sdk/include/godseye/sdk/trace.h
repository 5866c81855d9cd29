#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/sdk/llm.h>
#include <godseye/sdk/settings.h>

// Spans, as Datadog's tracers make them.
//
//   sdk::Span span = tracer.start("grpc.server", {.resource = "PlaceOrder", .type = "grpc", .kind = "server"});
//   sdk::Scope scope(span);                                   // spans started on this thread become its children
//   ...
//   span.set_tag("order.id", id);
//                                                             // finished when it goes out of scope
//
// A span belongs to whoever holds it: one thread at a time. Its trace is shared: parts of it may finish on any thread.
// What a span says about session and user is handed down to all spans of the process below it, and over the wire.
// Sent when the last open span of this process in the trace finishes, or every 1,000 finished ones of a long trace.
// Nothing blocks, nothing throws; spans beyond the limits are dropped whole and counted (`Losses`).
namespace godseye::sdk {

// What travels between processes about a trace. Plain data.
struct SpanContext {
  uint64_t trace_id_high = 0;
  uint64_t trace_id_low = 0;
  uint64_t span_id = 0;
  std::optional<int> priority;  // -1 user reject, 0 reject, 1 keep, 2 user keep; absent: not decided yet
  std::string origin;           // "rum", "synthetics", …
  // `_dd.p.*` of the trace, as `dm` → `-1`; without `tid`, which is trace_id_high.
  std::vector<std::pair<std::string, std::string>> trace_tags;
  std::vector<std::pair<std::string, std::string>> baggage;  // decoded; session.id and user.id attribute the trace
  std::string tracestate;                                    // members of other vendors, as they came

  bool valid() const { return trace_id_low != 0 && span_id != 0; }
  // Empty when there is none. Views live as long as the context.
  std::string_view baggage_item(std::string_view key) const;
  // 32 hexadecimal digits, as logs and W3C headers carry it.
  std::string trace_id_hex() const;
};

struct SpanOptions {
  std::string_view resource;            // empty: the name
  std::string_view service;             // empty: the settings'
  std::string_view type;                // "web", "grpc", "sql", "redis", "llm"
  std::string_view kind;                // "server", "client", "producer", "consumer", "internal"
  const SpanContext* parent = nullptr;  // null: the span that is active on this thread, else a new trace
  bool new_trace = false;               // whatever is active
};

class TracerCore;
struct SpanState;

class Span {
 public:
  Span();  // stands for nothing: every call does nothing
  Span(Span&&) noexcept;
  Span& operator=(Span&&) noexcept;
  ~Span();  // finishes

  void set_resource(std::string_view resource);
  void set_tag(std::string_view key, std::string_view value);
  void set_metric(std::string_view key, double value);
  // Marks the span as failed. `stack` may be empty.
  void set_error(std::string_view type, std::string_view message, std::string_view stack = {});
  void add_event(std::string_view name);
  void add_link(const SpanContext& to);
  // Attribution of this span, of those started below it from now on, and of those in other processes.
  void set_session(std::string_view session_id);
  void set_user(std::string_view user_id);
  // Makes this an LLM Observability span. May be called again: the later call replaces the earlier one.
  void set_llm(LlmData data);

  // What to hand to propagation, logs, or a child on another thread. Valid after finish() too.
  const SpanContext& context() const;
  // Ends the span now; later calls do nothing.
  void finish();

 private:
  friend class TracerCore;
  friend class Scope;
  explicit Span(std::unique_ptr<SpanState> state);

  std::unique_ptr<SpanState> state_;
};

// While it lives, `span` is the parent of spans started on this thread, and logs written on it carry its ids. Scopes
// end in the reverse order of their beginning; the span must outlive its scope.
class Scope {
 public:
  explicit Scope(const Span& span);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  const SpanState* before_;
};

// The context of the span that is active on this thread; null: none.
const SpanContext* active_context();

class Tracer {
 public:
  explicit Tracer(std::shared_ptr<TracerCore> core);
  Span start(std::string_view name, const SpanOptions& options = {});

 private:
  std::shared_ptr<TracerCore> core_;
};

}  // namespace godseye::sdk
