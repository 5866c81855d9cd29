#include <charconv>
#include <cstring>

#include <godseye/dogstatsd/decode.h>

namespace godseye::dogstatsd {
namespace {

constexpr std::string_view kDropReasonNames[] = {
    "none",          "no_type",          "no_value",    "no_name",   "unknown_type",     "bad_value",   "bad_rate",
    "bad_timestamp", "bad_event_header", "short_event", "bad_check", "bad_check_status", "unterminated"};
static_assert(std::size(kDropReasonNames) == kDropReasonCount);

// Splits the first `|`-delimited field off `rest`.
std::string_view take_field(std::string_view& rest) {
  const size_t bar = rest.find('|');
  const std::string_view field = rest.substr(0, bar);
  rest.remove_prefix(bar == std::string_view::npos ? rest.size() : bar + 1);
  return field;
}

bool parse_integer(std::string_view text, int64_t& value) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool parse_kind(std::string_view code, MetricKind& kind) {
  if (code.size() == 1) {
    switch (code[0]) {
      case 'c':
        kind = MetricKind::kCounter;
        return true;
      case 'g':
        kind = MetricKind::kGauge;
        return true;
      case 'h':
        kind = MetricKind::kHistogram;
        return true;
      case 's':
        kind = MetricKind::kSet;
        return true;
      case 'd':
        kind = MetricKind::kDistribution;
        return true;
      default:
        return false;
    }
  }
  kind = MetricKind::kTiming;
  return code == "ms";
}

std::string_view known_cardinality(std::string_view level) {
  for (std::string_view known : {"none", "low", "orchestrator", "high"}) {
    if (level == known) return level;
  }
  return {};
}

// The fields that all three kinds share. False when `field` is none of them.
bool decode_common_field(std::string_view field, std::string_view& tags, Origin& origin) {
  if (field.starts_with('#')) {
    tags = field.substr(1);
  } else if (field.starts_with("c:")) {
    origin.local_data = field.substr(2);
  } else if (field.starts_with("e:")) {
    origin.external_data = field.substr(2);
  } else if (field.starts_with("card:")) {
    origin.cardinality = known_cardinality(field.substr(5));
  } else {
    return false;
  }
  return true;
}

DropReason decode_metric_field(std::string_view field, MetricMessage& metric) {
  if (field.empty()) return DropReason::kNone;
  switch (field[0]) {
    case '@':
      return parse_number(field.substr(1), metric.sample_rate) ? DropReason::kNone : DropReason::kBadRate;
    case 'T':
      if (!parse_integer(field.substr(1), metric.timestamp_s) || metric.timestamp_s < 1) {
        return DropReason::kBadTimestamp;
      }
      return DropReason::kNone;
    default:
      decode_common_field(field, metric.tags, metric.origin);
      return DropReason::kNone;
  }
}

bool parse_length(std::string_view text, size_t& value) {
  if (text.empty() || text[0] < '0' || text[0] > '9') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// The `d:` field of events and checks; a bad one is ignored.
bool decode_time(std::string_view text, int64_t& timestamp_s) {
  int64_t value = 0;
  if (!parse_integer(text, value) || value < 0) return false;
  timestamp_s = value;
  return true;
}

bool decode_priority(std::string_view text, EventPriority& priority) {
  if (text != "normal" && text != "low") return false;
  priority = text == "low" ? EventPriority::kLow : EventPriority::kNormal;
  return true;
}

bool decode_alert_type(std::string_view text, AlertType& type) {
  constexpr std::string_view kNames[] = {"info", "error", "warning", "success"};
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (text == kNames[i]) {
      type = static_cast<AlertType>(i);
      return true;
    }
  }
  return false;
}

void decode_event_field(std::string_view field, EventMessage& event) {
  if (decode_common_field(field, event.tags, event.origin) || field.size() < 2 || field[1] != ':') return;
  const std::string_view value = field.substr(2);
  bool good = true;
  switch (field[0]) {
    case 'd':
      good = decode_time(value, event.timestamp_s);
      break;
    case 'h':
      event.host = value;
      break;
    case 'k':
      event.aggregation_key = value;
      break;
    case 's':
      event.source_type = value;
      break;
    case 'p':
      good = decode_priority(value, event.priority);
      break;
    case 't':
      good = decode_alert_type(value, event.alert_type);
      break;
    default:
      break;
  }
  event.fields_ignored += !good;
}

void decode_check_field(std::string_view field, ServiceCheckMessage& check) {
  if (decode_common_field(field, check.tags, check.origin) || field.size() < 2 || field[1] != ':') return;
  const std::string_view value = field.substr(2);
  switch (field[0]) {
    case 'd':
      check.fields_ignored += !decode_time(value, check.timestamp_s);
      break;
    case 'h':
      check.host = value;
      break;
    case 'm':
      check.message = value;
      break;
    default:
      break;
  }
}

}  // namespace

std::string_view drop_reason_name(DropReason reason) { return kDropReasonNames[static_cast<size_t>(reason)]; }

std::string_view metric_kind_code(MetricKind kind) {
  constexpr std::string_view kCodes[] = {"c", "g", "ms", "h", "s", "d"};
  return kCodes[static_cast<size_t>(kind)];
}

void unescape_newlines(std::string_view escaped, std::string& out) {
  while (true) {
    const size_t at = escaped.find("\\n");
    out.append(escaped.substr(0, at));
    if (at == std::string_view::npos) return;
    out.push_back('\n');
    escaped.remove_prefix(at + 2);
  }
}

DropReason Decoder::decode_metric(std::string_view line, MetricMessage& metric) {
  const size_t bar = line.find('|');
  if (bar == std::string_view::npos) return DropReason::kNoType;
  const std::string_view first = line.substr(0, bar);
  std::string_view rest = line.substr(bar + 1);

  const size_t colon = first.find(':');
  if (colon == std::string_view::npos) return DropReason::kNoValue;
  if (colon == 0) return DropReason::kNoName;
  metric.name = first.substr(0, colon);
  const std::string_view value = first.substr(colon + 1);
  if (value.empty()) return DropReason::kNoValue;

  if (!parse_kind(take_field(rest), metric.kind)) return DropReason::kUnknownType;
  const DropReason bad_value = decode_values(value, metric);
  if (bad_value != DropReason::kNone) return bad_value;
  while (!rest.empty()) {
    const DropReason bad_field = decode_metric_field(take_field(rest), metric);
    if (bad_field != DropReason::kNone) return bad_field;
  }
  return DropReason::kNone;
}

DropReason Decoder::decode_values(std::string_view field, MetricMessage& metric) {
  if (metric.kind == MetricKind::kSet) {
    metric.set_value = field;
    return DropReason::kNone;
  }
  if (field.find(':') != std::string_view::npos) return decode_packed_values(field, metric);
  if (!parse_number(field, value_)) return DropReason::kBadValue;
  metric.values = {&value_, 1};
  return DropReason::kNone;
}

DropReason Decoder::decode_packed_values(std::string_view field, MetricMessage& metric) {
  values_.clear();
  while (!field.empty()) {
    const size_t colon = field.find(':');
    const std::string_view text = field.substr(0, colon);
    field.remove_prefix(colon == std::string_view::npos ? field.size() : colon + 1);
    if (text.empty()) continue;
    double value;
    if (!parse_number(text, value)) return DropReason::kBadValue;
    values_.push_back(value);
  }
  metric.values = values_;
  return values_.empty() ? DropReason::kNoValue : DropReason::kNone;
}

DropReason Decoder::decode_event(std::string_view line, EventMessage& event) {
  const size_t colon = line.find(':');
  // "_e{1,0}" is the shortest header.
  if (colon == std::string_view::npos || colon < 7 || line[colon - 1] != '}') return DropReason::kBadEventHeader;
  const std::string_view lengths = line.substr(3, colon - 4);
  const size_t comma = lengths.find(',');
  size_t title_bytes = 0;
  size_t text_bytes = 0;
  if (comma == std::string_view::npos || !parse_length(lengths.substr(0, comma), title_bytes) ||
      !parse_length(lengths.substr(comma + 1), text_bytes) || title_bytes == 0) {
    return DropReason::kBadEventHeader;
  }
  const std::string_view body = line.substr(colon + 1);
  // Compared one at a time, since lengths from outside may overflow when added.
  if (title_bytes >= body.size() || text_bytes > body.size() - title_bytes - 1) return DropReason::kShortEvent;
  event.title = body.substr(0, title_bytes);
  event.text = body.substr(title_bytes + 1, text_bytes);
  std::string_view rest = body.substr(title_bytes + 1 + text_bytes);
  take_field(rest);  // what stands between the text and the next `|` is nothing
  while (!rest.empty()) decode_event_field(take_field(rest), event);
  return DropReason::kNone;
}

DropReason Decoder::decode_service_check(std::string_view line, ServiceCheckMessage& check) {
  if (!line.starts_with("_sc|")) return DropReason::kBadCheck;
  std::string_view rest = line.substr(4);
  const size_t bar = rest.find('|');
  if (bar == std::string_view::npos || bar == 0) return DropReason::kBadCheck;
  check.name = take_field(rest);
  const std::string_view status = take_field(rest);
  if (status.size() != 1 || status[0] < '0' || status[0] > '3') return DropReason::kBadCheckStatus;
  check.status = static_cast<CheckStatus>(status[0] - '0');
  while (!rest.empty()) decode_check_field(take_field(rest), check);
  return DropReason::kNone;
}

}  // namespace godseye::dogstatsd
