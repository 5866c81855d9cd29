#include "otlp_sender.h"

#include "otlp_spans.h"

#include <algorithm>

namespace godseye::sdk {
namespace {

std::vector<std::string> header_lines(const OtlpSettings& settings) {
  std::vector<std::string> out{"Content-Type: application/x-protobuf",
                               std::string("User-Agent: godseye-sdk/") + kSdkVersion};
  for (const auto& [name, value] : settings.headers) out.push_back(name + ": " + value);
  return out;
}

// What OTLP says may be sent again; every other failure is for good.
bool may_retry(const base::Result<HttpAnswer>& answer) {
  if (!answer) return true;
  const long status = answer->status;
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

OtlpSender::OtlpSender(const Settings& settings, const OtlpTargets& targets, ProcessFacts process,
                       std::shared_ptr<TracerCore> tracer, std::shared_ptr<OtlpMetrics> metrics,
                       std::shared_ptr<LogBuffer> lines)
    : settings_(settings),
      process_(std::move(process)),
      headers_(header_lines(settings.otlp)),
      tracer_(std::move(tracer)),
      metrics_(std::move(metrics)),
      lines_(std::move(lines)),
      traces_(targets.traces),
      metric_points_(targets.metrics),
      logs_(targets.logs) {}

void OtlpSender::cancel() {
  traces_.origin.cancel();
  metric_points_.origin.cancel();
  logs_.origin.cancel();
}

bool OtlpSender::send(base::TickTime now, bool in_haste) {
  const bool traces = send_traces(now, in_haste);
  const bool metrics = send_metrics(now, in_haste);
  const bool logs = send_logs(now, in_haste);
  return traces && metrics && logs;
}

bool OtlpSender::send_traces(base::TickTime now, bool in_haste) {
  if (settings_.traces != Exporter::kOtlp) return true;
  OtlpSpans spans = otlp_spans(tracer_->take(), settings_, process_);
  tracer_->sent(spans.unkept);
  for (OtlpMessage& message : spans.messages) traces_.waiting.push_back(std::move(message));
  return drain(traces_, now, in_haste, [&](size_t items, uint64_t lost) {
    tracer_->sent(items);
    spans_unsent_.fetch_add(lost, std::memory_order_relaxed);
  });
}

bool OtlpSender::send_metrics(base::TickTime now, bool in_haste) {
  if (!metrics_) return true;
  const auto done = [&](size_t, uint64_t lost) { metrics_->lost(lost); };
  // While points wait, the next ones grow together where they are: no more than one interval is held here.
  if (!drain(metric_points_, now, in_haste, done)) return false;
  for (OtlpMessage& message : metrics_->take(now, in_haste, process_)) {
    metric_points_.waiting.push_back(std::move(message));
  }
  return drain(metric_points_, now, in_haste, done);
}

bool OtlpSender::send_logs(base::TickTime now, bool in_haste) {
  const auto done = [&](size_t, uint64_t lost) { lines_->lost(lost); };
  // While some wait, further ones wait in the buffer, whose bound counts.
  if (!drain(logs_, now, in_haste, done)) return false;
  OtlpMessage records;
  if (settings_.logs == Exporter::kOtlp) records = lines_->take_records();
  if (metrics_) {
    OtlpMessage events = metrics_->take_events();
    records.body += events.body;
    records.items += events.items;
  }
  if (records.items == 0) return true;
  protobuf::Writer request;
  append_resource(request, otlp_resource(settings_, process_, {}), records.body);
  logs_.waiting.push_back({request.take(), records.items});
  return drain(logs_, now, in_haste, done);
}

template <typename Done>
bool OtlpSender::drain(Lane& lane, base::TickTime now, bool in_haste, Done done) {
  if (!in_haste && now < lane.not_before) return lane.waiting.empty();
  while (!lane.waiting.empty()) {
    const OtlpMessage& message = lane.waiting.front();
    const Outcome outcome = post(lane, message);
    if (outcome.later) {
      lane.not_before = now + lane.pause;
      return false;
    }
    done(message.items, std::min<uint64_t>(outcome.lost, message.items));
    lane.waiting.pop_front();
  }
  lane.pause = {};
  return true;
}

OtlpSender::Outcome OtlpSender::post(Lane& lane, const OtlpMessage& message) {
  HttpCall call{.path = lane.path, .headers = headers_, .body = message.body, .timeout = settings_.http_timeout};
  const base::Result<HttpAnswer> answer = lane.origin.call(call);
  if (may_retry(answer)) {
    lane.pause = std::clamp(lane.pause * 2, kRetryFirst, kRetryMost);
    if (answer && answer->retry_after.count() > 0) lane.pause = std::min(answer->retry_after, kRetryAfterMost);
    return {.later = true};
  }
  if (answer->status >= 300) return {.lost = message.items};
  return {.lost = otlp_rejected(answer->body)};
}

}  // namespace godseye::sdk
