#include "json.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

#include <godseye/ddapi/history.h>
#include <godseye/ddapi/monitor.h>
#include <godseye/signal/normalize.h>

namespace godseye::ddapi {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

constexpr size_t kDepthMax = 4;
constexpr int64_t kIntervalMax = 86'400;
// Seconds from here on are milliseconds: the year 5138.
constexpr double kMillisecondsFrom = 1e11;

Error wrong(std::string text) { return {ErrorCode::kInvalidArgument, std::move(text)}; }

// A line before it is judged.
struct Row {
  std::string metric;
  std::string type;
  std::string host;
  std::vector<std::string> tags;
  std::vector<double> values;
  int64_t time_s = 0;
  int64_t interval_s = 0;
};

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<double> number_of(const json::value& value) {
  if (value.is_double() && std::isfinite(value.get_double())) return value.get_double();
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  return std::nullopt;
}

std::optional<int64_t> time_of(double seconds) {
  if (seconds < 0 || seconds >= kMillisecondsFrom * 1000) return std::nullopt;
  if (seconds >= kMillisecondsFrom) seconds /= 1000;
  return static_cast<int64_t>(std::floor(seconds));
}

// `digits` decimal digits at `at`, which is moved on; nothing for anything else.
std::optional<int> digits_at(std::string_view text, size_t& at, size_t digits) {
  int value = 0;
  for (size_t i = 0; i < digits; ++i, ++at) {
    if (at >= text.size() || text[at] < '0' || text[at] > '9') return std::nullopt;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

bool skip(std::string_view text, size_t& at, std::string_view any_of) {
  if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
  ++at;
  return true;
}

// Seconds east of UTC: "Z", "+01:00", "-0530".
std::optional<int64_t> zone_at(std::string_view text, size_t& at) {
  if (skip(text, at, "Zz")) return 0;
  const bool west = at < text.size() && text[at] == '-';
  if (!skip(text, at, "+-")) return std::nullopt;
  const std::optional<int> hours = digits_at(text, at, 2);
  skip(text, at, ":");
  const std::optional<int> minutes = digits_at(text, at, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int64_t offset = *hours * 3600 + *minutes * 60;
  return west ? -offset : offset;
}

// RFC 3339: "2023-11-14T22:13:20.5Z", also with a blank for the T. A time without a zone could be any.
std::optional<int64_t> calendar_time(std::string_view text) {
  size_t at = 0;
  const std::optional<int> year = digits_at(text, at, 4);
  if (!year || !skip(text, at, "-")) return std::nullopt;
  const std::optional<int> month = digits_at(text, at, 2);
  if (!month || !skip(text, at, "-")) return std::nullopt;
  const std::optional<int> day = digits_at(text, at, 2);
  if (!day || !skip(text, at, "Tt ")) return std::nullopt;
  const std::optional<int> hour = digits_at(text, at, 2);
  if (!hour || !skip(text, at, ":")) return std::nullopt;
  const std::optional<int> minute = digits_at(text, at, 2);
  if (!minute || !skip(text, at, ":")) return std::nullopt;
  const std::optional<int> second = digits_at(text, at, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  if (skip(text, at, ".")) {
    if (!digits_at(text, at, 1)) return std::nullopt;
    while (skip(text, at, "0123456789")) {
    }
  }
  const std::optional<int64_t> zone = zone_at(text, at);
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!zone || at != text.size() || !date.ok()) return std::nullopt;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86'400 + *hour * 3600 + *minute * 60 + *second - *zone;
}

std::optional<int64_t> time_of(std::string_view text) {
  if (const std::optional<double> number = number_of(text)) return time_of(*number);
  return calendar_time(text);
}

constexpr std::string_view kTimeForms = "seconds, milliseconds or 2023-11-14T22:13:20Z";

template <typename Visit>
void split(std::string_view text, std::string_view separators, const Visit& visit) {
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(separators), text.size());
    std::string_view part = text.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) visit(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Result<Row> row_of_json(std::string_view line) {
  Result<json::object> object = parse_object(line, kHistoryLineBytesMax, kDepthMax);
  if (!object) return std::move(object).error();
  FieldReader reader(*std::move(object), "");
  Row row;
  reader.text("metric", row.metric);
  reader.text("type", row.type);
  reader.text("host", row.host);
  std::optional<int64_t> interval;
  reader.integer("interval", interval);
  row.interval_s = interval.value_or(0);
  if (std::optional<json::value> tags = reader.take("tags"); tags && tags->is_string()) {
    split(tags->get_string(), ",", [&](std::string_view tag) { row.tags.emplace_back(tag); });
  } else if (tags) {
    reader.rest()["tags"] = *std::move(tags);
    reader.texts("tags", row.tags);
  }
  if (!reader.status()) return reader.status().error();
  const std::optional<json::value> time = reader.take("timestamp");
  std::optional<int64_t> time_s;
  if (time && time->is_string()) {
    time_s = time_of(std::string_view(time->get_string()));
  } else if (const std::optional<double> number = time ? number_of(*time) : std::nullopt) {
    time_s = time_of(*number);
  }
  if (!time_s) return expected("timestamp", kTimeForms);
  row.time_s = *time_s;
  const std::optional<json::value> value = reader.take("value");
  const auto add = [&](const json::value& one) {
    const std::optional<double> number = number_of(one);
    if (number) row.values.push_back(*number);
    return number.has_value();
  };
  bool numbers = value.has_value();
  if (value && value->is_array()) {
    for (const json::value& one : value->get_array()) numbers = numbers && add(one);
  } else if (value) {
    numbers = add(*value);
  }
  if (!numbers) return expected("value", "a number, or a list of them for a distribution");
  if (!reader.rest().empty()) {
    return wrong("unknown field " + std::string(reader.rest().begin()->key()) +
                 ": expected metric, timestamp, value, type, tags, interval, host");
  }
  return row;
}

// The fields of a CSV line (RFC 4180 but for line breaks inside quotes); nothing for an open quote or text after one.
std::optional<std::vector<std::string>> fields_of(std::string_view line) {
  std::vector<std::string> fields(1);
  for (size_t i = 0; i < line.size();) {
    if (line[i] == ',') {
      fields.emplace_back();
      ++i;
    } else if (line[i] == '"' && fields.back().empty()) {
      for (++i;; ++i) {
        if (i >= line.size()) return std::nullopt;
        if (line[i] != '"') {
          fields.back() += line[i];
        } else if (i + 1 < line.size() && line[i + 1] == '"') {
          fields.back() += line[++i];
        } else {
          break;
        }
      }
      if (++i < line.size() && line[i] != ',') return std::nullopt;
    } else {
      fields.back() += line[i++];
    }
  }
  return fields;
}

enum Column : uint8_t { kMetric, kTimestamp, kValue, kType, kTags, kInterval, kHost, kColumns };
constexpr std::array<std::string_view, kColumns> kColumnNames = {"metric", "timestamp", "value", "type",
                                                                 "tags",   "interval",  "host"};

Result<std::vector<Column>> columns_of(std::string_view head) {
  const std::optional<std::vector<std::string>> names = fields_of(head);
  if (!names) return wrong("the head of the CSV has an open quote");
  std::vector<Column> columns;
  std::array<bool, kColumns> seen{};
  for (const std::string& name : *names) {
    size_t known = 0;
    while (known < kColumns && kColumnNames[known] != name) ++known;
    if (known == kColumns) {
      return wrong("the head of the CSV has the column '" + name.substr(0, 80) +
                   "': expected metric, timestamp, value, type, tags, interval, host");
    }
    if (std::exchange(seen[known], true)) return wrong("the head of the CSV has " + name + " twice");
    columns.push_back(static_cast<Column>(known));
  }
  for (const Column needed : {kMetric, kTimestamp, kValue}) {
    if (!seen[needed]) return wrong("the head of the CSV has no column " + std::string(kColumnNames[needed]));
  }
  return columns;
}

Result<Row> row_of_csv(std::string_view line, const std::vector<Column>& columns) {
  std::optional<std::vector<std::string>> fields = fields_of(line);
  if (!fields) return wrong("a quote is not closed, or text follows one");
  if (fields->size() != columns.size()) {
    return wrong(std::to_string(fields->size()) + " fields, the head has " + std::to_string(columns.size()));
  }
  std::array<std::string, kColumns> texts;
  for (size_t i = 0; i < columns.size(); ++i) texts[columns[i]] = std::move((*fields)[i]);
  Row row;
  row.metric = std::move(texts[kMetric]);
  row.type = std::move(texts[kType]);
  row.host = std::move(texts[kHost]);
  split(texts[kTags], ",;", [&](std::string_view tag) { row.tags.emplace_back(tag); });
  const std::optional<int64_t> time_s = time_of(std::string_view(texts[kTimestamp]));
  if (!time_s) return expected("timestamp", kTimeForms);
  row.time_s = *time_s;
  bool numbers = true;
  split(texts[kValue], ";", [&](std::string_view text) {
    const std::optional<double> number = number_of(text);
    numbers = numbers && number;
    if (number) row.values.push_back(*number);
  });
  if (!numbers) return expected("value", "a number, or several with ';' between them for a distribution");
  if (!texts[kInterval].empty()) {
    const std::optional<double> interval = number_of(std::string_view(texts[kInterval]));
    row.interval_s = interval && *interval == std::floor(*interval) && std::abs(*interval) < 1e9
                         ? static_cast<int64_t>(*interval)
                         : -1;
  }
  return row;
}

Result<signal::MetricType> type_of(std::string_view name) {
  if (name.empty() || name == "gauge") return signal::MetricType::kGauge;
  if (name == "count") return signal::MetricType::kCount;
  if (name == "rate") return signal::MetricType::kRate;
  if (name == "distribution") return signal::MetricType::kDistribution;
  return expected("type", "gauge, count, rate or distribution");
}

Status add(Row row, const HistoryOptions& options, MetricPayload& into) {
  const Result<signal::MetricType> type = type_of(row.type);
  if (!type) return type.error();
  std::string buffer;
  if (signal::normalize_metric_name(row.metric, buffer).empty()) return expected("metric", "a name");
  if (row.tags.size() > signal::kTagsPerPointMax) {
    return expected("tags", "at most " + std::to_string(signal::kTagsPerPointMax) + " of them");
  }
  if (row.interval_s < 0 || row.interval_s > kIntervalMax) return expected("interval", "0 to 86400 seconds");
  if (row.time_s < options.oldest_s) {
    return wrong("timestamp: " + format_time(row.time_s) + " is before " + format_time(options.oldest_s) +
                 ", the oldest that is kept");
  }
  if (row.time_s > options.newest_s) return wrong("timestamp: " + format_time(row.time_s) + " is in the future");
  const bool distribution = *type == signal::MetricType::kDistribution;
  if (row.values.empty() || row.values.size() > (distribution ? kHistoryValuesMax : 1)) {
    return expected("value", distribution ? "1 to " + std::to_string(kHistoryValuesMax) + " numbers"
                                          : "one number (several make a distribution)");
  }
  if (distribution) {
    TimedSketch point{.time_s = row.time_s, .sketch = {}};
    for (const double value : row.values) point.sketch.insert(value);
    if (!std::isfinite(point.sketch.sum())) return expected("value", "numbers whose sum is finite");
    IntakeDistribution out{
        .metric = std::move(row.metric), .host = std::move(row.host), .tags = std::move(row.tags), .points = {}};
    out.points.push_back(std::move(point));
    into.distributions.push_back(std::move(out));
    return base::ok();
  }
  into.series.push_back({.metric = std::move(row.metric),
                         .type = *type,
                         .interval_s = static_cast<uint32_t>(row.interval_s),
                         .host = std::move(row.host),
                         .tags = std::move(row.tags),
                         .points = {{.time_s = row.time_s, .value = row.values[0]}}});
  return base::ok();
}

std::string_view take_line(std::string_view& rest) {
  const size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool blank(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

}  // namespace

Result<HistoryPart> decode_history(std::string_view body, const HistoryOptions& options) {
  if (body.size() > kHistoryBytesMax) {
    return Error(ErrorCode::kTooLarge, "more than " + std::to_string(kHistoryBytesMax) + " bytes at once");
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  std::vector<Column> columns;
  if (options.format == HistoryFormat::kCsv) {
    Result<std::vector<Column>> head = columns_of(take_line(body));
    if (!head) return std::move(head).error();
    columns = *std::move(head);
  }
  HistoryPart part;
  for (uint64_t number = options.first_line; !body.empty(); ++number) {
    const std::string_view line = take_line(body);
    if (blank(line)) continue;
    if (++part.lines > kHistoryLinesMax) {
      return Error(ErrorCode::kTooLarge, "more than " + std::to_string(kHistoryLinesMax) + " lines at once");
    }
    Status done = base::ok();
    if (line.size() > kHistoryLineBytesMax) {
      done = wrong("longer than " + std::to_string(kHistoryLineBytesMax) + " bytes");
    } else {
      Result<Row> row = columns.empty() ? row_of_json(line) : row_of_csv(line, columns);
      done = row ? add(*std::move(row), options, part.payload) : Status(std::move(row).error());
    }
    if (done) continue;
    ++part.bad;
    if (part.bad_lines.size() < kBadLinesMax) part.bad_lines.push_back({number, done.error().message()});
  }
  return part;
}

}  // namespace godseye::ddapi
