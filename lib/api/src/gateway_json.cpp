#include "gateway_json.h"

#include "json_fields.h"

namespace godseye::api {
namespace {

void amount(Fields& fields, std::string_view name, double value) {
  if (value >= 0) fields.number(name, value);
}
void amount(Fields& fields, std::string_view name, int64_t value) {
  if (value >= 0) fields.integer(name, value);
}
void time(Fields& fields, std::string_view name, const std::optional<base::WallTime>& value) {
  if (value) fields.integer(name, base::unix_millis(*value));
}

// Spans are named by decimal numbers in every other answer.
std::string span_number(std::string_view hex) {
  uint64_t id = 0;
  const auto [end, code] = std::from_chars(hex.data(), hex.data() + hex.size(), id, 16);
  return code == std::errc() && end == hex.data() + hex.size() ? std::to_string(id) : std::string();
}

// A list of objects; `write` gets the fields of each.
template <typename Items, typename Write>
void objects(Fields& fields, std::string_view name, const Items& items, Write write) {
  std::string& out = fields.key(name);
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    Fields inner(out);
    write(inner, item);
  }
  out += ']';
}

}  // namespace

void append_call(std::string& out, const GatewayCall& call) {
  Fields fields(out);
  fields.integer("time", base::unix_millis(call.time));
  fields.text("call_id", call.call_id);
  fields.text("service", call.service);
  fields.text("session", call.session_id);
  fields.text("user", call.user_id);
  fields.text("address", call.address);
  fields.text("route", call.route);
  fields.text("provider", call.provider);
  fields.text("model", call.model);
  fields.integer("status", call.status);
  fields.text("verdict", verdict_name(call.verdict));
  fields.texts("reasons", call.reasons);
  fields.text("sample", call.sample);
  fields.text("error", call.error);
  fields.boolean("streamed", call.streamed);
  if (call.guard_failed) fields.boolean("guard_failed", true);
  amount(fields, "injection", call.injection);
  amount(fields, "pii_count", call.pii_count);
  amount(fields, "quality", call.quality);
  amount(fields, "input_tokens", call.input_tokens);
  amount(fields, "output_tokens", call.output_tokens);
  if (call.input_tokens >= 0 && call.output_tokens >= 0) {
    fields.integer("tokens", call.input_tokens + call.output_tokens);
  }
  amount(fields, "cost_usd", call.cost_usd);
  amount(fields, "duration_ms", call.duration_ms);
  amount(fields, "ttft_ms", call.ttft_ms);
  if (call.trace_id.find_first_not_of('0') != call.trace_id.npos) {
    fields.text("trace_id", call.trace_id);
    fields.text("span_id", span_number(call.span_id));
  }
}

void append_provider(std::string& out, const GatewayProvider& provider) {
  Fields fields(out);
  fields.text("name", provider.name);
  fields.text("family", provider.family);
  fields.text("origin", provider.origin);
  fields.text("state", provider.state.empty() ? "unknown" : provider.state);
  fields.text("reason", provider.reason);
  fields.integer("window_s", provider.window_s);
  fields.integer("requests", static_cast<int64_t>(provider.requests));
  fields.integer("errors", static_cast<int64_t>(provider.errors));
  fields.integer("rate_limited", static_cast<int64_t>(provider.rate_limited));
  fields.integer("timeouts", static_cast<int64_t>(provider.timeouts));
  amount(fields, "latency_ms_p50", provider.latency_ms_p50);
  amount(fields, "latency_ms_p95", provider.latency_ms_p95);
  amount(fields, "ttft_ms_p50", provider.ttft_ms_p50);
  amount(fields, "ttft_ms_p95", provider.ttft_ms_p95);
  fields.text("last_error", provider.last_error);
  time(fields, "last_ok", provider.last_ok);
  time(fields, "last_failed", provider.last_failed);
  time(fields, "retry_after", provider.retry_after);
  objects(fields, "quotas", provider.quotas, [](Fields& inner, const GatewayQuota& quota) {
    inner.text("name", quota.name);
    amount(inner, "limit", quota.limit);
    amount(inner, "remaining", quota.remaining);
    time(inner, "resets", quota.resets);
  });
  objects(fields, "keys", provider.keys, [](Fields& inner, const GatewayKey& key) {
    inner.text("id", key.id);
    inner.text("source", key.source);
    time(inner, "expires", key.expires);
  });
  fields.texts("models", provider.models);
}

}  // namespace godseye::api
