// Spans as a fleet of services sends them, written through the real journal, writer and engine, and the numbers that
// docs/benchmarks.md reports ("Spans").
//   generate_spans --data-dir /tmp/b --spans 2000000              writes a day of them, prints the rate
//   for h in 0 6 12 18; do generate_spans --data-dir /tmp/b --seed 1$h --spans 2500000 --from-hour $h --hours 6; done
//   generate_spans --data-dir /tmp/b --measure                    bytes per span, times of questions
// Yesterday's spans (later days would be moved by the store); the same seed makes the same values but for the day.
#include "harness.h"

#include <array>
#include <map>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <godseye/base/log.h>
#include <godseye/store/store.h>

#include <CLI/CLI.hpp>

namespace {

using namespace godseye;
using namespace godseye::store::bench;
using namespace std::chrono_literals;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDay = 86'400 * kSecond;
constexpr uint64_t kLargeTrace = 4'242'424'242;
constexpr size_t kLargeTraceSpans = 33'000;
constexpr size_t kBatchSpans = 1000;  // what a client sends at once
constexpr uint64_t kServices = 25;
constexpr uint64_t kSessions = 200'000;
constexpr uint64_t kUsers = 50'000;

struct Options {
  uint64_t seed = 1;
  std::string data_dir;
  uint64_t spans = 2'000'000;
  uint64_t llm_one_in = 50;
  int64_t from_hour = 0;
  int64_t hours = 24;
  bool measure = false;
  bool merged = false;
  bool no_derive = false;
};

int64_t yesterday_ns() {
  const int64_t now = base::system_clock().wall().time_since_epoch().count();
  return now - now % kDay - kDay;
}

std::string hex_id(uint64_t value, int digits = 16) {
  char text[24];
  std::snprintf(text, sizeof text, "%0*llx", digits, static_cast<unsigned long long>(value));
  return text;
}

// Texts that many spans share, added to each batch as a decoder would: every span's copy is its own.
class Maker {
 public:
  Maker(uint64_t seed, uint64_t llm_one_in) : random_(seed), llm_one_in_(llm_one_in) {
    static constexpr const char* kWords[] = {"the",  "order", "shirt", "please", "size",  "blue",  "return",   "where",
                                             "is",   "my",    "can",   "you",    "find",  "a",     "gift",     "for",
                                             "with", "price", "less",  "than",   "euros", "thank", "delivery", "today"};
    for (int i = 0; i < 64; ++i) {
      std::string text;
      while (text.size() < 700) text.append(kWords[random_.below(std::size(kWords))]).append(" ");
      texts_.push_back(text);
    }
  }

  // About `count` spans of whole traces that start within `length_ns` from `start_ns`.
  signal::SpanBatch batch(int64_t start_ns, int64_t length_ns, size_t count) {
    signal::SpanBatch out;
    out.text.reserve(count * 700);
    while (out.spans.size() < count) {
      const auto done = static_cast<int64_t>(out.spans.size());
      trace(out, random_.next(), 1 + random_.poisson(9), start_ns + length_ns * done / static_cast<int64_t>(count));
    }
    return out;
  }
  void trace(signal::SpanBatch& out, uint64_t trace_id, size_t count, int64_t start_ns) {
    const bool attributed = random_.below(5) == 0;
    const std::string session = "sess-" + hex_id(Random(random_.below(kSessions)).next());
    const std::string user = "user-" + std::to_string(random_.below(kUsers));
    const std::string tid = hex_id(static_cast<uint64_t>(start_ns / kSecond) << 32);
    const bool llm = random_.below(llm_one_in_) == 0;
    const uint64_t root = random_.next();
    for (size_t i = 0; i < count; ++i) {
      const uint64_t service = i == 0 ? random_.below(3) : random_.below(kServices);
      signal::Span span;
      span.trace_id_high = static_cast<uint64_t>(start_ns / kSecond) << 32;
      span.trace_id_low = trace_id;
      span.span_id = i == 0 ? root : random_.next();
      span.parent_id = i == 0 ? 0 : root;
      span.start_ns = start_ns + static_cast<int64_t>(random_.below(20'000'000));
      span.duration_ns = static_cast<int64_t>(1e6 * std::exp(1.5 * random_.normal()));
      span.service = out.add("svc-" + std::to_string(service));
      span.env = out.add("prod");
      span.version = out.add("1." + std::to_string(service % 7));
      span.host = out.add("host-" + std::to_string(service * 4 + random_.below(4)));
      if (attributed) {
        span.session_id = out.add(session);
        span.user_id = out.add(user);
      }
      span.source = signal::SpanSource::kTraceAgent;
      span.flags = i == 0 ? signal::kSpanTopLevel : 0;
      span.error = random_.below(100) == 0 ? 1 : 0;
      const bool is_llm = llm && i == count - 1;
      fill_operation(out, span, is_llm ? 4 : service % 4, service, tid);
      if (is_llm) add_llm(out, span);
      out.spans.push_back(span);
    }
  }

 private:
  void fill_operation(signal::SpanBatch& out, signal::Span& span, uint64_t kind, uint64_t service,
                      const std::string& tid) {
    static constexpr const char* kNames[] = {"web.request", "postgres.query", "redis.command", "http.client",
                                             "openai.request"};
    static constexpr const char* kTypes[] = {"web", "sql", "redis", "http", "llm"};
    const uint64_t resource = random_.below(20);
    span.name = out.add(kNames[kind]);
    span.type = out.add(kTypes[kind]);
    span.resource = out.add(kind == 1 ? "SELECT * FROM table_" + std::to_string(resource) + " WHERE id = ?"
                                      : "GET /api/" + std::to_string(service) + "/" + std::to_string(resource));
    span.meta.begin = static_cast<uint32_t>(out.meta.size());
    const auto meta = [&](const char* key, const std::string& value) {
      const signal::Text k = out.add(key);
      out.meta.push_back({k, out.add(value)});
    };
    meta("language", service % 2 == 0 ? "python" : "javascript");
    meta("runtime-id", hex_id(Random(service * 4 + random_.below(4)).next()) + "-9d3f");
    meta("component", kNames[kind]);
    meta("span.kind", kind == 0 ? "server" : "client");
    meta("_dd.p.tid", tid);
    meta("_dd.p.dm", "-1");
    if (kind == 0 || kind == 3) {
      meta("http.method", random_.below(4) == 0 ? "POST" : "GET");
      meta("http.status_code", span.error != 0 ? "500" : "200");
      meta("http.url", "https://shop.example/api/" + std::to_string(service) + "/items/" +
                           std::to_string(random_.below(1'000'000)));
      meta("http.useragent", "Mozilla/5.0 (X11; Linux x86_64) agent/" + std::to_string(random_.below(40)));
    } else {
      meta("db.system", kTypes[kind]);
      meta("out.host", "db-" + std::to_string(service) + ".internal");
    }
    if (span.error != 0) {
      meta("error.type", "TimeoutError");
      meta("error.message", "no answer after " + std::to_string(random_.below(5000)) + " ms");
    }
    span.meta.end = static_cast<uint32_t>(out.meta.size());
    span.metrics.begin = static_cast<uint32_t>(out.metrics.size());
    const auto metric = [&](const char* key, double value) { out.metrics.push_back({out.add(key), value}); };
    metric("_dd.top_level", 1);
    metric("process_id", static_cast<double>(1000 + service));
    if (span.parent_id == 0) {
      metric("_sampling_priority_v1", 1);
      metric("_dd.agent_psr", 1);
    }
    span.metrics.end = static_cast<uint32_t>(out.metrics.size());
  }
  void add_llm(signal::SpanBatch& out, signal::Span& span) {
    signal::LlmSpan llm;
    llm.kind = signal::LlmKind::kLlm;
    llm.ml_app = out.add("shop");
    llm.model_name = out.add("gpt-4o" + std::string(random_.below(3) == 0 ? "-mini" : ""));
    llm.model_provider = out.add("openai");
    const auto message = [&](const char* role, size_t size) {
      const std::string& text = texts_[random_.below(texts_.size())];
      return "{\"messages\":[{\"role\":\"" + std::string(role) + "\",\"content\":\"" + std::to_string(random_.next()) +
             " " + text.substr(random_.below(100), size) + "\"}]}";
    };
    llm.input = out.add(message("user", 500));
    llm.output = out.add(message("assistant", 300));
    llm.tags = out.add("[\"env:prod\",\"ml_app:shop\",\"service:" + std::string(out.view(span.service)) + "\"]");
    llm.input_tokens = static_cast<int64_t>(100 + random_.below(1000));
    llm.output_tokens = static_cast<int64_t>(20 + random_.below(300));
    llm.total_tokens = llm.input_tokens + llm.output_tokens;
    llm.cost_usd = static_cast<double>(llm.total_tokens) * 2.5e-6;
    llm.price = out.add("openai/gpt-4o@2024-08-06");
    llm.injection_score = random_.uniform() * random_.uniform();
    span.llm = static_cast<uint32_t>(out.llm.size());
    out.llm.push_back(llm);
  }

  Random random_;
  const uint64_t llm_one_in_;
  std::vector<std::string> texts_;
};

// Requests and durations by service, operation and resource in ten-second buckets: the size of what the server derives.
signal::MetricBatch derive(const signal::SpanBatch& batch) {
  struct Bucket {
    double hits = 0;
    signal::Sketch durations;
  };
  std::map<std::tuple<int64_t, std::string_view, std::string_view, std::string_view>, Bucket> buckets;
  for (const signal::Span& span : batch.spans) {
    const int64_t end_s = (span.start_ns + span.duration_ns) / kSecond;
    Bucket& bucket =
        buckets[{end_s - end_s % 10, batch.view(span.service), batch.view(span.name), batch.view(span.resource)}];
    ++bucket.hits;
    bucket.durations.insert(static_cast<double>(span.duration_ns) / 1e9);
  }
  signal::MetricBatch out;
  std::map<signal::SeriesId, bool> known;
  const auto series = [&](const std::string& metric, signal::MetricType type, std::vector<std::string> tags) {
    signal::SeriesDefinition definition;
    definition.metric = metric;
    definition.type = type;
    definition.interval_s = 10;
    definition.tags = std::move(tags);
    definition.id = signal::series_id(definition.metric, definition.type, definition.tags);
    const signal::SeriesId id = definition.id;
    if (known.emplace(id, true).second) out.series.push_back(std::move(definition));
    return id;
  };
  for (auto& [key, bucket] : buckets) {
    const auto& [time, service, name, resource] = key;
    const std::vector<std::string> tags = {"resource:" + std::string(resource), "service:" + std::string(service)};
    const std::string metric = "trace." + std::string(name);
    out.points.push_back(
        {series(metric + ".hits", signal::MetricType::kCount, tags), time, bucket.hits, signal::kNoAttribution});
    out.sketches.push_back({series(metric, signal::MetricType::kDistribution, tags), time, signal::kNoAttribution,
                            std::move(bucket.durations)});
  }
  return out;
}

void write(store::Store& store, const Options& options) {
  Maker maker(options.seed, options.llm_one_in);
  const int64_t from = yesterday_ns() + options.from_hour * 3600 * kSecond;
  const int64_t covered = options.hours * 3600 * kSecond;
  double making = 0;
  double peak_engine = 0;
  double peak_own = 0;
  uint64_t spans = 0;
  const double own_before = processor_seconds(::getpid());
  const double engine_before = processor_seconds(store.stats().engine_process);
  const auto begin = std::chrono::steady_clock::now();
  const auto check = [](const base::Status& status) {
    if (status) return;
    std::fprintf(stderr, "generate_spans: %s\n", status.error().message().c_str());
    std::exit(1);
  };
  const uint64_t batches = (options.spans + kBatchSpans - 1) / kBatchSpans;
  const int64_t length = covered / static_cast<int64_t>(batches);
  for (uint64_t i = 0; i < batches; ++i) {
    const double make_begin = thread_seconds();
    signal::SpanBatch batch = maker.batch(from + static_cast<int64_t>(i) * length, length, kBatchSpans);
    if (i == batches / 2 && options.from_hour == 0) {
      maker.trace(batch, kLargeTrace, kLargeTraceSpans, from + covered / 2);
    }
    making += thread_seconds() - make_begin;
    spans += batch.spans.size();
    check(store.append(batch));
    // As a server under load would: a bounded number of segments waits.
    while (store.stats().journal.segments_closed > 3) std::this_thread::sleep_for(1ms);
    if (i % 100 == 99) {
      peak_engine = std::max(peak_engine, resident_mb(store.stats().engine_process));
      peak_own = std::max(peak_own, resident_mb(::getpid()));
    }
  }
  check(store.wait_stored(store.rotate(), std::chrono::steady_clock::now() + 120s));
  const double wall = seconds_since(begin);
  const double own = processor_seconds(::getpid()) - own_before - making;
  const double engine = processor_seconds(store.stats().engine_process) - engine_before;
  const store::StoreStats stats = store.stats();
  std::printf("%llu spans in %.2f s from append to queryable: %.0f spans/s, %llu points derived\n",
              static_cast<unsigned long long>(spans), wall, static_cast<double>(spans) / wall,
              static_cast<unsigned long long>(stats.points_derived));
  std::printf("processor seconds: making them up %.2f, journal and writer %.2f, engine %.2f (merges included)\n",
              making, own, engine);
  std::printf("segments %llu; resident at most: engine %.0f MB, this process %.0f MB\n",
              static_cast<unsigned long long>(stats.segments_stored), peak_engine, peak_own);
}

void print_sizes(store::Store& store) {
  const auto columns = store.engine().select(
      "SELECT table, column, sum(column_data_compressed_bytes + column_marks_bytes) AS b, sum(rows) FROM "
      "system.parts_columns WHERE database = currentDatabase() AND active AND table IN ('spans', 'llm_spans') "
      "GROUP BY table, column ORDER BY table DESC, b DESC");
  const auto parts = store.engine().select(
      "SELECT table, sum(bytes_on_disk), sum(rows), count(), sum(secondary_indices_compressed_bytes) FROM system.parts "
      "WHERE database = currentDatabase() AND active GROUP BY table ORDER BY table");
  if (!columns || !parts) {
    std::printf("sizes: %s\n", (columns ? parts : columns).error().message().c_str());
    return;
  }
  for (size_t i = 0; i < columns->row_count(); ++i) {
    const double each = columns->column(2).number(i) / columns->column(3).number(i);
    if (each < 0.05) continue;
    std::printf("  %-9s %-20s %8.2f bytes a row\n", std::string(columns->column(0).text(i)).c_str(),
                std::string(columns->column(1).text(i)).c_str(), each);
  }
  for (size_t i = 0; i < parts->row_count(); ++i) {
    std::printf("%-12s %10.0f rows, %7.2f bytes a row on disk in all (skip indexes %.2f), %.0f parts\n",
                std::string(parts->column(0).text(i)).c_str(), parts->column(2).number(i),
                parts->column(1).number(i) / parts->column(2).number(i),
                parts->column(4).number(i) / parts->column(2).number(i), parts->column(3).number(i));
  }
}

void measure(store::Store& store, const Options& options) {
  if (options.merged) {
    store::QueryOptions patient;
    patient.timeout = 600s;
    for (const char* table : {"spans", "llm_spans"}) {
      const auto done = store.engine().execute(std::string("OPTIMIZE TABLE ") + table + " FINAL", patient);
      if (!done) std::printf("OPTIMIZE %s: %s\n", table, done.error().message().c_str());
    }
  }
  print_sizes(store);
  const std::string day = "start >= toDateTime64('" + std::to_string(yesterday_ns() / kSecond) +
                          "', 9, 'UTC') AND start < toDateTime64('" +
                          std::to_string((yesterday_ns() + kDay) / kSecond) + "', 9, 'UTC')";
  const std::string row =
      "SELECT start, duration_ns, trace_id_high, trace_id_low, span_id, parent_id, service, name, resource, type, env, "
      "error, session_id, user_id, mapKeys(meta), mapValues(meta), mapKeys(metrics), mapValues(metrics) FROM spans "
      "WHERE ";
  const std::string newest = " ORDER BY start DESC LIMIT 50";
  time_query(store, "newest 50 of the day", row + day + newest, 300);
  time_query(store, "newest 50 of a service", row + day + " AND service = 'svc-7'" + newest, 300);
  time_query(store, "newest 50 of service, resource, error",
             row + day + " AND service = 'svc-7' AND resource = 'GET /api/7/3' AND error = 1" + newest, 300);
  time_query(store, "newest 50 of a service that is not there", row + day + " AND service = 'none'" + newest, 300);
  time_query(store, "newest 50 with a duration that none has", row + day + " AND duration_ns > 100000000000" + newest,
             300);
  time_query(store, "newest 50 by a tag", row + day + " AND meta['http.status_code'] = '500'" + newest, 300);
  time_query(store, "count of the day by service",
             "SELECT service, count(), countIf(error = 1) FROM spans WHERE " + day + " GROUP BY service", 300);
  time_query(store, "count of one service by resource",
             "SELECT resource, count() AS n FROM spans WHERE " + day +
                 " AND service = 'svc-7' GROUP BY resource ORDER BY n DESC LIMIT 20",
             300);
  time_query(store, "trace of 33,000 spans, every column, no time",
             row + "trace_id_low = " + std::to_string(kLargeTrace) + " ORDER BY start", 500);
  const auto one = store.engine().select(
      "SELECT any(trace_id_low), any(session_id), any(user_id) FROM (SELECT * FROM spans WHERE session_id != '' LIMIT "
      "1)");
  if (!one || one->row_count() == 0) return;
  time_query(store, "a small trace, no time", row + "trace_id_low = " + std::to_string(one->column(0).u64(0)), 500);
  time_query(store, "a trace that is not there", row + "trace_id_low = 77", 500);
  time_query(store, "a session, no time", row + "session_id = '" + std::string(one->column(1).text(0)) + "'", 500);
  time_query(store, "a user, no time", row + "user_id = '" + std::string(one->column(2).text(0)) + "'", 500);
  time_query(store, "newest 50 LLM spans of a model with a word in the input",
             "SELECT start, trace_id_low, span_id, input, output, cost_usd FROM llm_spans WHERE " + day +
                 " AND model_name = 'gpt-4o' AND input LIKE '%delivery today%'" + newest,
             300);
  time_query(store, "LLM spans with a text that none has",
             "SELECT start, trace_id_low, span_id, input FROM llm_spans WHERE " + day +
                 " AND input LIKE '%no such words%'" + newest,
             300);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Writes a day of made-up spans through the store and measures it.", "generate_spans");
  app.add_option("--seed", options.seed, "Seed of all values")->capture_default_str();
  app.add_option("--data-dir", options.data_dir, "Data directory, new or from an earlier run")->required();
  app.add_option("--spans", options.spans, "How many")->capture_default_str();
  app.add_option("--llm-one-in", options.llm_one_in, "One trace in so many calls a model")->capture_default_str();
  app.add_option("--from-hour", options.from_hour, "First hour of the day to cover")->capture_default_str();
  app.add_option("--hours", options.hours, "How many hours")->capture_default_str();
  app.add_flag("--no-derive", options.no_derive, "Without metrics from spans");
  app.add_flag("--measure", options.measure, "Measure what is there");
  app.add_flag("--merged", options.merged, "With --measure: merge everything into one part first");
  CLI11_PARSE(app, argc, argv);
  base::init_log("generate_spans", "warn");
  store::StoreConfig config;
  config.data_dir = options.data_dir;
  if (!options.no_derive) config.derive = derive;
  const auto store = open_store(config);
  if (options.measure) {
    measure(*store, options);
  } else {
    write(*store, options);
  }
}
