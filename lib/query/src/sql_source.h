#pragma once

#include "line_set.h"
#include "series_sql.h"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/query/query_engine.h>
#include <godseye/store/engine.h>

namespace godseye::query {

// Lines from the store, for one query: `deadline` holds for all its statements together.
class SqlSource : public SeriesSource {
 public:
  SqlSource(store::Engine& engine, const base::Clock& clock, const Limits& limits)
      : engine_(engine), clock_(clock), limits_(limits), deadline_(clock.tick() + limits.deadline) {}

  base::Result<LineSet> fetch(const lang::SeriesQuery& query, const Range& range, Difference difference) override;
  base::Result<bool> is_distribution(const lang::SeriesQuery& query, const Range& range) override;

 private:
  struct Profile {
    std::vector<SeriesClass> classes;
    std::vector<bool> attribution_in_tags;
  };

  base::Result<store::Rows> select(const Statement& statement);
  base::Result<store::Rows> select_groups(const StatementInput& input,
                                          const std::function<Statement(const StatementInput&)>& statement);
  base::Result<Profile> profile(const lang::SeriesQuery& query, const Range& range, const Rollup& rollup);
  base::Result<Rollup> rollup(const lang::SeriesQuery& query, const Range& range);
  base::Status fetch_points(const StatementInput& input, const SeriesClass& series, LineSet& set,
                            class GroupTable& table);
  // False: too many series for interpolation, nothing was added.
  base::Result<bool> fetch_cells(const StatementInput& input, const SeriesClass& series, const Aggregation& aggregation,
                                 Difference difference, GroupTable& table);
  // False: too many series.
  base::Result<bool> fetch_differences(const StatementInput& input, const std::vector<SeriesClass>& classes,
                                       Difference difference, LineSet& set, GroupTable& table);
  // False: too many of them, nothing was added.
  base::Result<bool> fetch_by_series(const StatementInput& input, const SeriesClass& series,
                                     const Aggregation& aggregation, GroupTable& table);
  base::Status fetch_distribution(const StatementInput& input, GroupTable& table);
  // Percentiles, stddev and count(v: …): from the bins.
  base::Status fetch_percentiles(const StatementInput& input, GroupTable& table);
  enum class Percentiles : uint8_t {
    kDone,
    kAlike,    // two cells look alike under this salt
    kTooMany,  // `input` now asks for fewer groups, and `table` knows which
  };
  // Unless it is done nothing was added.
  base::Result<Percentiles> try_percentiles(StatementInput& input, uint64_t salt, bool single_valued,
                                            const Scale& scale, GroupTable& table);

  store::Engine& engine_;
  const base::Clock& clock_;
  const Limits& limits_;
  base::TickTime deadline_;
};

// The query as the store knows it: names normalised, aliases replaced.
lang::SeriesQuery stored_form(lang::SeriesQuery query);

}  // namespace godseye::query
