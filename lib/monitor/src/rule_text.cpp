#include "rule_text.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include <godseye/monitor/recurrence.h>

namespace godseye::monitor {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

namespace {

// What a part's numbers may be. `negative`: also counted from the end.
struct Numbers {
  std::string_view name;
  int least;
  int most;
  bool negative;
};
constexpr Numbers kLists[] = {{"BYSECOND", 0, 59, false},  {"BYMINUTE", 0, 59, false},  {"BYHOUR", 0, 23, false},
                              {"BYMONTHDAY", 1, 31, true}, {"BYYEARDAY", 1, 366, true}, {"BYWEEKNO", 1, 53, true},
                              {"BYMONTH", 1, 12, false},   {"BYSETPOS", 1, 366, true}};
constexpr std::string_view kOthers[] = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"};
constexpr std::string_view kFrequencies[] = {"YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"};
constexpr std::string_view kDays[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
constexpr int kWeeksMax = 53;

using Parts = std::map<std::string_view, std::string_view>;

Error wrong(std::string what) { return {ErrorCode::kInvalidArgument, std::move(what)}; }

template <size_t N>
bool is_one_of(std::string_view value, const std::string_view (&list)[N]) {
  return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A number of a list, which may have a plus.
std::optional<int> signed_number(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  return whole_number(text);
}

// Calls `check` with each element of a list, up to the first that fails.
template <typename Check>
bool each(std::string_view list, const Check& check) {
  while (true) {
    const size_t comma = list.find(',');
    if (!check(list.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

Result<Parts> split(std::string_view rule) {
  const auto is_list = [](std::string_view name) {
    return std::any_of(std::begin(kLists), std::end(kLists), [&](const Numbers& list) { return list.name == name; });
  };
  Parts parts;
  while (!rule.empty()) {
    const std::string_view part = rule.substr(0, rule.find(';'));
    rule.remove_prefix(std::min(rule.size(), part.size() + 1));
    const size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    if (equals == std::string_view::npos || equals + 1 == part.size()) {
      return wrong("\"" + std::string(part.substr(0, 40)) +
                   "\" is not NAME=VALUE; a rule reads like FREQ=WEEKLY;BYDAY=MO");
    }
    if (!is_one_of(name, kOthers) && !is_list(name)) {
      return wrong(std::string(name.substr(0, 40)) +
                   " has no place in a rule here; a start and a duration have fields of their own");
    }
    if (!parts.emplace(name, part.substr(equals + 1)).second) return wrong(std::string(name) + " is given twice");
  }
  return parts;
}

Status check_range(const Parts& parts, std::string_view name, int least, int most) {
  const auto found = parts.find(name);
  if (found == parts.end()) return base::ok();
  const std::optional<int> value = whole_number(found->second);
  if (value && *value >= least && *value <= most) return base::ok();
  return wrong(std::string(name) + " is " + std::to_string(least) + " to " + std::to_string(most) + ", not " +
               std::string(found->second.substr(0, 40)));
}

Status check_lists(const Parts& parts) {
  for (const Numbers& list : kLists) {
    const auto found = parts.find(list.name);
    if (found == parts.end()) continue;
    const bool fine = each(found->second, [&](std::string_view text) {
      const std::optional<int> value = signed_number(text);
      if (!value) return false;
      if (*value >= list.least && *value <= list.most) return true;
      return list.negative && *value <= -list.least && *value >= -list.most;
    });
    if (fine) continue;
    return wrong(std::string(list.name) + " is a list of numbers from " + std::to_string(list.least) + " to " +
                 std::to_string(list.most) + (list.negative ? " or, from the end, with a minus" : "") + ", not " +
                 std::string(found->second.substr(0, 40)));
  }
  return base::ok();
}

// "MO,-1FR": whether the list is one, and whether a day has a number.
Status check_days(const Parts& parts) {
  const auto found = parts.find("BYDAY");
  if (found == parts.end()) return base::ok();
  bool numbered = false;
  const bool fine = each(found->second, [&](std::string_view text) {
    if (text.size() < 2 || !is_one_of(text.substr(text.size() - 2), kDays)) return false;
    text.remove_suffix(2);
    if (text.empty()) return true;
    numbered = true;
    const std::optional<int> week = signed_number(text);
    return week && *week != 0 && *week >= -kWeeksMax && *week <= kWeeksMax;
  });
  if (!fine) {
    return wrong("BYDAY is a list of days such as MO or -1FR, not " + std::string(found->second.substr(0, 40)));
  }
  const std::string_view frequency = parts.at("FREQ");
  if (!numbered || frequency == "MONTHLY" || (frequency == "YEARLY" && !parts.contains("BYWEEKNO"))) return base::ok();
  return wrong("a day with a number, such as -1FR, needs FREQ=MONTHLY or FREQ=YEARLY without BYWEEKNO");
}

// What RFC 5545 does not allow together.
Status check_together(const Parts& parts) {
  const std::string_view frequency = parts.at("FREQ");
  if (parts.contains("COUNT") && parts.contains("UNTIL")) {
    return wrong("a rule ends by COUNT or by UNTIL, not by both");
  }
  if (parts.contains("BYWEEKNO") && frequency != "YEARLY") return wrong("BYWEEKNO needs FREQ=YEARLY");
  if (parts.contains("BYYEARDAY") && frequency != "YEARLY") return wrong("BYYEARDAY needs FREQ=YEARLY");
  if (parts.contains("BYMONTHDAY") && frequency == "WEEKLY") {
    return wrong("BYMONTHDAY does not go with FREQ=WEEKLY; use FREQ=MONTHLY");
  }
  const bool limits = std::any_of(std::begin(kLists), std::end(kLists), [&](const Numbers& list) {
    return list.name != "BYSETPOS" && parts.contains(list.name);
  });
  if (parts.contains("BYSETPOS") && !limits && !parts.contains("BYDAY")) {
    return wrong("BYSETPOS needs another BY… part, of whose days it takes some");
  }
  return base::ok();
}

}  // namespace

Result<std::string> checked_rule(std::string_view rule) {
  if (rule.size() > Recurrence::kRuleBytesMax) {
    return wrong("the rule is longer than " + std::to_string(Recurrence::kRuleBytesMax) + " bytes");
  }
  std::string text(rule);
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  if (text.starts_with("RRULE:")) text.erase(0, 6);
  const Result<Parts> parts = split(text);
  if (!parts) return parts.error();
  const auto frequency = parts->find("FREQ");
  if (frequency == parts->end()) {
    return wrong("\"" + text.substr(0, 100) +
                 "\" is not a recurrence rule: it has no FREQ; one reads like FREQ=WEEKLY;BYDAY=MO,TU");
  }
  if (!is_one_of(frequency->second, kFrequencies)) {
    return wrong("FREQ is YEARLY, MONTHLY, WEEKLY, DAILY or HOURLY, not " +
                 std::string(frequency->second.substr(0, 40)) + "; the smallest frequency is FREQ=HOURLY");
  }
  Status fine = check_range(*parts, "INTERVAL", 1, Recurrence::kIntervalMax);
  if (fine) fine = check_range(*parts, "COUNT", 1, Recurrence::kCountMax);
  if (fine) fine = check_lists(*parts);
  if (fine) fine = check_days(*parts);
  if (fine) fine = check_together(*parts);
  if (!fine) return std::move(fine).error();
  if (const auto first = parts->find("WKST"); first != parts->end() && !is_one_of(first->second, kDays)) {
    return wrong("WKST is a day such as MO, not " + std::string(first->second.substr(0, 40)));
  }
  return text;
}

}  // namespace godseye::monitor
