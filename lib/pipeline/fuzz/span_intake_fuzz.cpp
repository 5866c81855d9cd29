#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <godseye/pipeline/derive.h>
#include <godseye/pipeline/span_intake.h>

// Any spans, as hostile as codecs let them through, become spans that keep the intake's promises, and finite metrics of
// which the money is the money of the spans. The input is read as a program: a byte chooses a field, what follows fills
// it.
namespace {

using namespace godseye;
using signal::SpanBatch;

constexpr int64_t kNowNs = 1'795'004'800'000'000'000;

class Reader {
 public:
  Reader(const uint8_t* data, size_t size) : at_(data), end_(data + size) {}
  bool done() const { return at_ == end_; }
  uint8_t byte() { return done() ? 0 : *at_++; }
  uint64_t number() {
    uint64_t value = 0;
    const uint8_t bytes = byte() % 9;
    for (uint8_t i = 0; i < bytes; ++i) value = value << 8 | byte();
    return value;
  }
  std::string_view text() {
    const size_t size = std::min<size_t>(byte() % 4 == 0 ? number() % 2000 : byte(), static_cast<size_t>(end_ - at_));
    const std::string_view out(reinterpret_cast<const char*>(at_), size);
    at_ += size;
    return out;
  }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
};

constexpr std::string_view kKeys[] = {"env",
                                      "session_id",
                                      "error.type",
                                      "error.stack",
                                      "error.message",
                                      "http.status_code",
                                      "span.kind",
                                      "godseye.conversion",
                                      "gen_ai.prompt",
                                      "llm.request.model",
                                      "_dd.llmobs.submitted",
                                      "product_analytics.endpoint"};
constexpr std::string_view kNumbers[] = {"_dd.top_level", "_dd.measured", "_dd.partial_version",
                                         "gen_ai.usage.input_tokens", "product_analytics.conversion_value"};

void fill(Reader& in, SpanBatch& batch) {
  signal::Span span;
  span.trace_id_low = in.number();
  span.span_id = in.number();
  span.parent_id = in.number();
  span.start_ns = in.byte() % 2 == 0 ? kNowNs - static_cast<int64_t>(in.number() % 100'000'000'000'000)
                                     : static_cast<int64_t>(in.number());
  span.duration_ns = static_cast<int64_t>(in.number());
  span.source = static_cast<signal::SpanSource>(in.byte() % 6);
  span.error = in.byte() % 2;
  span.service = batch.add(in.text());
  span.name = batch.add(in.text());
  span.resource = batch.add(in.text());
  span.meta.begin = static_cast<uint32_t>(batch.meta.size());
  for (uint8_t i = in.byte() % 8; i > 0; --i) {
    const uint8_t key = in.byte();
    const signal::Text name = batch.add(key < 100 ? kKeys[key % std::size(kKeys)] : in.text());
    batch.meta.push_back({name, batch.add(in.text())});
  }
  span.meta.end = static_cast<uint32_t>(batch.meta.size());
  span.metrics.begin = static_cast<uint32_t>(batch.metrics.size());
  for (uint8_t i = in.byte() % 6; i > 0; --i) {
    const uint64_t bits = in.number();
    double value = static_cast<double>(bits);
    if (in.byte() % 4 == 0) std::memcpy(&value, &bits, sizeof(value));
    batch.metrics.push_back({batch.add(kNumbers[in.byte() % std::size(kNumbers)]), value});
  }
  span.metrics.end = static_cast<uint32_t>(batch.metrics.size());
  if (in.byte() % 2 == 0) {
    signal::LlmSpan llm;
    llm.kind = static_cast<signal::LlmKind>(in.byte() % 9);
    llm.model_name = batch.add(in.byte() % 2 == 0 ? "gpt-4o" : in.text());
    llm.model_provider = batch.add(in.text());
    llm.input = batch.add(in.text());
    llm.output = batch.add(in.text());
    llm.call_id = batch.add(in.text());
    llm.input_tokens = static_cast<int64_t>(in.number() >> 16) - 1;
    llm.output_tokens = static_cast<int64_t>(in.number() >> 16) - 1;
    llm.total_tokens = static_cast<int64_t>(in.number() >> 16) - 1;
    llm.cache_read_tokens = static_cast<int64_t>(in.number() >> 16) - 1;
    llm.cache_write_tokens = static_cast<int64_t>(in.number() >> 16) - 1;
    llm.cache_write_1h_tokens = static_cast<int64_t>(in.number() >> 16) - 1;
    llm.reasoning_tokens = static_cast<int64_t>(in.number() >> 16) - 1;
    span.llm = static_cast<uint32_t>(batch.llm.size());
    batch.llm.push_back(llm);
  }
  batch.spans.push_back(span);
}

void check(bool good) {
  if (!good) std::abort();
}

double money_of(const SpanBatch& batch) {
  double sum = 0;
  for (const signal::Span& span : batch.spans) {
    check(span.span_id != 0 && span.service.size > 0 && span.name.size > 0 && span.resource.size > 0);
    check(span.duration_ns >= 0 && span.start_ns >= 946'684'800'000'000'000);
    check(span.start_ns + span.duration_ns <= kNowNs + 600'000'000'000);
    check(span.meta.begin <= span.meta.end && span.meta.end <= batch.meta.size());
    check(span.metrics.begin <= span.metrics.end && span.metrics.end <= batch.metrics.size());
    for (uint32_t i = span.meta.begin; i < span.meta.end; ++i) {
      check(batch.meta[i].value.offset + size_t{batch.meta[i].value.size} <= batch.text.size());
    }
    check(span.error == 0 || span.error_fingerprint != 0);
    if (span.llm == signal::kNoLlm) continue;
    check(span.llm < batch.llm.size());
    const signal::LlmSpan& llm = batch.llm[span.llm];
    check(std::isfinite(llm.cost_usd) && (llm.cost_usd >= 0 || llm.cost_usd == signal::kNoScore));
    if ((span.flags & signal::kSpanLlmNotCounted) == 0 && llm.cost_usd >= 0) sum += llm.cost_usd;
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto prices = *pipeline::PriceBook::shipped();
  const base::Clock clock{[] { return base::WallTime(std::chrono::nanoseconds(kNowNs)); },
                          [] { return base::TickTime(); }};
  pipeline::IngestLedger ledger(clock);
  pipeline::SpanIntake intake({.span_ids_max = 1000, .calls_max = 100, .sessions_max = 100}, *prices, ledger, clock);
  Reader in(data, size);
  std::vector<SpanBatch> segment;
  double money = 0;
  while (!in.done() && segment.size() < 20) {
    SpanBatch batch;
    for (uint8_t i = in.byte() % 8; i > 0; --i) fill(in, batch);
    intake.accept(batch, {.client = "fuzz", .path = "v0.4", .top_level_by_client = in.byte() % 2 == 0});
    money += money_of(batch);
    segment.push_back(std::move(batch));
  }
  const signal::MetricBatch metrics = pipeline::derive_metrics(segment);
  double counted = 0;
  for (const signal::Point& point : metrics.points) {
    check(std::isfinite(point.value));
    for (const signal::SeriesDefinition& series : metrics.series) {
      if (series.id == point.series && series.metric == "llm.cost.usd") counted += point.value;
    }
  }
  check(std::abs(counted - money) <= 1e-9 * std::max(1.0, money));
  return 0;
}
