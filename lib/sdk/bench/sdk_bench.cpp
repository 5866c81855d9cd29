#include "metric_buffer.h"
#include "trace_payload.h"
#include "tracer_core.h"

#include <map>

#include <godseye/sdk/propagation.h>

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

// With the session and the user of the active span, as a service's are.
void count_attributed_metric(benchmark::State& state) {
  Settings settings{.service = "shop", .env = "prod"};
  Tracer tracer(std::make_shared<TracerCore>(settings, base::system_clock()));
  auto buffer =
      std::make_shared<MetricBuffer>(8192, size_t{1} << 30, std::vector<std::string>{"service:shop", "env:prod"});
  Metrics metrics(buffer, true);
  Span root = tracer.start("request");
  root.set_session("0b9e7c52-6a1d-4f0e-9f43-1f6f0a4f3c11");
  root.set_user("user-4711");
  const Scope scope(root);
  size_t calls = 0;
  for (auto _ : state) {
    metrics.count("checkout.order.count", 1, {"currency:EUR", "country:DE"});
    if (++calls % 100'000 == 0) benchmark::DoNotOptimize(buffer->take());
  }
}
BENCHMARK(count_attributed_metric);

// What a server and its client do for one call: context off the wire, a span of the server's with session and user, two
// metrics; a span of the client's below it, context onto the wire, two metrics. Both ends, taken by the senders.
void observed_call(benchmark::State& state) {
  Settings settings{.service = "shopservice", .env = "prod", .spans_max = 1'000'000};
  auto core = std::make_shared<TracerCore>(settings, base::system_clock());
  Tracer tracer(core);
  auto buffer =
      std::make_shared<MetricBuffer>(8192, size_t{1} << 30, std::vector<std::string>{"service:shop", "env:prod"});
  Metrics metrics(buffer, true);
  std::multimap<std::string, std::string> headers, sent;
  {
    Span caller = tracer.start("request");
    caller.set_session("0b9e7c52-6a1d-4f0e-9f43-1f6f0a4f3c11");
    caller.set_user("user-4711");
    inject(caller.context(), [&](std::string_view name, std::string_view value) { headers.emplace(name, value); });
  }
  size_t calls = 0;
  for (auto _ : state) {
    const auto parent = extract([&](std::string_view name) -> std::optional<std::string_view> {
      const auto found = headers.find(std::string(name));
      if (found == headers.end()) return std::nullopt;
      return found->second;
    });
    Span server = tracer.start(
        "grpc.server",
        {.resource = "vcommerce.v1.CartService/GetCart", .type = "grpc", .kind = "server", .parent = &*parent});
    server.set_tag("rpc.method", "vcommerce.v1.CartService/GetCart");
    const Scope scope(server);
    Span client = tracer.start("grpc.client", {.resource = "vcommerce.v1.CurrencyService/Convert", .type = "grpc"});
    client.set_tag("rpc.method", "vcommerce.v1.CurrencyService/Convert");
    inject(client.context(), [&](std::string_view name, std::string_view value) { sent.emplace(name, value); });
    for (const char* side : {"grpc.client.request.count", "grpc.server.request.count"}) {
      metrics.count(side, 1, {"method:vcommerce.v1.CurrencyService/Convert", "status:OK"});
      metrics.distribution(side, 0.00123, {"method:vcommerce.v1.CurrencyService/Convert", "status:OK"});
    }
    client.set_tag("rpc.grpc.status_code", "OK");
    client.finish();
    server.set_tag("rpc.grpc.status_code", "OK");
    server.finish();
    sent.clear();
    if (++calls % 5'000 == 0) {
      state.PauseTiming();
      core->take();
      core->sent(10'000);
      buffer->take();
      state.ResumeTiming();
    }
  }
}
BENCHMARK(observed_call);

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
