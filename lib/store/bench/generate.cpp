// One hour of telemetry as a fleet of services sends it, written through the real journal, writer and engine, and the
// numbers that docs/benchmarks.md reports ("Storage").
//   generate --seed 1 --data-dir /tmp/bench            writes it, prints the rate
//   generate --data-dir /tmp/bench --measure           bytes per point after merges, query times
//   generate --seed 1 --data-dir /tmp/b2 --sessions 1000000 [--measure]   an hour of one metric with that many sessions
// The same seed makes the same values on every machine.
#include "harness.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <godseye/base/log.h>
#include <godseye/store/store.h>

#include <CLI/CLI.hpp>

namespace {

using namespace godseye;
using namespace godseye::store::bench;
using namespace std::chrono_literals;

constexpr int64_t kStart = 1'800'000'000 - 1'800'000'000 % 86'400 + 43'200;  // noon of a day: one partition
constexpr int64_t kStep = 10;

struct Options {
  uint64_t seed = 1;
  std::string data_dir;
  uint64_t series = 10'000;
  uint64_t seconds = 3600;
  uint64_t sessions = 0;
  bool measure = false;
};

enum class Shape : uint8_t { kCount, kRate, kPercent, kBytes, kQueue, kRatio, kLatency };

struct Source {
  Shape shape;
  Random random;
  double level;  // of the series: busy and quiet ones differ by orders of magnitude
  double walk = 0;
  Source(Shape s, uint64_t seed) : shape(s), random(seed), level(std::exp(1.5 * random.normal())) {}
};

// Half counts (as many sent as COUNT as RATE), a third gauges of four kinds, the rest latencies.
Shape shape_of(uint64_t i) {
  if (i % 6 < 3) return i % 12 < 6 ? Shape::kCount : Shape::kRate;
  if (i % 6 == 5) return Shape::kLatency;
  switch (i / 6 % 8) {
    case 0:
    case 1:
    case 2:
      return Shape::kPercent;
    case 3:
    case 4:
      return Shape::kBytes;
    case 5:
    case 6:
      return Shape::kQueue;
    default:
      return Shape::kRatio;
  }
}

signal::SeriesDefinition definition_of(uint64_t i, Shape shape) {
  static constexpr const char* kNames[] = {"requests",    "bytes_rate",      "cpu.percent",     "memory.rss",
                                           "queue.depth", "cache.hit_ratio", "request.duration"};
  static constexpr signal::MetricType kTypes[] = {signal::MetricType::kCount,       signal::MetricType::kRate,
                                                  signal::MetricType::kGauge,       signal::MetricType::kGauge,
                                                  signal::MetricType::kGauge,       signal::MetricType::kGauge,
                                                  signal::MetricType::kDistribution};
  signal::SeriesDefinition series;
  const auto kind = static_cast<size_t>(shape);
  series.metric = std::string("bench.") + kNames[kind] + "." + std::to_string(i / 6 % 20);
  series.type = kTypes[kind];
  series.interval_s = 10;
  series.tags = {"endpoint:/api/" + std::to_string(i % 17),
                 "env:prod",
                 "group:g" + std::to_string(i / 6 % 50),
                 "host:web-" + std::to_string(i % 400),
                 "series:" + std::to_string(i),
                 "service:svc-" + std::to_string(i / 6 % 25)};
  series.id = signal::series_id(series.metric, series.type, series.tags);
  return series;
}

double value_of(Source& s, int64_t time) {
  const double day = 1 + 0.3 * std::sin(static_cast<double>(time % 86'400) / 86'400 * 2 * M_PI);
  switch (s.shape) {
    case Shape::kCount:
      return static_cast<double>(s.random.poisson(s.level * 8 * day));
    case Shape::kRate:  // a counter over ten seconds, as the Agent sends it
      return static_cast<double>(s.random.poisson(s.level * 8 * day)) / 10;
    case Shape::kPercent:
      s.walk = 0.9 * s.walk + 2 * s.random.normal();
      return std::clamp(std::round((20 + 10 * s.level + s.walk) * 10) / 10, 0.0, 100.0);
    case Shape::kBytes:  // pages of 4 KiB, a process that now and then grows or gives back
      if (s.random.below(4) == 0) s.walk += std::round(20 * s.random.normal());
      return std::max(1.0, std::round(s.level * 20'000) + s.walk) * 4096;
    case Shape::kQueue:
      return static_cast<double>(s.random.poisson(s.level * 0.8));
    case Shape::kRatio:  // hits by requests: a double with all of its digits
      return static_cast<double>(s.random.below(400)) / static_cast<double>(400 + s.random.below(100));
    case Shape::kLatency:
      break;
  }
  return 0;
}

signal::Sketch sketch_of(Source& s) {
  signal::Sketch sketch;
  for (uint64_t n = 1 + s.random.poisson(std::min(40.0, s.level * 10)); n > 0; --n) {
    sketch.insert(0.05 * s.level * std::exp(0.6 * s.random.normal()));
  }
  return sketch;
}

// Appends batch after batch, never more than a few segments ahead of the writer, and prints the rate.
void write(store::Store& store, uint64_t steps, const std::function<signal::MetricBatch(uint64_t)>& make) {
  double making = 0;
  double peak_mb = 0;
  uint64_t points = 0;
  const double own_before = processor_seconds(::getpid());
  const double engine_before = processor_seconds(store.stats().engine_process);
  const auto begin = std::chrono::steady_clock::now();
  store::Ticket ticket;
  for (uint64_t step = 0; step < steps; ++step) {
    const double make_begin = thread_seconds();
    const signal::MetricBatch batch = make(step);
    making += thread_seconds() - make_begin;
    points += batch.points.size() + batch.sketches.size();
    if (const base::Status appended = store.append(batch); !appended) {
      std::fprintf(stderr, "generate: %s\n", appended.error().message().c_str());
      std::exit(1);
    }
    if (step % 20 == 19) {  // some 200,000 points in a segment
      const store::Ticket before = ticket;
      ticket = store.rotate();
      static_cast<void>(store.wait_stored(before, std::chrono::steady_clock::now() + 120s));
      peak_mb = std::max(peak_mb, resident_mb(store.stats().engine_process));
    }
  }
  const base::Status stored = store.wait_stored(store.rotate(), std::chrono::steady_clock::now() + 120s);
  const double wall = seconds_since(begin);
  std::printf("%llu points in %.2f s, processor time for making them up (%.2f s) included: %.0f points/s%s\n",
              static_cast<unsigned long long>(points), wall, making, static_cast<double>(points) / wall,
              stored ? "" : stored.error().message().c_str());
  const double own = processor_seconds(::getpid()) - own_before - making;
  const double engine = processor_seconds(store.stats().engine_process) - engine_before;
  std::printf(
      "processor seconds: journal and writer %.2f, engine %.2f (merges included): %.0f points per processor second\n",
      own, engine, static_cast<double>(points) / (own + engine));
  std::printf("engine resident: peak %.0f MB, now %.0f MB; this process %.0f MB\n", peak_mb,
              resident_mb(store.stats().engine_process), resident_mb(::getpid()));
}

void generate_series(store::Store& store, const Options& options) {
  std::vector<Source> sources;
  std::vector<signal::SeriesDefinition> definitions;
  for (uint64_t i = 0; i < options.series; ++i) {
    sources.emplace_back(shape_of(i), options.seed * 1'000'003 + i);
    definitions.push_back(definition_of(i, sources.back().shape));
  }
  write(store, options.seconds / kStep, [&](uint64_t step) {
    signal::MetricBatch batch;
    batch.series = definitions;
    const int64_t time = kStart + static_cast<int64_t>(step) * kStep;
    for (uint64_t i = 0; i < options.series; ++i) {
      if (sources[i].shape == Shape::kLatency) {
        batch.sketches.push_back({definitions[i].id, time, signal::kNoAttribution, sketch_of(sources[i])});
      } else {
        batch.points.push_back({definitions[i].id, time, value_of(sources[i], time), signal::kNoAttribution});
      }
    }
    return batch;
  });
}

// `sessions` sessions spread over the hour, each with a few points of one metric.
void generate_sessions(store::Store& store, const Options& options) {
  Random random(options.seed);
  signal::SeriesDefinition series;
  series.metric = "llm.security.injection_attempt_score";
  series.type = signal::MetricType::kGauge;
  series.interval_s = 10;
  series.tags = {"env:prod", "service:chat"};
  series.id = signal::series_id(series.metric, series.type, series.tags);
  const uint64_t steps = options.seconds / kStep;
  const uint64_t new_per_step = options.sessions / steps;
  write(store, steps, [&](uint64_t step) {
    signal::MetricBatch batch;
    batch.series.push_back(series);
    const int64_t time = kStart + static_cast<int64_t>(step) * kStep;
    // A session talks in three steps: now and in the two after.
    for (uint64_t age = 0; age < 3 && age <= step; ++age) {
      for (uint64_t i = 0; i < new_per_step; ++i) {
        signal::Attribution attribution;
        // As hard to compress as a random id is.
        char name[32];
        std::snprintf(name, sizeof name, "sess-%016llx",
                      static_cast<unsigned long long>(Random((step - age) * new_per_step + i).next()));
        attribution.values[0] = name;
        batch.attributions.push_back(std::move(attribution));
        const double score = std::round(random.uniform() * random.uniform() * 1000) / 1000;
        batch.points.push_back({series.id, time, score, static_cast<uint32_t>(batch.attributions.size() - 1)});
      }
    }
    return batch;
  });
}

void print_sizes(store::Store& store) {
  const auto sizes = store.engine().select(
      "SELECT table, column, sum(column_data_compressed_bytes) AS data, sum(column_marks_bytes) AS marks, sum(rows) "
      "FROM system.parts_columns WHERE database = currentDatabase() AND active AND table IN ('points', 'sketches') "
      "GROUP BY table, column ORDER BY table, data DESC");
  const auto parts = store.engine().select(
      "SELECT table, sum(bytes_on_disk), sum(rows), count() FROM system.parts WHERE database = currentDatabase() AND "
      "active GROUP BY table ORDER BY table");
  if (!sizes || !parts) {
    std::printf("sizes: %s\n", (sizes ? parts : sizes).error().message().c_str());
    return;
  }
  for (size_t i = 0; i < sizes->row_count(); ++i) {
    std::printf("  %-9s %-10s %8.4f bytes a row\n", std::string(sizes->column(0).text(i)).c_str(),
                std::string(sizes->column(1).text(i)).c_str(), sizes->column(2).number(i) / sizes->column(4).number(i));
  }
  for (size_t i = 0; i < parts->row_count(); ++i) {
    std::printf("%-10s %11.0f rows, %6.3f bytes a row on disk in all, %.0f parts\n",
                std::string(parts->column(0).text(i)).c_str(), parts->column(2).number(i),
                parts->column(1).number(i) / parts->column(2).number(i), parts->column(3).number(i));
  }
}

void measure(store::Store& store, const Options& options) {
  store::QueryOptions patient;
  patient.timeout = 300s;
  for (const char* table : {"points", "sketches", "series"}) {
    const auto done = store.engine().execute(std::string("OPTIMIZE TABLE ") + table + " FINAL", patient);
    if (!done) std::printf("OPTIMIZE %s: %s\n", table, done.error().message().c_str());
  }
  print_sizes(store);
  const std::string from = std::to_string(kStart);
  const std::string to = std::to_string(kStart + static_cast<int64_t>(options.seconds));
  const std::string range = "time >= toDateTime(" + from + ") AND time < toDateTime(" + to + ")";
  if (options.sessions > 0) {
    const std::string minute = "time >= toDateTime(" + to + ") - 60 AND time < toDateTime(" + to + ")";
    time_query(store, "max by {session_id} over the last minute",
               "SELECT session_id, max(value) FROM points WHERE metric = 'llm.security.injection_attempt_score' AND " +
                   minute + " GROUP BY session_id",
               100);
    time_query(store, "the same, only groups above 0.7",
               "SELECT session_id, max(value) AS v FROM points WHERE metric = 'llm.security.injection_attempt_score' "
               "AND " +
                   minute + " GROUP BY session_id HAVING v > 0.7",
               100);
    return;
  }
  time_query(store, "sum of all", "SELECT sum(value) FROM points WHERE " + range, 100);
  time_query(store, "avg of all", "SELECT avg(value) FROM points WHERE " + range, 100);
  time_query(store, "max of all", "SELECT max(value) FROM points WHERE " + range, 100);
  time_query(
      store, "sum, avg, max of all in 60 s buckets",
      "SELECT toStartOfInterval(time, toIntervalSecond(60)) AS t, sum(value), avg(value), max(value) FROM points "
      "WHERE " +
          range + " GROUP BY t ORDER BY t",
      100);
  // The shapes compared in docs/formats/schema.md; the first is the one to use.
  const std::string groups =
      "(SELECT series_id, any(arrayFirst(x -> startsWith(x, 'group:'), tags)) AS tag FROM series GROUP BY series_id)";
  time_query(
      store, "p99 by 50 groups: group numbers by transform",
      "WITH (SELECT groupArray((series_id, tag)) FROM " + groups +
          ") AS pairs, arrayMap(x -> x.1, pairs) AS ids, "
          "arrayMap(x -> toUInt16(substring(x.2, 8)), pairs) AS numbers "
          "SELECT g, k, sum(c) FROM (SELECT transform(series_id, ids, numbers, toUInt16(65535)) AS g, keys, counts "
          "FROM sketches WHERE " +
          range + ") ARRAY JOIN keys AS k, counts AS c GROUP BY g, k",
      400);
  time_query(store, "p99 by 50 groups: tag joined to every sketch",
             "SELECT tag, k, sum(c) FROM sketches ARRAY JOIN keys AS k, counts AS c ANY LEFT JOIN " + groups +
                 " AS s USING series_id WHERE " + range + " GROUP BY tag, k",
             400);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Writes an hour of made-up telemetry through the store and measures it.", "generate");
  app.add_option("--seed", options.seed, "Seed of all values")->capture_default_str();
  app.add_option("--data-dir", options.data_dir, "Data directory, new or from an earlier run")->required();
  app.add_option("--series", options.series, "Series")->capture_default_str();
  app.add_option("--seconds", options.seconds, "Length of the time covered")->capture_default_str();
  app.add_option("--sessions", options.sessions, "Write sessions of one metric instead, this many")
      ->capture_default_str();
  app.add_flag("--measure", options.measure, "Measure what is there (with --sessions: the session query)");
  bool idle = false;
  app.add_flag("--idle", idle, "At the end stay idle for 65 s and print memory and processor use");
  CLI11_PARSE(app, argc, argv);
  base::init_log("generate", "warn");
  store::StoreConfig config;
  config.data_dir = options.data_dir;
  const auto store = open_store(config);
  if (!options.measure) {
    if (options.sessions > 0) {
      generate_sessions(*store, options);
    } else {
      generate_series(*store, options);
    }
  } else {
    measure(*store, options);
  }
  if (idle) {
    std::this_thread::sleep_for(35s);
    const double before = processor_seconds(store->stats().engine_process);
    std::this_thread::sleep_for(30s);
    std::printf("65 s later: engine resident %.0f MB, this process %.0f MB; engine used %.2f %% of a core\n",
                resident_mb(store->stats().engine_process), resident_mb(::getpid()),
                (processor_seconds(store->stats().engine_process) - before) / 30 * 100);
  }
}
