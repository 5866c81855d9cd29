// Times the questions that people ask about spans, over a day made by generate_spans (lib/store/bench); the numbers of
// docs/benchmarks.md ("Spans, asked"):
//   generate_spans --data-dir /tmp/b --spans 10000000
//   ask_spans --data-dir /tmp/b
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <godseye/base/log.h>
#include <godseye/query/span_engine.h>
#include <godseye/store/store.h>

#include <CLI/CLI.hpp>
#include <unistd.h>

namespace {

using namespace godseye;
using query::SpanAggregation;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDay = 86'400 * kSecond;
constexpr int kRuns = 5;
constexpr uint64_t kLargeTrace = 4'242'424'242;  // of generate_spans

// The day with the most spans.
int64_t busiest_day_ns(store::Engine& engine) {
  const auto rows = engine.select(
      "SELECT toInt64(toUnixTimestamp(toStartOfDay(start))) AS d FROM spans GROUP BY d ORDER BY count() DESC LIMIT 1");
  return rows && rows->row_count() == 1 ? rows->column(0).i64(0) * kSecond : 0;
}

std::string only;  // questions with these words alone

int64_t engine_process = 0;

// Processor seconds of process `pid`; they say more than wall time where other programs run.
double processor_seconds(int64_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string word;
  double user = 0;
  double system = 0;
  for (int i = 0; i < 13; ++i) in >> word;
  in >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Median of warm runs, and the first one. `ask` returns how many things came back, or -1 with a message printed.
void time_question(const char* what, double limit_ms, const std::function<int64_t()>& ask) {
  if (std::string_view(what).find(only) == std::string_view::npos) return;
  std::vector<double> times;
  int64_t found = 0;
  double processor = 0;
  for (int run = 0; run <= kRuns; ++run) {
    if (run == 1) processor = processor_seconds(engine_process) + processor_seconds(getpid());
    const auto begin = std::chrono::steady_clock::now();
    found = ask();
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    if (found < 0) return;
  }
  const double first = times.front();
  processor = (processor_seconds(engine_process) + processor_seconds(getpid()) - processor) * 1000 / kRuns;
  std::sort(times.begin() + 1, times.end());
  std::printf("%-60s %7.1f ms, first %7.1f, processor %6.0f (limit %.0f), %lld found\n", what, times[1 + kRuns / 2],
              first, processor, limit_ms, static_cast<long long>(found));
}

template <typename T, typename F>
int64_t count_of(const base::Result<T>& result, F count) {
  if (result) return static_cast<int64_t>(count(*result));
  std::printf("%s\n", result.error().message().c_str());
  return -1;
}

int64_t read_trace(query::SpanEngine& engine, double* first_piece_ms) {
  const auto begin = std::chrono::steady_clock::now();
  auto reader = engine.open_trace({.low = kLargeTrace});
  if (!reader) return count_of(reader, [](const auto&) { return 0; });
  int64_t count = 0;
  std::vector<query::StoredSpan> piece;
  while (true) {
    if (const base::Status read = (*reader)->next(piece); !read || piece.empty()) return count;
    if (count == 0) {
      *first_piece_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    }
    count += static_cast<int64_t>(piece.size());
  }
}

void ask(query::SpanEngine& engine, int64_t day_ns) {
  const auto search = [&](const char* what, const std::string& text, bool llm_only = false) {
    time_question(what, 300, [&] {
      return count_of(engine.search({.query = text,
                                     .from_ns = day_ns,
                                     .to_ns = day_ns + kDay,
                                     .llm_only = llm_only,
                                     .with_llm = true,
                                     .with_texts = false}),
                      [](const auto& page) { return page.spans.size(); });
    });
  };
  search("search: everything", "");
  search("search: service", "service:svc-7");
  search("search: service, resource, error", "service:svc-7 resource_name:\"GET /api/7/3\" status:error");
  search("search: a service that is not there", "service:none");
  search("search: a tag", "@http.status_code:500");
  search("search: a tag that is rare", "@http.useragent:*agent/39 status:error service:svc-3");
  search("search: a duration that none has", "@duration:>100s");
  search("search: a word in the resource", "table_7");
  search("search: LLM calls of a model that cost more", "model:gpt-4o cost_usd:>0.003");
  search("search over LLM spans: a word that was said", "delivery injection_score:>0.5", true);
  time_question("facets of the day", 300, [&] {
    return count_of(engine.facets({.from_ns = day_ns, .to_ns = day_ns + kDay}), [](const auto& r) { return r.spans; });
  });
  time_question("facets of a service", 300, [&] {
    return count_of(engine.facets({.query = "service:svc-7", .from_ns = day_ns, .to_ns = day_ns + kDay}),
                    [](const auto& r) { return r.spans; });
  });
  time_question("count by service", 300, [&] {
    return count_of(engine.aggregate({.from_ns = day_ns, .to_ns = day_ns + kDay, .group_by = {{.facet = "service"}}}),
                    [](const auto& r) { return r.buckets.size(); });
  });
  time_question("p95 of duration by resource of a service, over time", 300, [&] {
    query::SpanCompute p95{
        .aggregation = SpanAggregation::kPercentile, .percentile = 95, .metric = "@duration", .timeseries = true};
    return count_of(engine.aggregate({.query = "service:svc-7",
                                      .from_ns = day_ns,
                                      .to_ns = day_ns + kDay,
                                      .compute = {p95},
                                      .group_by = {{.facet = "resource_name"}}}),
                    [](const auto& r) { return r.buckets.size(); });
  });
  double first_piece_ms = 0;
  time_question("a trace of 33,000 spans, whole", 500, [&] { return read_trace(engine, &first_piece_ms); });
  if (first_piece_ms > 0) std::printf("  its first piece after %.1f ms\n", first_piece_ms);
  time_question("sessions of the last hour", 300, [&] {
    return count_of(engine.sessions({.from_ns = day_ns + kDay - 3600 * kSecond, .to_ns = day_ns + kDay}),
                    [](const auto& page) { return page.items.size(); });
  });
  time_question("service map of an hour", 1000, [&] {
    return count_of(engine.service_map(day_ns + kDay / 2, day_ns + kDay / 2 + 3600 * kSecond, ""),
                    [](const auto& map) { return map.edges.size(); });
  });
  time_question("errors of the day", 1000, [&] {
    return count_of(engine.errors({.from_ns = day_ns, .to_ns = day_ns + kDay}),
                    [](const auto& p) { return p.groups.size(); });
  });
}

}  // namespace

int main(int argc, char** argv) {
  std::string data_dir;
  CLI::App app("Times questions about the spans of a data directory.", "ask_spans");
  app.add_option("--data-dir", data_dir, "Data directory of generate_spans")->required();
  app.add_option("--only", only, "Questions with these words alone");
  CLI11_PARSE(app, argc, argv);
  base::init_log("ask_spans", "warn");
  store::StoreConfig config;
  config.data_dir = data_dir;
  config.store_program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path().string() + "/bin/godseye-store";
  config.retention_days = 3650;
  auto store = store::Store::open(config, base::system_clock());
  if (!store || !(*store)->wait_ready(std::chrono::steady_clock::now() + std::chrono::seconds(60))) {
    std::fprintf(stderr, "%s\n", store ? (*store)->health().reason.c_str() : store.error().message().c_str());
    return 2;
  }
  engine_process = (*store)->stats().engine_process;
  query::SpanEngine engine((*store)->engine(), base::system_clock());
  ask(engine, busiest_day_ns((*store)->engine()));
  return 0;
}
