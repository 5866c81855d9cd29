#include "calendar_rollup.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace godseye::lang {
namespace {

constexpr size_t kZoneBytesMax = 64;
constexpr uint32_t kMonthDays = 31;

constexpr std::array<std::pair<std::string_view, CalendarUnit>, 4> kUnits = {{{"daily", CalendarUnit::kDay},
                                                                              {"weekly", CalendarUnit::kWeek},
                                                                              {"monthly", CalendarUnit::kMonth},
                                                                              {"yearly", CalendarUnit::kYear}}};
constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};

std::string hour_text(uint32_t hour) {
  return std::to_string(hour % 12 == 0 ? 12 : hour % 12) + (hour < 12 ? "am" : "pm");
}

std::string day_text(uint32_t day) {
  const bool teen = day >= 11 && day <= 13;
  const std::string_view ending = teen            ? "th"
                                  : day % 10 == 1 ? "st"
                                  : day % 10 == 2 ? "nd"
                                  : day % 10 == 3 ? "rd"
                                                  : "th";
  return std::to_string(day) + std::string(ending);
}

std::string begins_text(CalendarUnit unit, uint32_t begins) {
  switch (unit) {
    case CalendarUnit::kDay:
      return hour_text(begins);
    case CalendarUnit::kWeek:
      return std::string(kWeekdays.at(begins));
    case CalendarUnit::kMonth:
      return day_text(begins);
    case CalendarUnit::kYear:
      return std::string(kMonths.at(begins - 1));
  }
  return "";
}

// Lowest and highest value of CalendarRollup::begins.
std::pair<uint32_t, uint32_t> begins_range(CalendarUnit unit) {
  switch (unit) {
    case CalendarUnit::kDay:
      return {0, 23};
    case CalendarUnit::kWeek:
      return {0, 6};
    case CalendarUnit::kMonth:
      return {1, kMonthDays};
    case CalendarUnit::kYear:
      return {1, 12};
  }
  return {0, 0};
}

std::string_view unit_text(CalendarUnit unit) {
  return std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& known) { return known.second == unit; })->first;
}

std::optional<CalendarUnit> unit_of(std::string_view word) {
  for (const auto& [name, unit] : kUnits) {
    if (equals_ignoring_case(word, name)) return unit;
  }
  return std::nullopt;
}

std::optional<uint32_t> begins_of(CalendarUnit unit, std::string_view word) {
  const auto [low, high] = begins_range(unit);
  for (uint32_t value = low; value <= high; ++value) {
    if (equals_ignoring_case(word, begins_text(unit, value))) return value;
  }
  return std::nullopt;
}

std::string_view begins_example(CalendarUnit unit) {
  switch (unit) {
    case CalendarUnit::kDay:
      return "an hour such as 6am";
    case CalendarUnit::kWeek:
      return "a day such as monday";
    case CalendarUnit::kMonth:
      return "a day such as 15th";
    case CalendarUnit::kYear:
      return "a month such as april";
  }
  return "";
}

bool is_zone_character(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || c == '_' || c == '/' || c == '+' || c == '-' || c == ':';
}

// What could name a zone. A day or an hour of another unit could not.
bool may_be_zone(std::string_view word) {
  if (word.empty() || word.size() > kZoneBytesMax || (word[0] >= '0' && word[0] <= '9')) return false;
  for (const auto& [name, unit] : kUnits) {
    if (begins_of(unit, word)) return false;
  }
  return std::all_of(word.begin(), word.end(), is_zone_character);
}

std::string_view quoted_or_run(Cursor& cursor) {
  if (const auto quoted = cursor.quoted()) return *quoted;
  return cursor.failed() ? std::string_view() : cursor.run(is_zone_character);
}

}  // namespace

uint32_t calendar_begins_default(CalendarUnit unit) { return unit == CalendarUnit::kDay ? 0 : 1; }

bool at_calendar_unit(Cursor& cursor) {
  const size_t before = cursor.position();
  const char next = cursor.peek();
  // A quote that is never closed is reported where an argument is read.
  const size_t quote = next == '\'' || next == '"' ? 1 : 0;
  cursor.rewind(cursor.position() + quote);
  const bool found = unit_of(cursor.word(false)).has_value() && (quote == 0 || cursor.peek_raw() == next);
  cursor.rewind(before);
  return found;
}

bool parse_calendar_rollup(Cursor& cursor, CalendarRollup& out) {
  out.column = Column{cursor.column()};
  const auto quoted = cursor.quoted();
  out.unit = unit_of(quoted ? *quoted : cursor.word(false)).value_or(CalendarUnit::kDay);
  out.begins = calendar_begins_default(out.unit);
  bool begins_written = false;
  while (cursor.accept(',')) {
    const uint32_t column = cursor.column();
    const std::string_view word = quoted_or_run(cursor);
    if (cursor.failed()) return false;
    const auto begins = begins_written ? std::nullopt : begins_of(out.unit, word);
    if (begins) {
      out.begins = *begins;
      begins_written = true;
      continue;
    }
    if (!may_be_zone(word)) {
      cursor.rewind(column - 1);
      return cursor.fail((begins_written ? std::string() : std::string(begins_example(out.unit)) + " or ") +
                         "a time zone such as 'Europe/Paris' after " + std::string(unit_text(out.unit)));
    }
    out.zone = word;
    out.column = Column{column};
    return cursor.expect(')', "')' after the time zone");
  }
  return cursor.expect(')', "',' or ')'");
}

std::string to_text(const CalendarRollup& calendar) {
  std::string text(unit_text(calendar.unit));
  if (calendar.begins != calendar_begins_default(calendar.unit)) {
    text += ", " + begins_text(calendar.unit, calendar.begins);
  }
  if (calendar.zone != "UTC") text += ", '" + calendar.zone + "'";
  return text;
}

}  // namespace godseye::lang
