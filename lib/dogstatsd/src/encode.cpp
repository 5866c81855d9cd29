#include <charconv>
#include <cmath>

#include <godseye/dogstatsd/encode.h>

namespace godseye::dogstatsd {
namespace {

void append_number(double value, std::string& out) {
  char text[32];  // the shortest form of a double has at most 24 characters
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  if (std::isnan(value)) {
    out += "nan";  // to_chars may write a sign or a payload that decoders refuse
  } else {
    out.append(text, end);
  }
}

void append_integer(int64_t value, std::string& out) { out += std::to_string(value); }

void append_field(std::string_view prefix, std::string_view value, std::string& out) {
  if (value.empty()) return;
  out.push_back('|');
  out += prefix;
  out += value;
}

void append_time(std::string_view prefix, int64_t time_s, std::string& out) {
  if (time_s == 0) return;
  out.push_back('|');
  out += prefix;
  append_integer(time_s, out);
}

void append_origin(const Origin& origin, std::string& out) {
  append_field("c:", origin.local_data, out);
  append_field("e:", origin.external_data, out);
  append_field("card:", origin.cardinality, out);
}

}  // namespace

void append_metric(const MetricMessage& metric, std::string& out) {
  out += metric.name;
  if (metric.kind == MetricKind::kSet) {
    out.push_back(':');
    out += metric.set_value;
  }
  for (double value : metric.values) {
    out.push_back(':');
    append_number(value, out);
  }
  out.push_back('|');
  out += metric_kind_code(metric.kind);
  if (metric.sample_rate != 1) {
    out += "|@";
    append_number(metric.sample_rate, out);
  }
  append_field("#", metric.tags, out);
  append_origin(metric.origin, out);
  append_time("T", metric.timestamp_s, out);
  out.push_back('\n');
}

void append_event(const EventMessage& event, std::string& out) {
  constexpr std::string_view kAlertTypes[] = {"", "error", "warning", "success"};
  out += "_e{";
  append_integer(static_cast<int64_t>(event.title.size()), out);
  out.push_back(',');
  append_integer(static_cast<int64_t>(event.text.size()), out);
  out += "}:";
  out += event.title;
  out.push_back('|');
  out += event.text;
  append_time("d:", event.timestamp_s, out);
  append_field("h:", event.host, out);
  append_field("k:", event.aggregation_key, out);
  append_field("p:", event.priority == EventPriority::kLow ? "low" : "", out);
  append_field("s:", event.source_type, out);
  append_field("t:", kAlertTypes[static_cast<size_t>(event.alert_type)], out);
  append_field("#", event.tags, out);
  append_origin(event.origin, out);
  out.push_back('\n');
}

void append_service_check(const ServiceCheckMessage& check, std::string& out) {
  out += "_sc|";
  out += check.name;
  out.push_back('|');
  out.push_back(static_cast<char>('0' + static_cast<int>(check.status)));
  append_time("d:", check.timestamp_s, out);
  append_field("h:", check.host, out);
  append_field("#", check.tags, out);
  append_field("m:", check.message, out);
  append_origin(check.origin, out);
  out.push_back('\n');
}

void escape_newlines(std::string_view text, std::string& out) {
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      out.push_back(c);
    }
  }
}

}  // namespace godseye::dogstatsd
