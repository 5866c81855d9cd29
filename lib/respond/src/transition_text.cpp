#include "transition_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <set>

#include <boost/json.hpp>
#include <unicode/timezone.h>

namespace godseye::respond {

using monitor::GroupStatus;
using monitor::GroupTransition;
using monitor::ValidMonitor;

std::string number_text(double value) {
  if (std::isnan(value)) return "no data";
  char text[40];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string time_text(int64_t unix_s) {
  const std::time_t time = static_cast<std::time_t>(unix_s);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text;
}

bool condition_holds(const monitor::Transition& t, std::string_view name) {
  const bool ok = t.to == GroupStatus::kOk;
  if (name == "is_renotify") return monitor::is_renotification(t.kind);
  if (name == "is_alert") return t.to == GroupStatus::kAlert;
  if (name == "is_warning") return t.to == GroupStatus::kWarn;
  if (name == "is_no_data") return t.to == GroupStatus::kNoData;
  if (name == "is_recovery") return ok;
  if (name == "is_alert_recovery") return ok && t.from == GroupStatus::kAlert;
  if (name == "is_warning_recovery") return ok && t.from == GroupStatus::kWarn;
  if (name == "is_no_data_recovery") return ok && t.from == GroupStatus::kNoData;
  if (name == "is_alert_to_warning") return t.from == GroupStatus::kAlert && t.to == GroupStatus::kWarn;
  if (name == "is_warning_to_alert") return t.from == GroupStatus::kWarn && t.to == GroupStatus::kAlert;
  if (name == "is_no_data_to_alert") return t.from == GroupStatus::kNoData && t.to == GroupStatus::kAlert;
  return false;
}

std::string local_time_text(int64_t unix_s, const std::string& zone) {
  const icu::UnicodeString name = icu::UnicodeString::fromUTF8(zone);
  const std::unique_ptr<icu::TimeZone> found(icu::TimeZone::createTimeZone(name));
  // ICU answers a name it does not know with a zone called Unknown.
  if (found == nullptr || *found == icu::TimeZone::getUnknown()) return {};
  int32_t standard_ms = 0;
  int32_t saving_ms = 0;
  UErrorCode code = U_ZERO_ERROR;
  found->getOffset(static_cast<double>(unix_s) * 1000, false, standard_ms, saving_ms, code);
  if (U_FAILURE(code)) return {};
  const int64_t offset_min = (standard_ms + saving_ms) / 60'000;
  char suffix[16];
  std::snprintf(suffix, sizeof suffix, "%c%02d:%02d", offset_min < 0 ? '-' : '+',
                static_cast<int>(std::abs(offset_min) / 60), static_cast<int>(std::abs(offset_min) % 60));
  return time_text(unix_s + offset_min * 60) + suffix;
}

// The values that the groups told together have of the key at `index`: sorted, each once.
std::string values_of_all(const GroupTransition& t, size_t index) {
  std::set<std::string> values;
  for (const query::Group& group : t.together) {
    if (index < group.size()) values.insert(group[index].value);
  }
  std::string text;
  for (const std::string& value : values) text.append(text.empty() ? "" : ",").append(value);
  return text;
}

// `title`, `tags.service`, …: of the event that an event monitor speaks of.
std::optional<std::string> event_field(const signal::Event& event, std::string_view name) {
  if (name == "title") return event.title;
  if (name == "text" || name == "message") return event.text;
  if (name == "host") return event.host;
  if (name == "source") return event.source;
  if (name == "status") return std::string(signal::alert_type_name(event.alert_type));
  if (name == "id") return std::to_string(event.id);
  constexpr std::string_view kTags = "tags.";
  if (!name.starts_with(kTags)) return std::nullopt;
  const std::string head = std::string(name.substr(kTags.size())) + ":";
  std::string values;
  for (const std::string& tag : event.tags) {
    if (tag.starts_with(head)) values.append(values.empty() ? "" : ",").append(tag.substr(head.size()));
  }
  return values;
}

// `check_message`; `a.value`, `b.status` of a composite's members; `event.…`.
std::optional<std::string> background_text(const monitor::Background& background, std::string_view name) {
  if (name == "check_message") return background.check_message;
  constexpr std::string_view kEvent = "event.";
  if (name.starts_with(kEvent) && background.event) return event_field(*background.event, name.substr(kEvent.size()));
  if (name.size() < 3 || name[0] < 'a' || name[1] != '.') return std::nullopt;
  const auto member = static_cast<size_t>(name[0] - 'a');
  if (member >= background.members.size()) return std::nullopt;
  const monitor::MemberState& state = background.members[member];
  if (name.substr(2) == "status") return std::string(monitor::status_name(state.status));
  if (name.substr(2) == "value") return number_text(state.value);
  return std::nullopt;
}

std::optional<std::string> variable(const ValidMonitor& monitor, const GroupTransition& t, std::string_view name) {
  const auto epoch_ms = [](int64_t unix_s) { return std::to_string(unix_s * 1000); };
  if (name == "value") return number_text(t.row.value);
  if (name == "threshold") return number_text(monitor.thresholds.critical);
  if (name == "warn_threshold") {
    return monitor.thresholds.warning ? number_text(*monitor.thresholds.warning) : std::string();
  }
  if (name == "ok_threshold") {
    return number_text(monitor.thresholds.critical_recovery.value_or(monitor.thresholds.critical));
  }
  if (name == "comparator") return std::string(lang::comparator_text(monitor.query.comparator));
  if (name == "first_triggered_at") return time_text(t.state.first_triggered_s);
  if (name == "first_triggered_at_epoch") return epoch_ms(t.state.first_triggered_s);
  if (name == "last_triggered_at") return time_text(t.state.last_triggered_s);
  if (name == "last_triggered_at_epoch") return epoch_ms(t.state.last_triggered_s);
  if (name == "triggered_duration_sec") {
    return std::to_string(t.state.first_triggered_s == 0 ? 0 : t.row.time_s - t.state.first_triggered_s);
  }
  if (t.background) {
    if (std::optional<std::string> text = background_text(*t.background, name)) return text;
  }
  for (size_t i = 0; i < t.group.size(); ++i) {
    const query::GroupTag& tag = t.group[i];
    if (name.size() != tag.key.size() + 5 || !name.starts_with(tag.key) || !name.ends_with(".name")) continue;
    return t.together.empty() ? tag.value : values_of_all(t, i);
  }
  return std::nullopt;
}

lang::TemplateScope scope_of(const ValidMonitor& monitor, const GroupTransition& transition) {
  lang::TemplateScope scope;
  scope.condition = [&](std::string_view name) { return condition_holds(transition.transition, name); };
  scope.variable = [&](std::string_view name) { return variable(monitor, transition, name); };
  scope.local_time = local_time_text;
  scope.priority = monitor.priority;
  return scope;
}

std::string event_title(const ValidMonitor&, const GroupTransition& transition, std::string_view name, int priority) {
  std::string title;
  if (priority != 0) title += "[P" + std::to_string(priority) + "] ";
  title += "[" + std::string(monitor::transition_name(transition.transition.kind));
  if (!transition.group.empty()) title += " on {" + transition.row.group + "}";
  return title.append("] ").append(name);
}

std::string reason(const ValidMonitor& monitor, const GroupTransition& t) {
  if (monitor.kind == monitor::MonitorKind::kComposite) {
    return "the combination `" + monitor.query_text + "` is " + std::string(monitor::status_name(t.transition.to)) +
           " at " + time_text(t.row.time_s) + " UTC";
  }
  if (monitor.kind == monitor::MonitorKind::kServiceCheck && !monitor.check.percent && !std::isnan(t.row.value)) {
    return number_text(t.row.value) + " runs in a row of " + monitor.check.check + " are " +
           std::string(monitor::status_name(t.transition.to)) + ", until " + time_text(t.row.time_s) + " UTC";
  }
  const std::string window = monitor.query.window.text + " until " + time_text(t.row.time_s) + " UTC";
  if (std::isnan(t.row.value)) return "no data over " + window;
  std::string text = "value " + number_text(t.row.value);
  if (t.transition.to == GroupStatus::kOk) {
    text += ", back within the limit " + number_text(t.row.threshold);
  } else {
    text += " " + std::string(lang::comparator_text(monitor.query.comparator)) + " " + number_text(t.row.threshold);
  }
  return text + " over " + window;
}

std::string facts_json(const ValidMonitor& monitor, const GroupTransition& t) {
  boost::json::object facts{{"transition_id", t.row.id},
                            {"event_id", t.row.event_id},
                            {"monitor_id", monitor.id},
                            {"group", t.row.group},
                            {"kind", t.row.kind},
                            {"from", monitor::status_name(t.transition.from)},
                            {"to", monitor::status_name(t.transition.to)},
                            {"comparator", lang::comparator_text(monitor.query.comparator)},
                            {"window", monitor.query.window.text},
                            {"window_end_s", t.row.time_s},
                            {"window_start_s", t.row.time_s - static_cast<int64_t>(monitor.query.window.seconds)},
                            {"query", monitor.query_text}};
  const auto number = [](double value) {
    return std::isfinite(value) ? boost::json::value(value) : boost::json::value(nullptr);
  };
  facts["value"] = number(t.row.value);
  facts["threshold"] = number(t.row.threshold);
  return boost::json::serialize(facts);
}

std::string without_handles(std::string_view message, const std::vector<std::string>& handles) {
  std::string text(message);
  for (const std::string& handle : handles) {
    const std::string with_at = "@" + handle;
    for (size_t at = text.find(with_at); at != std::string::npos; at = text.find(with_at, at)) {
      text.erase(at, with_at.size());
    }
  }
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string next_steps(std::string_view text) {
  size_t line = 0;
  while (line < text.size()) {
    for (const std::string_view head : {std::string_view("**Next:**"), std::string_view("Next:")}) {
      if (!text.substr(line).starts_with(head)) continue;
      const size_t first = text.find_first_not_of(" \t\r\n", line + head.size());
      return first == std::string_view::npos ? std::string() : std::string(text.substr(first));
    }
    line = std::min(text.find('\n', line), text.size() - 1) + 1;
  }
  return std::string(text);
}

std::string first_metric(const lang::Expression& expression) {
  if (expression.series) return expression.series->metric;
  for (const lang::Expression& child : expression.children) {
    if (std::string metric = first_metric(child); !metric.empty()) return metric;
  }
  return {};
}

}  // namespace godseye::respond
