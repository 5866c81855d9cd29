#include "gateway_pages.h"

#include <cstdio>

namespace godseye::app {
namespace {

std::string hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

api::GatewayVerdict verdict_of(gateway::Outcome outcome) {
  switch (outcome) {
    case gateway::Outcome::kShadow:
      return api::GatewayVerdict::kShadow;
    case gateway::Outcome::kRedacted:
      return api::GatewayVerdict::kRedacted;
    case gateway::Outcome::kRefused:
      return api::GatewayVerdict::kRefused;
    case gateway::Outcome::kBlocked:
      return api::GatewayVerdict::kBlocked;
    default:
      return api::GatewayVerdict::kObserve;
  }
}

}  // namespace

api::GatewayCall call_of(const gateway::CallRecord& record) {
  api::GatewayCall call;
  call.sequence = record.sequence;
  call.time = record.time;
  call.call_id = record.call_id;
  call.service = record.service;
  call.session_id = record.session_id;
  call.user_id = record.user_id;
  call.address = record.address;
  call.route = record.route;
  call.provider = record.provider;
  call.model = record.model;
  call.trace_id = hex(record.trace_id_high) + hex(record.trace_id_low);
  call.span_id = hex(record.span_id);
  call.reasons = record.verdict.reasons;
  call.sample = record.sample;
  call.error = record.error;
  call.verdict = verdict_of(record.verdict.outcome);
  call.streamed = record.streamed;
  call.guard_failed = record.verdict.guard_failed;
  call.status = record.status;
  call.pii_count = record.pii_count;
  call.input_tokens = record.input_tokens;
  call.output_tokens = record.output_tokens;
  call.injection = record.injection;
  call.quality = record.quality;
  call.cost_usd = record.cost_usd;
  call.duration_ms = record.duration_ms;
  call.ttft_ms = record.ttft_ms;
  return call;
}

api::GatewayProvider provider_of(const gateway::ProviderState& state) {
  api::GatewayProvider out;
  out.name = state.name;
  out.family = state.family;
  out.origin = state.origin;
  out.state = state.state;
  out.reason = state.reason;
  out.window_s = state.window_s;
  out.requests = state.requests;
  out.errors = state.errors;
  out.rate_limited = state.rate_limited;
  out.timeouts = state.timeouts;
  out.latency_ms_p50 = state.latency_ms_p50;
  out.latency_ms_p95 = state.latency_ms_p95;
  out.ttft_ms_p50 = state.ttft_ms_p50;
  out.ttft_ms_p95 = state.ttft_ms_p95;
  out.last_error = state.last_error;
  out.last_ok = state.last_ok;
  out.last_failed = state.last_failed;
  out.retry_after = state.retry_after;
  for (const gateway::QuotaState& quota : state.quotas) {
    out.quotas.push_back(
        {.name = quota.name, .limit = quota.limit, .remaining = quota.remaining, .resets = quota.resets});
  }
  for (const gateway::KeyState& key : state.keys) {
    out.keys.push_back({.id = key.id, .source = key.source, .expires = key.expires});
  }
  out.models = state.models;
  return out;
}

}  // namespace godseye::app
