#include <string>

#include <godseye/base/temp_dir.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/registry/monitors.h>

#include <benchmark/benchmark.h>

// What one evaluation of one monitor costs beside its query: N groups, all quiet, values moving.
namespace godseye::monitor {
namespace {

class Queries : public WindowQueries {
 public:
  explicit Queries(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      values_.push_back({.group = {{"session_id", "session-" + std::to_string(i)}}, .value = 0.1});
    }
  }
  base::Result<query::GroupValues> evaluate(const lang::MonitorQuery&, int64_t) override {
    for (query::GroupValue& value : values_) *value.value += 1e-9;
    return values_;
  }

 private:
  query::GroupValues values_;
};

class Sink : public TransitionSink {
 public:
  base::Status apply(registry::WriteSession&, const ValidMonitor&, std::span<GroupTransition>) override {
    return base::ok();
  }
};

void QuietGroups(benchmark::State& state) {
  const base::TempDir directory;
  auto registry = *registry::Registry::open({.path = directory.file("registry")});
  (void)registry->change<registry::MonitorRow>([](registry::WriteSession& session) {
    return registry::create_monitor(session,
                                    R"({"type":"query alert","query":"max(last_1m):max:score{*} by {session_id} > 0.7",
                     "options":{"on_missing_data":"resolve"}})",
                                    "", 1);
  });
  Queries queries(static_cast<size_t>(state.range(0)));
  Sink sink;
  Evaluator evaluator(*registry, queries, sink, base::system_clock());
  int64_t cut_s = 10'000;
  for (auto _ : state) {
    if (!evaluator.evaluate(base::WallTime(std::chrono::seconds(cut_s += 10)))) state.SkipWithError("failed");
  }
  state.counters["writes"] = static_cast<double>(registry->stats().writes);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(QuietGroups)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace godseye::monitor

BENCHMARK_MAIN();
