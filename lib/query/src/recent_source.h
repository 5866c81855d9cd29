#pragma once

#include "recent_window.h"
#include "sql_source.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <godseye/base/mutex.h>
#include <godseye/query/recent_points.h>

namespace godseye::query {

// All windows, and whose turn it is.
struct RecentPoints::Impl {
  // Reads a metric's points in [from_s, until_s) (0: no end) from the store, at most so many bytes of them (kTooLarge).
  using Loader = std::function<base::Result<std::unique_ptr<RecentWindow>>(const std::string& metric, int64_t from_s,
                                                                           int64_t until_s, uint64_t bytes_max)>;

  Impl(RecentConfig given, base::Clock time) : config(given), clock(std::move(time)) {}

  // Calls `use` with the metric's window when it covers points from `from_s` to `to_s`, reading it first where that can
  // be done. False: the store has to be asked.
  bool with_window(const std::string& metric, int64_t from_s, int64_t to_s, const Loader& load,
                   const std::function<void(RecentWindow&)>& use) GE_EXCLUDES(mutex);

  void storing() GE_EXCLUDES(mutex);
  void stored(std::span<const signal::MetricBatch> batches, bool settled) GE_EXCLUDES(mutex);
  void unclear() GE_EXCLUDES(mutex);
  RecentStats stats() const GE_EXCLUDES(mutex);

  const RecentConfig config;
  const base::Clock clock;

 private:
  struct Metric {
    std::unique_ptr<RecentWindow> window;  // null: left to the store
    int64_t asked_s = 0;
    int64_t left_until_s = 0;  // not read before
    int64_t pruned_s = 0;
    // How far back was asked for, in this period of idle_s and in the one before.
    int64_t reach_s = 0;
    int64_t reach_before_s = 0;
    int64_t period_s = 0;  // when it began
  };

  int64_t now_s() const;
  bool read_metric(const std::string& metric, int64_t from_s, const Loader& load) GE_REQUIRES(mutex);
  void add(const signal::MetricBatch& batch) GE_REQUIRES(mutex);
  void note_reach(Metric& metric, int64_t from_s) GE_REQUIRES(mutex);
  void tidy_up() GE_REQUIRES(mutex);
  void bound() GE_REQUIRES(mutex);
  uint64_t bytes() const GE_REQUIRES(mutex);

  mutable base::Mutex mutex;
  base::ConditionVariable changed GE_GUARDED_BY(mutex);
  bool storing_ GE_GUARDED_BY(mutex) = false;
  bool loading_ GE_GUARDED_BY(mutex) = false;
  uint64_t generation_ GE_GUARDED_BY(mutex) = 0;  // grows when everything is forgotten
  std::map<std::string, Metric> metrics_ GE_GUARDED_BY(mutex);
  RecentStats counters_ GE_GUARDED_BY(mutex);
};

// From memory where that covers what is asked, else from the store.
class RecentSource : public SeriesSource {
 public:
  RecentSource(RecentPoints::Impl& recent, SqlSource& store, store::Engine& engine, const Limits& limits)
      : recent_(recent), store_(store), engine_(engine), limits_(limits) {}

  base::Result<LineSet> fetch(const lang::SeriesQuery& query, const Range& range, Difference difference) override;
  base::Result<bool> is_distribution(const lang::SeriesQuery& query, const Range& range) override;

 private:
  bool with_window(const lang::SeriesQuery& stored, const Range& range, const std::function<void(RecentWindow&)>& use);

  RecentPoints::Impl& recent_;
  SqlSource& store_;
  store::Engine& engine_;
  const Limits& limits_;
};

// See RecentPoints::Impl::Loader (recent_load.cpp).
base::Result<std::unique_ptr<RecentWindow>> load_window(store::Engine& engine, const std::string& metric,
                                                        int64_t from_s, int64_t until_s, uint64_t bytes_max);

}  // namespace godseye::query
