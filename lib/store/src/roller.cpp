#include "roller.h"

#include <algorithm>
#include <set>

#include <godseye/base/log.h>

#include <pthread.h>

namespace godseye::store {

using base::Result;
using base::Status;

namespace {

constexpr int64_t kHour = 3600;
constexpr int64_t kDay = 86'400;

// Between two turns while there are many days to be made of hours: others ask the engine too.
constexpr std::chrono::milliseconds kDayPause{1'000};

int64_t hour_of(int64_t time) { return time - time % kHour; }
int64_t day_of(int64_t time) { return time - time % kDay; }

// The start of the month after the one of the day at `day`.
int64_t month_end(int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day / kDay))};
  const std::chrono::sys_days next = (date.year() / date.month() + std::chrono::months(1)) / 1;
  return next.time_since_epoch().count() * kDay;
}

std::string create_table(const std::string& name, std::string_view columns, const RollupLevel& level) {
  return "CREATE TABLE IF NOT EXISTS " + name + std::string(level.suffix) +
         " (\n  metric LowCardinality(String),\n  series_id UInt64 CODEC(ZSTD(1)),\n"
         "  time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),\n" +
         std::string(columns) +
         "  version UInt64 CODEC(ZSTD(1))\n) ENGINE = ReplacingMergeTree(version)\nPARTITION BY " +
         std::string(level.partition) + "\nORDER BY (metric, series_id, time)\nSETTINGS ttl_only_drop_parts = 1";
}

constexpr std::string_view kPointColumns =
    "  n UInt64 CODEC(T64, ZSTD(1)),\n  sum Float64 CODEC(ZSTD(3)),\n  min Float64 CODEC(ZSTD(3)),\n"
    "  max Float64 CODEC(ZSTD(3)),\n";
constexpr std::string_view kSketchColumns =
    "  count UInt64 CODEC(T64, ZSTD(1)),\n  sum Float64 CODEC(ZSTD(1)),\n  min Float64 CODEC(ZSTD(1)),\n"
    "  max Float64 CODEC(ZSTD(1)),\n  keys Array(Int16) CODEC(Delta(2), ZSTD(1)),\n"
    "  counts Array(UInt64) CODEC(T64, ZSTD(1)),\n";

// In the order of its key, which is the order that table `series` is read in.
constexpr std::string_view kRollSeries =
    "INSERT INTO series_months (month, metric, series_id, type, interval_s, tags) SELECT toStartOfMonth(day) AS m, "
    "metric, series_id, argMax(type, day), argMax(interval_s, day), any(tags) FROM series WHERE day >= "
    "toDate(toDateTime({from:UInt32}, 'UTC'), 'UTC') AND day < toDate(toDateTime({to:UInt32}, 'UTC'), 'UTC') "
    "GROUP BY metric, series_id, m";

constexpr std::string_view kRange =
    " WHERE time >= toDateTime({from:UInt32}, 'UTC') AND time < toDateTime({to:UInt32}, 'UTC') GROUP BY metric, "
    "series_id, t";

std::string source(std::string_view table, const RollupLevel& level) {
  return " FROM " + std::string(table) + (level.from.empty() ? "" : std::string(level.from) + " FINAL") +
         std::string(kRange);
}

std::string time_of(const RollupLevel& level) {
  return "toStartOfInterval(time, toIntervalSecond(" + std::to_string(level.seconds) + "), 'UTC') AS t";
}

std::string roll_points(const RollupLevel& level) {
  const std::string values =
      level.from.empty() ? "count(), sum(value), min(value), max(value)" : "sum(n), sum(sum), min(min), max(max)";
  return "INSERT INTO points" + std::string(level.suffix) +
         " (metric, series_id, time, n, sum, min, max, version) SELECT metric, series_id, " + time_of(level) + ", " +
         values + ", {version:UInt64}" + source("points", level);
}

std::string roll_sketches(const RollupLevel& level) {
  return "INSERT INTO sketches" + std::string(level.suffix) +
         " (metric, series_id, time, count, sum, min, max, keys, counts, version) SELECT metric, series_id, t, c, s, "
         "lo, hi, m.1, m.2, {version:UInt64} FROM (SELECT metric, series_id, " +
         time_of(level) +
         ", sum(count) AS c, sum(sum) AS s, min(min) AS lo, max(max) AS hi, sumMap(keys, counts) AS m" +
         source("sketches", level) + ")";
}

}  // namespace

std::span<const std::string> rollup_tables() {
  static const std::vector<std::string> kTables = [] {
    std::vector<std::string> tables;
    for (const RollupLevel& level : kRollupLevels) {
      tables.push_back(create_table("points", kPointColumns, level));
      tables.push_back(create_table("sketches", kSketchColumns, level));
    }
    tables.emplace_back(
        "CREATE TABLE IF NOT EXISTS rollup_progress (id UInt8, until DateTime('UTC'), version UInt64) "
        "ENGINE = ReplacingMergeTree(version) ORDER BY id");
    tables.emplace_back(
        "CREATE TABLE IF NOT EXISTS rollup_late (hour DateTime('UTC'), segment UInt64) "
        "ENGINE = ReplacingMergeTree ORDER BY (hour, segment)");
    return tables;
  }();
  return kTables;
}

std::span<const std::string> day_tables() {
  static const std::vector<std::string> kTables = {
      create_table("points", kPointColumns, kDayLevel), create_table("sketches", kSketchColumns, kDayLevel),
      "CREATE TABLE IF NOT EXISTS series_months (\n  month Date CODEC(DoubleDelta, ZSTD(1)),\n"
      "  metric LowCardinality(String),\n  series_id UInt64 CODEC(ZSTD(1)),\n  type UInt8 CODEC(ZSTD(1)),\n"
      "  interval_s UInt32 CODEC(ZSTD(1)),\n  tags Array(LowCardinality(String)) CODEC(ZSTD(1))\n"
      ") ENGINE = ReplacingMergeTree\nPARTITION BY toYYYYMM(month)\nORDER BY (metric, series_id, month)\n"
      "SETTINGS ttl_only_drop_parts = 1"};
  return kTables;
}

Roller::Roller(RollerConfig config, base::Clock clock, std::shared_ptr<Engine> engine, std::function<bool()> ready)
    : config_(config), clock_(std::move(clock)), engine_(std::move(engine)), ready_(std::move(ready)), thread_([this] {
        run();
      }) {}

Roller::~Roller() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Roller::stopping() const {
  const base::MutexLock lock(mutex_);
  return stopping_;
}

int64_t Roller::now_s() const {
  return std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch()).count();
}

uint64_t Roller::next_version() const {
  return static_cast<uint64_t>(std::max<int64_t>(0, clock_.wall().time_since_epoch().count()));
}

void Roller::run() {
  pthread_setname_np(pthread_self(), "roller");
  base::TickTime late_at = clock_.tick() + config_.late_interval;
  while (true) {
    {
      const base::MutexLock lock(mutex_);
      const auto pause = more_days_ ? std::min(config_.interval, kDayPause) : config_.interval;
      const auto until = std::chrono::steady_clock::now() + pause;
      while (!stopping_ && changed_.wait_until(mutex_, until)) {
      }
      if (stopping_) return;
    }
    if (!ready_()) continue;
    const bool with_late = clock_.tick() >= late_at;
    if (attempt(with_late, kDayStepsPerTurn) && with_late) late_at = clock_.tick() + config_.late_interval;
  }
}

Status Roller::run_once() { return attempt(true, SIZE_MAX); }

Status Roller::attempt(bool with_late, size_t day_steps) {
  const base::MutexLock rolling(rolling_);
  Status done = known_ ? base::ok() : load();
  if (done) done = forward();
  if (done) {
    // What is wrong with days is no reason to leave late hours.
    Status days_done = days(day_steps);
    if (with_late) done = late();
    if (done) done = std::move(days_done);
  }
  const base::MutexLock lock(mutex_);
  const std::string trouble = done ? "" : done.error().message();
  if (!trouble.empty() && trouble != stats_.trouble && !stopping_) spdlog::warn("roll-ups: {}", trouble);
  stats_.trouble = trouble;
  more_days_ = done && days_until_ < day_of(until_);
  if (known_) {
    stats_.until_s = until_;
    stats_.days_until_s = days_until_;
  }
  return done;
}

Status Roller::load() {
  const Result<Rows> rows = engine_->select(
      "SELECT countIf(id = 1), toUInt64(toUnixTimestamp(maxIf(until, id = 1))), max(version), "
      "countIf(id = 2), toUInt64(toUnixTimestamp(maxIf(until, id = 2))) FROM rollup_progress");
  if (!rows) return rows.error();
  if (rows->row_count() == 1) version_ = rows->column(2).u64(0);
  if (rows->row_count() == 1 && rows->column(0).u64(0) > 0) {
    until_ = static_cast<int64_t>(rows->column(1).u64(0));
  } else {
    // Begins with what an earlier version of this program stored.
    const int64_t due = hour_of(now_s() - config_.grace.count());
    const Result<int64_t> oldest = oldest_time("'points', 'sketches'", 0, due);
    if (!oldest) return oldest.error();
    const int64_t kept = hour_of(now_s() - static_cast<int64_t>(config_.retention_days) * kDay);
    until_ = std::clamp(hour_of(*oldest), std::min(std::max<int64_t>(0, kept), due), due);
    if (Status written = advance(until_); !written) return written;
  }
  if (rows->row_count() == 1 && rows->column(3).u64(0) > 0) {
    days_until_ = static_cast<int64_t>(rows->column(4).u64(0));
  } else {
    // Days begin with the oldest hours that an earlier version of this program rolled up.
    const Result<int64_t> oldest = oldest_time("'points_1h', 'sketches_1h'", 0, until_);
    if (!oldest) return oldest.error();
    if (Status written = advance_days(day_of(*oldest)); !written) return written;
  }
  note_before_ = until_;
  known_ = true;
  return base::ok();
}

// The time of the oldest row, not before `from`, in one of `tables`, as parts know it; `otherwise` when there is none.
Result<int64_t> Roller::oldest_time(std::string_view tables, int64_t from, int64_t otherwise) {
  QueryOptions options;
  options.parameters = {{"from", std::to_string(from)}};
  const Result<Rows> rows = engine_->select(
      "SELECT count(), toUInt64(toUnixTimestamp(min(min_time))) FROM system.parts WHERE database = currentDatabase() "
      "AND table IN (" +
          std::string(tables) + ") AND active AND max_time >= toDateTime({from:UInt32}, 'UTC')",
      options);
  if (!rows) return rows.error();
  if (rows->row_count() != 1 || rows->column(0).u64(0) == 0) return otherwise;
  return std::min(static_cast<int64_t>(rows->column(1).u64(0)), otherwise);
}

// `until` is what is rolled up, of hours (1) or days (2), now on disk.
Status Roller::record(int id, int64_t until) {
  version_ = std::max(version_ + 1, next_version());
  QueryOptions options;
  options.parameters = {
      {"id", std::to_string(id)}, {"until", std::to_string(until)}, {"version", std::to_string(version_)}};
  Status done = engine_->execute(
      "INSERT INTO rollup_progress (id, until, version) SELECT {id:UInt8}, toDateTime({until:UInt32}, 'UTC'), "
      "{version:UInt64}",
      options);
  if (!done) return std::move(done).error().within("recording what is rolled up");
  return base::ok();
}

Status Roller::advance(int64_t until) {
  Status written = record(1, until);
  if (written) until_ = until;
  return written;
}

Status Roller::advance_days(int64_t until) {
  Status written = record(2, until);
  if (written) days_until_ = until;
  return written;
}

Status Roller::execute(const std::string& sql, int64_t from, int64_t to) {
  QueryOptions options;
  options.parameters = {
      {"from", std::to_string(from)}, {"to", std::to_string(to)}, {"version", std::to_string(version_)}};
  // In the order of the key: memory for one series at a time, and a core is left to questions.
  options.settings = {{"optimize_aggregation_in_order", "1"},
                      {"do_not_merge_across_partitions_select_final", "1"},
                      {"max_bytes_before_external_group_by", "100000000"},
                      {"max_threads", "1"}};
  options.timeout = config_.statement_timeout;
  return engine_->execute(sql, options);
}

Status Roller::roll_hour(int64_t hour) {
  version_ = std::max(version_ + 1, next_version());
  for (const RollupLevel& level : kRollupLevels) {
    for (const std::string& sql : {roll_points(level), roll_sketches(level)}) {
      if (stopping()) return base::Error(base::ErrorCode::kCancelled, "shutting down");
      if (Status done = execute(sql, hour, hour + kHour); !done) {
        return std::move(done).error().within("rolling up the hour at " + std::to_string(hour));
      }
    }
  }
  const base::MutexLock lock(mutex_);
  ++stats_.hours;
  return base::ok();
}

Result<std::vector<int64_t>> Roller::hours_with_points(int64_t from, int64_t to) {
  QueryOptions options;
  options.parameters = {{"from", std::to_string(from)}, {"to", std::to_string(to)}};
  options.timeout = config_.statement_timeout;
  const std::string range =
      " WHERE time >= toDateTime({from:UInt32}, 'UTC') AND time < toDateTime({to:UInt32}, 'UTC') GROUP BY h";
  const std::string hour = "SELECT intDiv(toUInt64(toUnixTimestamp(time)), 3600) AS h FROM ";
  const Result<Rows> rows = engine_->select(
      "SELECT DISTINCT h FROM (" + hour + "points" + range + " UNION ALL " + hour + "sketches" + range + ") ORDER BY h",
      options);
  if (!rows) return rows.error();
  std::vector<int64_t> hours;
  for (size_t i = 0; i < rows->row_count(); ++i) {
    hours.push_back(static_cast<int64_t>(rows->column(0).u64(i)) * kHour);
  }
  return hours;
}

Status Roller::forward() {
  const int64_t due = hour_of(now_s() - config_.grace.count());
  while (until_ < due) {
    // A day at a time, so that a long stretch is not asked for at once and what is done is kept.
    const int64_t before = until_;
    int64_t to = std::min(due, until_ - until_ % kDay + kDay);
    note_before_ = to;
    Result<std::vector<int64_t>> hours = hours_with_points(until_, to);
    if (!hours) return std::move(hours).error();
    for (const int64_t hour : *hours) {
      if (Status rolled = roll_hour(hour); !rolled) return rolled;
      if (Status written = advance(hour + kHour); !written) return written;
    }
    if (hours->empty() && to < due) {
      note_before_ = due;
      Result<int64_t> next = next_hour(to, due);
      if (!next) return std::move(next).error();
      to = *next;
    }
    if (until_ < to) {
      if (Status written = advance(to); !written) return written;
    }
    close_partitions(kRollupLevels, std::min(before, to - 1), to);
  }
  return base::ok();
}

// The start of the first day from `from` on that may have points; `to` when none does.
Result<int64_t> Roller::next_hour(int64_t from, int64_t to) {
  Result<int64_t> oldest = oldest_time("'points', 'sketches'", from, to);
  if (oldest) *oldest = *oldest == to ? to : std::clamp(day_of(*oldest), from, to);
  return oldest;
}

// Days of which every hour is rolled up, at most `steps` months of them or parts of one: what an earlier version of
// this program left is many days, which hours that are due must not wait for.
Status Roller::days(size_t steps) {
  const int64_t due = day_of(until_);
  for (; steps > 0 && days_until_ < due; --steps) {
    const int64_t from = days_until_;
    int64_t to = std::min({due, month_end(from), from + days_at_once_ * kDay});
    Result<int64_t> oldest = oldest_time("'points_1h', 'sketches_1h'", from, due);
    if (!oldest) return std::move(oldest).error();
    if (*oldest >= to) {
      to = std::max(to, day_of(*oldest));
    } else if (Status rolled = roll_days(from, to); !rolled) {
      // Where a month takes longer than a statement may, a day at last does not.
      days_at_once_ = std::max<int64_t>(1, days_at_once_ / 2);
      return rolled;
    }
    if (Status written = advance_days(to); !written) return written;
    close_partitions({&kDayLevel, 1}, from, to);
  }
  return base::ok();
}

// Rolls the days in [from, to), which are of one month, up from their hours.
Status Roller::roll_days(int64_t from, int64_t to) {
  version_ = std::max(version_ + 1, next_version());
  // First the series, so that days are never there without them.
  for (const std::string& sql : {std::string(kRollSeries), roll_points(kDayLevel), roll_sketches(kDayLevel)}) {
    if (stopping()) return base::Error(base::ErrorCode::kCancelled, "shutting down");
    if (Status done = execute(sql, from, to); !done) {
      return std::move(done).error().within("rolling up the days at " + std::to_string(from));
    }
  }
  const base::MutexLock lock(mutex_);
  stats_.days += static_cast<uint64_t>((to - from) / kDay);
  return base::ok();
}

// A partition in one part is read without looking for repetitions. What fails here is done by the engine in its own
// time.
void Roller::close_partitions(std::span<const RollupLevel> levels, int64_t before, int64_t after) {
  if (before / kDay == after / kDay) return;
  QueryOptions options;
  options.parameters = {{"before", std::to_string(before)}, {"after", std::to_string(after)}};
  for (const RollupLevel& level : levels) {
    const std::string format = ", '" + std::string(level.part_format) + "', 'UTC')";
    const Result<Rows> names = engine_->select("SELECT formatDateTime(toDateTime({before:UInt32}, 'UTC')" + format +
                                                   ", formatDateTime(toDateTime({after:UInt32}, 'UTC')" + format,
                                               options);
    if (!names || names->row_count() != 1 || names->column(0).text(0) == names->column(1).text(0)) continue;
    for (const std::string_view table : {"points", "sketches"}) {
      QueryOptions patient;
      patient.timeout = config_.statement_timeout;
      const Status done = engine_->execute("OPTIMIZE TABLE " + std::string(table) + std::string(level.suffix) +
                                               " PARTITION '" + std::string(names->column(0).text(0)) + "' FINAL",
                                           patient);
      if (!done) spdlog::info("roll-ups: {}", done.error().message());
    }
  }
}

Status Roller::late() {
  while (true) {
    Result<size_t> done = late_hours();
    if (!done) return std::move(done).error();
    // Keeps the version, should the clock step back before the next start.
    if (*done > 0) {
      if (Status written = advance(until_); !written) return written;
    }
    if (*done < kLateHoursMax) return base::ok();
  }
}

// Rolls up to kLateHoursMax of the hours that were noted up again; how many there were.
Result<size_t> Roller::late_hours() {
  QueryOptions options;
  options.parameters = {{"until", std::to_string(until_)}};
  const Result<Rows> rows = engine_->select(
      "SELECT DISTINCT toUInt64(toUnixTimestamp(hour)) AS h, segment FROM rollup_late WHERE hour < "
      "toDateTime({until:UInt32}, 'UTC') ORDER BY h LIMIT 100000",
      options);
  if (!rows) return rows.error();
  std::set<int64_t> hours;
  std::vector<uint64_t> segments;
  for (size_t i = 0; i < rows->row_count(); ++i) {
    const auto hour = static_cast<int64_t>(rows->column(0).u64(i));
    if (!hours.contains(hour) && hours.size() == kLateHoursMax) break;
    hours.insert(hour);
    segments.push_back(rows->column(1).u64(i));
  }
  if (hours.empty()) return size_t{0};
  // From here on the engine may drop points: what was rolled up from all of them must stay.
  const int64_t kept = now_s() - static_cast<int64_t>(config_.retention_days) * kDay;
  std::set<int64_t> days;
  for (const int64_t hour : hours) {
    if (hour >= kept) {
      if (Status rolled = roll_hour(hour); !rolled) return std::move(rolled).error();
      if (hour < days_until_) days.insert(day_of(hour));
    }
    const base::MutexLock lock(mutex_);
    ++(hour >= kept ? stats_.late_hours : stats_.late_dropped);
  }
  // Before the notes go: who dies in between does it all again.
  for (const int64_t day : days) {
    if (Status rolled = roll_days(day, day + kDay); !rolled) return std::move(rolled).error();
  }
  // Notes that came meanwhile name other segments, and stay.
  QueryOptions notes;
  notes.parameters = {{"last", std::to_string(*hours.rbegin())}, {"segments", array_parameter(segments)}};
  notes.settings = {{"mutations_sync", "1"}};
  Status forgotten = engine_->execute(
      "ALTER TABLE rollup_late DELETE WHERE hour <= toDateTime({last:UInt32}, 'UTC') AND segment IN "
      "{segments:Array(UInt64)}",
      notes);
  if (!forgotten) return std::move(forgotten).error().within("forgetting late hours");
  return hours.size();
}

Status Roller::note(SegmentId id, std::span<const uint32_t> hours) { return note(id.sequence ^ id.salt, hours); }

Status Roller::note(uint64_t number, std::span<const uint32_t> hours) {
  const int64_t before = note_before_;
  std::vector<uint64_t> late;
  for (const uint32_t hour : hours) {
    if (hour < before) late.push_back(hour);
  }
  if (late.empty()) return base::ok();
  QueryOptions options;
  options.parameters = {{"hours", array_parameter(late)}, {"segment", std::to_string(number)}};
  Status noted = engine_->execute(
      "INSERT INTO rollup_late (hour, segment) SELECT toDateTime(arrayJoin({hours:Array(UInt64)}), 'UTC'), "
      "{segment:UInt64}",
      options);
  if (!noted) return std::move(noted).error().within("noting late points");
  return base::ok();
}

RollerStats Roller::stats() const {
  const base::MutexLock lock(mutex_);
  return stats_;
}

}  // namespace godseye::store
