#include "schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <godseye/monitor/spec.h>
#include <godseye/query/query_engine.h>

namespace godseye::monitor {

using base::Error;
using base::ErrorCode;
using base::Status;
using lang::Comparator;

namespace {

// Options of Datadog that are stored and mean nothing to metric monitors here.
constexpr std::array<std::string_view, 16> kHarmlessOptions = {"aggregation",
                                                               "device_ids",
                                                               "enable_logs_sample",
                                                               "enable_samples",
                                                               "groupby_simple_monitor",
                                                               "locked",
                                                               "min_failure_duration",
                                                               "min_location_failed",
                                                               "new_host_delay",
                                                               "notification_preset_name",
                                                               "notify_audit",
                                                               "silenced",
                                                               "synthetics_check_id",
                                                               "threshold_windows",
                                                               "variables",
                                                               "avalanche_window"};

Error wrong(std::string_view field, const std::string& what) {
  return {ErrorCode::kInvalidArgument, std::string(field) + ": " + what};
}

std::string number_text(double value) {
  char text[32];
  const auto [end, code] = std::to_chars(text, text + sizeof text, value);
  return {text, code == std::errc() ? end : text};
}

bool upward(Comparator c) { return c == Comparator::kGreater || c == Comparator::kGreaterEqual; }
bool downward(Comparator c) { return c == Comparator::kLess || c == Comparator::kLessEqual; }

// A monitor that cannot alert must not be accepted.
const lang::Expression* unsupported_call(const lang::Expression& expression) {
  if (expression.kind == lang::Expression::Kind::kCall) {
    // autosmooth chooses its span by what it is shown: the same moment would be judged differently each time.
    if (!query::evaluated_function(expression.name) || expression.name == "autosmooth") return &expression;
  }
  for (const lang::Expression& child : expression.children) {
    if (const lang::Expression* found = unsupported_call(child)) return found;
  }
  return nullptr;
}

// Whether silence means zero: counts that say nothing themselves about empty time.
bool counts(const lang::Expression& expression) {
  if (expression.kind == lang::Expression::Kind::kCall && expression.name == "default_zero") return false;
  if (expression.series && expression.series->count_mode == lang::CountMode::kAsCount) return true;
  return std::any_of(expression.children.begin(), expression.children.end(), counts);
}

Status read_kind(const ddapi::MonitorSpec& spec, ValidMonitor& monitor) {
  if (spec.type == "metric alert" || spec.type == "query alert") {
    monitor.kind = MonitorKind::kMetric;
  } else if (spec.type == "composite") {
    monitor.kind = MonitorKind::kComposite;
  } else if (spec.type == "service check") {
    monitor.kind = MonitorKind::kServiceCheck;
  } else if (spec.type == "event-v2 alert") {
    monitor.kind = MonitorKind::kEvent;
  } else {
    return wrong("type", "\"" + spec.type.substr(0, 60) +
                             "\" is not supported; supported types are \"metric alert\", \"query alert\", "
                             "\"composite\", \"service check\" and \"event-v2 alert\"");
  }
  return base::ok();
}

Status read_composite(const ddapi::MonitorSpec& spec, ValidMonitor& monitor) {
  base::Result<lang::Composite> composite = lang::parse_composite(spec.query);
  if (!composite) return std::move(composite).error().within("query");
  monitor.composite = *std::move(composite);
  monitor.query.window.text = "the combination";
  monitor.query.comparator = Comparator::kGreaterEqual;
  monitor.query.threshold = 1;
  return base::ok();
}

// A threshold that must lie on the quiet side of `limit`.
Status before(std::string_view field, std::optional<double> value, double limit, std::string_view limit_name,
              Comparator comparator) {
  if (!value) return base::ok();
  const std::string path = "options.thresholds." + std::string(field);
  if (!upward(comparator) && !downward(comparator)) {
    return wrong(path, "has no meaning with " + std::string(lang::comparator_text(comparator)) + "; leave it out");
  }
  const bool fine = upward(comparator) ? *value <= limit : *value >= limit;
  if (fine) return base::ok();
  return wrong(path, number_text(*value) + " must be " + (upward(comparator) ? "at most" : "at least") + " the " +
                         std::string(limit_name) + " threshold " + number_text(limit) + ", since the query alerts " +
                         std::string(lang::comparator_text(comparator)) + " it");
}

// Percent of a group's checks that are CRITICAL, against `critical` and `warning`.
Status read_check_percent(const ddapi::MonitorThresholds& given, ValidMonitor& monitor) {
  const auto fits = [](std::string_view name, std::optional<double> value) -> Status {
    if (!value || (*value > 0 && *value <= 100)) return base::ok();
    return wrong("options.thresholds." + std::string(name), "expected a percentage, above 0 and at most 100");
  };
  if (!given.critical) return wrong("options.thresholds.critical", "pct_by_status() needs it: a percentage");
  if (given.ok || given.unknown) {
    return wrong("options.thresholds", "ok and unknown are numbers of runs and have no meaning with pct_by_status()");
  }
  if (Status s = fits("critical", given.critical); !s) return s;
  if (Status s = fits("warning", given.warning); !s) return s;
  monitor.query.threshold = *given.critical;
  monitor.query.window.text = "the last runs";
  monitor.check.silence_s = static_cast<uint32_t>(monitor.check_silence_s);
  monitor.thresholds = {.critical = *given.critical,
                        .warning = given.warning,
                        .critical_recovery = given.critical_recovery,
                        .warning_recovery = given.warning_recovery};
  if (Status s = before("warning", given.warning, *given.critical, "critical", Comparator::kGreaterEqual); !s) return s;
  return before("critical_recovery", given.critical_recovery, *given.critical, "critical", Comparator::kGreaterEqual);
}

Status read_check(const ddapi::MonitorSpec& spec, ValidMonitor& monitor) {
  base::Result<lang::CheckQuery> check = lang::parse_check_query(spec.query);
  if (!check) return std::move(check).error().within("query");
  monitor.check = *std::move(check);
  monitor.group_keys = monitor.check.group_by;
  monitor.query.window.text = "the last " + std::to_string(monitor.check.last) + " runs";
  monitor.query.comparator = Comparator::kGreaterEqual;
  const ddapi::MonitorThresholds given = spec.options.thresholds.value_or(ddapi::MonitorThresholds{});
  if (spec.options.no_data_timeframe) monitor.check_silence_s = *spec.options.no_data_timeframe * 60;
  if (monitor.check.percent) return read_check_percent(given, monitor);
  const auto counted = [&](std::string_view name, std::optional<double> value, uint32_t& into) -> Status {
    if (!value) return base::ok();
    const std::string path = "options.thresholds." + std::string(name);
    if (*value < 1 || *value != std::floor(*value)) return wrong(path, "expected a number of runs, 1 or more");
    if (*value > monitor.check.last) {
      return wrong(path, number_text(*value) + " runs in a row cannot be seen in last(" +
                             std::to_string(monitor.check.last) + "); raise last");
    }
    into = static_cast<uint32_t>(*value);
    return base::ok();
  };
  if (given.critical_recovery || given.warning_recovery) {
    return wrong("options.thresholds", "service checks recover by ok, a number of runs");
  }
  CheckThresholds& thresholds = monitor.check_thresholds;
  if (Status s = counted("critical", given.critical, thresholds.critical); !s) return s;
  if (Status s = counted("warning", given.warning, thresholds.warning); !s) return s;
  if (Status s = counted("ok", given.ok, thresholds.ok); !s) return s;
  if (given.unknown) {
    uint32_t unknown = 1;
    if (Status s = counted("unknown", given.unknown, unknown); !s) return s;
    thresholds.unknown = unknown;
  }
  monitor.query.threshold = thresholds.critical;
  monitor.thresholds.critical = thresholds.critical;
  monitor.thresholds.warning = thresholds.warning;
  return base::ok();
}

Status read_events(const ddapi::MonitorSpec& spec, ValidMonitor& monitor) {
  base::Result<lang::EventQuery> events = lang::parse_event_query(spec.query);
  if (!events) return std::move(events).error().within("query");
  monitor.events = *std::move(events);
  monitor.group_keys = monitor.events.group_by;
  monitor.query.window = monitor.events.window;
  monitor.query.comparator = monitor.events.comparator;
  monitor.query.threshold = monitor.events.threshold;
  return base::ok();
}

// Minutes and hours go up to a week; what is longer is given in days, weeks or as a month.
Status check_window(const lang::Window& window) {
  constexpr uint32_t kSmallUnitsSecondsMax = 7 * 86400;
  const bool small = window.text.ends_with('m') || window.text.ends_with('h');
  if (window.kind != lang::WindowKind::kLast || !small || window.seconds <= kSmallUnitsSecondsMax) return base::ok();
  return wrong("query", "the window " + window.text +
                            " is too long: expected at most last_10080m or last_168h, or days up to last_31d");
}

Status read_query(const ddapi::MonitorSpec& spec, ValidMonitor& monitor) {
  monitor.query_text = spec.query;
  if (monitor.kind == MonitorKind::kComposite) return read_composite(spec, monitor);
  if (monitor.kind == MonitorKind::kServiceCheck) return read_check(spec, monitor);
  if (monitor.kind == MonitorKind::kEvent) return read_events(spec, monitor);
  base::Result<lang::MonitorQuery> query = lang::parse_monitor_query(spec.query);
  if (!query) return std::move(query).error().within("query");
  if (query->window.kind == lang::WindowKind::kNext) {
    return Error(ErrorCode::kUnimplemented,
                 "query: the window " + query->window.text + " is not supported yet; use last_… or current_…");
  }
  if (Status fits = check_window(query->window); !fits) return fits;
  if (const lang::Expression* call = unsupported_call(query->expression)) {
    return Error(ErrorCode::kUnimplemented, "query: column " + std::to_string(call->column.value) + ": the function " +
                                                call->name + "(…) is not supported in monitors yet");
  }
  if (Status known = query::check_zones(query->expression); !known) return std::move(known).error().within("query");
  monitor.query = *std::move(query);
  monitor.group_keys = lang::group_keys(monitor.query.expression);
  return base::ok();
}

Status read_thresholds(const ddapi::MonitorSpec& spec, ValidMonitor& monitor, std::vector<std::string>& warnings) {
  if (monitor.kind == MonitorKind::kServiceCheck) return base::ok();
  if (monitor.kind == MonitorKind::kComposite) {
    if (spec.options.thresholds) warnings.emplace_back("options.thresholds have no meaning for a composite");
    monitor.thresholds.critical = 1;
    return base::ok();
  }
  const ddapi::MonitorThresholds given = spec.options.thresholds.value_or(ddapi::MonitorThresholds{});
  const double critical = monitor.query.threshold;
  const Comparator comparator = monitor.query.comparator;
  if (given.critical && *given.critical != critical) {
    return wrong("options.thresholds.critical", number_text(*given.critical) +
                                                    " is not the threshold of the query, which is " +
                                                    number_text(critical) + "; make them equal");
  }
  monitor.thresholds = {.critical = critical,
                        .warning = given.warning,
                        .critical_recovery = given.critical_recovery,
                        .warning_recovery = given.warning_recovery};
  if (given.warning && *given.warning == critical) {
    return wrong("options.thresholds.warning", "equals the critical threshold, so there would be no warning before it");
  }
  if (Status s = before("warning", given.warning, critical, "critical", comparator); !s) return s;
  if (Status s = before("critical_recovery", given.critical_recovery, critical, "critical", comparator); !s) return s;
  if (given.warning_recovery && !given.warning) {
    return wrong("options.thresholds.warning_recovery", "needs options.thresholds.warning");
  }
  if (given.warning) {
    if (Status s = before("warning_recovery", given.warning_recovery, *given.warning, "warning", comparator); !s)
      return s;
  }
  if (given.ok || given.unknown) warnings.emplace_back("options.thresholds.ok and unknown are for service checks");
  return base::ok();
}

Status read_missing_data(const ddapi::MonitorOptions& options, ValidMonitor& monitor) {
  const std::string mode = options.on_missing_data.value_or("default");
  const bool classic = options.notify_no_data.value_or(false);
  if (classic && options.on_missing_data && mode != "default") {
    return wrong("options.notify_no_data", "cannot be combined with options.on_missing_data; use the latter alone");
  }
  if (options.no_data_timeframe && (*options.no_data_timeframe < 1 || *options.no_data_timeframe > 7 * 24 * 60)) {
    return wrong("options.no_data_timeframe", "expected 1 to 10080 minutes");
  }
  if (monitor.kind == MonitorKind::kServiceCheck) {
    // Silence has been long enough when the last run is too old.
    monitor.missing_data = classic ? MissingData::kNotifyNoData : MissingData::kKeepState;
    if (!options.on_missing_data || mode == "default") return base::ok();
  }
  if (classic) {
    // The window is empty when the last point is one window old already.
    const int64_t window_s = monitor.query.window.seconds;
    const int64_t after_s = options.no_data_timeframe ? *options.no_data_timeframe * 60 : 2 * window_s;
    monitor.missing_data = MissingData::kNotifyNoData;
    monitor.no_data_after_s = std::max<int64_t>(0, after_s - window_s);
    return base::ok();
  }
  if (mode == "default") {
    const bool zero = monitor.kind == MonitorKind::kEvent ? monitor.events.method == lang::EventMethod::kCount ||
                                                                monitor.events.method == lang::EventMethod::kCardinality
                                                          : counts(monitor.query.expression);
    monitor.missing_data = zero ? MissingData::kEvaluateZero : MissingData::kKeepState;
  } else if (mode == "show_no_data") {
    monitor.missing_data = MissingData::kShowNoData;
  } else if (mode == "show_and_notify_no_data") {
    monitor.missing_data = MissingData::kNotifyNoData;
  } else if (mode == "resolve") {
    monitor.missing_data = MissingData::kResolve;
  } else {
    return wrong("options.on_missing_data", "\"" + mode.substr(0, 60) +
                                                "\" is not known; expected default, show_no_data, "
                                                "show_and_notify_no_data or resolve");
  }
  return base::ok();
}

// "60m".."72h" as seconds.
std::optional<int64_t> retention_of(const std::string& text) {
  int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || number <= 0 || number > 100'000) return std::nullopt;
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  const int64_t seconds = unit == "m" ? number * 60 : unit == "h" ? number * 3600 : 0;
  if (seconds < 3600 || seconds > 72 * 3600) return std::nullopt;
  return seconds;
}

Status read_times(const ddapi::MonitorOptions& options, ValidMonitor& monitor) {
  const auto ranged = [](std::string_view field, std::optional<int64_t> value, int64_t max, int64_t& into) -> Status {
    if (!value) return base::ok();
    if (*value < 0 || *value > max) {
      return wrong("options." + std::string(field), "expected 0 to " + std::to_string(max));
    }
    into = *value;
    return base::ok();
  };
  int64_t hours = 0;
  if (Status s = ranged("timeout_h", options.timeout_h, 24, hours); !s) return s;
  monitor.auto_resolve_s = hours * 3600;
  if (Status s = ranged("new_group_delay", options.new_group_delay, kNewGroupDelayMaxS, monitor.new_group_delay_s);
      !s) {
    return s;
  }
  if (Status s = ranged("evaluation_delay", options.evaluation_delay, 86400, monitor.evaluation_delay_s); !s) return s;
  if (options.group_retention_duration) {
    const std::optional<int64_t> retention = retention_of(*options.group_retention_duration);
    if (!retention) return wrong("options.group_retention_duration", "expected 60m to 72h, like \"24h\"");
    monitor.group_retention_s = *retention;
  }
  return base::ok();
}

Status read_renotify(const ddapi::MonitorOptions& options, ValidMonitor& monitor) {
  constexpr int64_t kMinutesMax = 7 * 24 * 60;
  Renotify& rule = monitor.renotify;
  const int64_t minutes = options.renotify_interval.value_or(0);
  if (minutes < 0 || minutes > kMinutesMax) {
    return wrong("options.renotify_interval", "expected 0 to " + std::to_string(kMinutesMax) + " minutes");
  }
  rule.interval_s = minutes * 60;
  rule.occurrences = options.renotify_occurrences.value_or(0);
  if (rule.occurrences < 0) return wrong("options.renotify_occurrences", "expected 1 or more");
  if (options.renotify_statuses) {
    rule.alert = rule.warn = rule.no_data = false;
    for (const std::string& status : *options.renotify_statuses) {
      if (status == "alert") {
        rule.alert = true;
      } else if (status == "warn") {
        rule.warn = true;
      } else if (status == "no data") {
        rule.no_data = true;
      } else {
        return wrong("options.renotify_statuses",
                     "\"" + status.substr(0, 60) + "\" is not known; expected alert, warn or no data");
      }
    }
  }
  if (rule.interval_s == 0 || options.escalation_message.value_or("").empty()) return base::ok();
  base::Result<lang::Template> escalation = lang::Template::parse(*options.escalation_message);
  if (!escalation) return std::move(escalation).error().within("options.escalation_message");
  monitor.escalation = *std::move(escalation);
  return base::ok();
}

Status read_notify_by(const ddapi::MonitorOptions& options, ValidMonitor& monitor) {
  if (!options.notify_by || options.notify_by->empty()) return base::ok();
  monitor.told_together = true;
  if (options.notify_by->size() == 1 && options.notify_by->front() == "*") return base::ok();
  for (const std::string& key : *options.notify_by) {
    if (std::find(monitor.group_keys.begin(), monitor.group_keys.end(), key) == monitor.group_keys.end()) {
      return wrong("options.notify_by", "\"" + key.substr(0, 60) + "\" is not among the keys the query groups by");
    }
    monitor.notify_by.push_back(key);
  }
  // All of them: each group by itself, as without.
  if (monitor.notify_by.size() == monitor.group_keys.size()) monitor.told_together = false;
  return base::ok();
}

void warn_of_unused(const ddapi::MonitorOptions& options, const ValidMonitor& monitor,
                    std::vector<std::string>& warnings) {
  if (options.require_full_window.value_or(false) && monitor.kind != MonitorKind::kMetric) {
    warnings.emplace_back("options.require_full_window has a meaning for metric monitors alone");
  }
  for (const std::string& name : ddapi::object_keys(options.unknown_json)) {
    if (name == "scheduling_options") continue;  // read_schedule
    if (std::find(kHarmlessOptions.begin(), kHarmlessOptions.end(), name) == kHarmlessOptions.end()) {
      warnings.emplace_back("options." + name + " is not known and has no effect");
    }
  }
}

Status read_texts(const ddapi::MonitorSpec& spec, ValidMonitor& monitor) {
  if (spec.name.size() > kNameBytesMax) return wrong("name", "at most " + std::to_string(kNameBytesMax) + " bytes");
  if (spec.tags.size() > kTagsMax) return wrong("tags", "at most " + std::to_string(kTagsMax) + " tags");
  if (spec.priority && (*spec.priority < 1 || *spec.priority > 5)) return wrong("priority", "expected 1 to 5");
  base::Result<lang::Template> name = lang::Template::parse(spec.name);
  if (!name) return std::move(name).error().within("name");
  base::Result<lang::Template> message = lang::Template::parse(spec.message);
  if (!message) return std::move(message).error().within("message");
  monitor.name = spec.name;
  monitor.tags = spec.tags;
  monitor.priority = static_cast<int>(spec.priority.value_or(0));
  monitor.name_template = *std::move(name);
  monitor.message = *std::move(message);
  monitor.assets = spec.assets;
  return base::ok();
}

}  // namespace

base::Result<ValidMonitor> validate(const ddapi::MonitorSpec& spec, std::vector<std::string>* warnings) {
  std::vector<std::string> ignored;
  std::vector<std::string>& told = warnings != nullptr ? *warnings : ignored;
  ValidMonitor monitor;
  if (Status status = read_kind(spec, monitor); !status) return status.error();
  if (Status status = read_query(spec, monitor); !status) return status.error();
  if (Status status = read_thresholds(spec, monitor, told); !status) return status.error();
  if (Status status = read_missing_data(spec.options, monitor); !status) return status.error();
  if (Status status = read_times(spec.options, monitor); !status) return status.error();
  if (Status status = read_notify_by(spec.options, monitor); !status) return status.error();
  if (Status status = read_renotify(spec.options, monitor); !status) return status.error();
  if (Status status = read_texts(spec, monitor); !status) return status.error();
  monitor.require_full_window = spec.options.require_full_window.value_or(false);
  if (monitor.kind != MonitorKind::kMetric) monitor.require_full_window = false;
  if (Status status = read_schedule(spec.options, monitor, told); !status) return status.error();
  if (monitor.schedule && monitor.schedule->period != Schedule::Period::kNone) monitor.require_full_window = false;
  warn_of_unused(spec.options, monitor, told);
  return monitor;
}

}  // namespace godseye::monitor
