#include "sender.h"

#include <algorithm>

#include <simdjson.h>

namespace godseye::sdk {
namespace {

bool later(const base::Result<HttpAnswer>& answer) {
  if (!answer) return true;
  return answer->status == 429 || answer->status >= 500;
}

}  // namespace

Sender::Sender(std::shared_ptr<TracerCore> tracer, std::shared_ptr<EventQueue> events, const Settings& settings,
               Address agent, std::optional<Address> api, ProcessFacts process)
    : tracer_(std::move(tracer)),
      events_(std::move(events)),
      settings_(settings),
      process_(std::move(process)),
      agent_(std::move(agent)) {
  if (api) api_ = std::make_unique<HttpOrigin>(*std::move(api));
}

void Sender::cancel() {
  agent_.cancel();
  if (api_) api_->cancel();
}

void Sender::collect() {
  if (settings_.traces != Exporter::kDatadog) return;
  std::vector<TraceChunk> chunks = tracer_->take();
  for (size_t begin = 0; begin < chunks.size();) {
    size_t end = begin, spans = 0;
    while (end < chunks.size() && (spans == 0 || spans + chunks[end].spans.size() <= kPayloadSpans)) {
      spans += chunks[end++].spans.size();
    }
    const std::span<const TraceChunk> part(chunks.data() + begin, end - begin);
    payloads_.push_back(trace_payload(part, settings_, process_, room_));
    begin = end;
    if (room_.text.capacity() > kRoomBytesKept) room_ = {};
  }
}

bool Sender::send(base::TickTime now, bool in_haste) {
  collect();
  if (!in_haste && now < not_before_) return payloads_.empty();
  bool fine = true;
  while (!payloads_.empty() && fine) {
    fine = put(payloads_.front());
    if (fine) payloads_.pop_front();
  }
  if (fine) fine = post_events();
  pause_ = fine ? std::chrono::milliseconds(0) : std::clamp(pause_ * 2, kRetryFirst, kRetryMost);
  not_before_ = now + pause_;
  return fine && payloads_.empty() && batch_.empty();
}

bool Sender::put(const TracePayload& payload) {
  HttpCall call{.method = "PUT", .path = "/v0.4/traces", .body = payload.body, .timeout = settings_.http_timeout};
  call.headers = {"Content-Type: application/msgpack", "Datadog-Meta-Lang: cpp",
                  "Datadog-Meta-Lang-Version: " + std::to_string(__cplusplus),
                  std::string("Datadog-Meta-Tracer-Version: ") + kSdkVersion,
                  "X-Datadog-Trace-Count: " + std::to_string(payload.traces)};
  const base::Result<HttpAnswer> answer = agent_.call(call);
  if (later(answer)) return false;
  tracer_->sent(payload.spans);
  if (answer->status >= 300) {
    unsent_.fetch_add(payload.spans, std::memory_order_relaxed);
  } else {
    read_rates(answer->body);
  }
  return true;
}

void Sender::read_rates(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::object rates;
  if (parser.parse(body)["rate_by_service"].get(rates) != simdjson::SUCCESS) return;
  std::map<std::string, double> out;
  for (const auto& [key, value] : rates) {
    double rate = 1;
    if (value.get(rate) == simdjson::SUCCESS && rate >= 0 && rate <= 1 && out.size() < 1000) out.emplace(key, rate);
  }
  tracer_->set_rates(std::move(out));
}

bool Sender::post_events() {
  if (!api_) return true;
  for (;;) {
    if (batch_.empty()) batch_ = events_->take();
    if (batch_.empty()) return true;
    std::string body = "[";
    for (const std::string& event : batch_) {
      if (body.size() > 1) body += ',';
      body += event;
    }
    body += ']';
    HttpCall call{.path = "/api/godseye/v1/analytics", .body = body, .timeout = settings_.http_timeout};
    call.headers = {"Content-Type: application/json", "DD-API-KEY: " + settings_.api_key};
    const base::Result<HttpAnswer> answer = api_->call(call);
    if (later(answer)) return false;
    if (answer->status >= 300) events_->lost(batch_.size());
    batch_.clear();
  }
}

}  // namespace godseye::sdk
