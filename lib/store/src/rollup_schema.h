#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// Tables of rolled-up points and sketches: one row per series and interval, whoever the points were attributed to.
namespace godseye::store {

struct RollupLevel {
  std::string_view suffix;  // of the table: points_1m
  uint32_t seconds;
  std::string_view from;         // suffix of the table that it is made from; empty: points, sketches
  std::string_view partition;    // expression over `time`
  std::string_view part_format;  // of a partition's name, for formatDateTime
};

inline constexpr RollupLevel kRollupLevels[] = {
    {"_1m", 60, "", "toDate(time)", "%Y-%m-%d"},
    {"_5m", 300, "_1m", "toYYYYMM(time)", "%Y%m"},
    {"_1h", 3600, "_5m", "toYYYYMM(time)", "%Y%m"},
};

// Made from whole days of hours, once a day is over (Roller::days).
inline constexpr RollupLevel kDayLevel{"_1d", 86'400, "_1h", "toYYYYMM(time)", "%Y%m"};

// CREATE statements, in order. A row that comes again under a higher `version` takes the place of the earlier one: an
// interval is always rolled up whole, so what is newest is what is right.
std::span<const std::string> rollup_tables();
// Those of the day, and `series_months`: which series were seen in a month, of the days that are rolled up. A question
// about a year looks at these instead of a row for each series and day.
std::span<const std::string> day_tables();

}  // namespace godseye::store
