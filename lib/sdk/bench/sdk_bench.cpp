#include "metric_buffer.h"
#include "trace_payload.h"
#include "tracer_core.h"

#include <benchmark/benchmark.h>

// What a call costs the host's thread; the sender's work apart. docs/benchmarks.md has the numbers.
namespace godseye::sdk {
namespace {

void count_metric(benchmark::State& state) {
  auto buffer =
      std::make_shared<MetricBuffer>(1432, size_t{1} << 30, std::vector<std::string>{"service:shop", "env:prod"});
  Metrics metrics(buffer);
  size_t calls = 0;
  for (auto _ : state) {
    metrics.count("checkout.order.count", 1, {"currency:EUR", "country:DE"});
    if (++calls % 100'000 == 0) benchmark::DoNotOptimize(buffer->take());
  }
}
BENCHMARK(count_metric);

void finished_span(benchmark::State& state) {
  Settings settings{.service = "shop", .env = "prod", .spans_max = 1'000'000};
  auto core = std::make_shared<TracerCore>(settings, base::system_clock());
  Tracer tracer(core);
  Span root = tracer.start("request", {.resource = "GET /", .type = "web"});
  root.set_session("s-1");
  Scope scope(root);
  size_t calls = 0;
  for (auto _ : state) {
    Span span = tracer.start("sql.query", {.resource = "SELECT * FROM orders", .type = "sql"});
    span.set_tag("db.system", "postgres");
    span.set_tag("db.name", "orders");
    span.set_metric("rows", 7);
    span.finish();
    if (++calls % 10'000 == 0) {
      state.PauseTiming();
      core->take();
      core->sent(10'000);
      state.ResumeTiming();
    }
  }
}
BENCHMARK(finished_span);

void encode_trace(benchmark::State& state) {
  Settings settings{.service = "shop", .env = "prod"};
  auto core = std::make_shared<TracerCore>(settings, base::system_clock());
  Tracer tracer(core);
  for (int i = 0; i < 1000; ++i) {
    Span span = tracer.start("sql.query", {.resource = "SELECT * FROM orders", .type = "sql"});
    span.set_tag("db.system", "postgres");
  }
  const auto chunks = core->take();
  for (auto _ : state) benchmark::DoNotOptimize(trace_payload(chunks, settings, {1, "r"}));
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(encode_trace);

}  // namespace
}  // namespace godseye::sdk

BENCHMARK_MAIN();
