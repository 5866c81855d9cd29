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

Status check_type(const ddapi::MonitorSpec& spec) {
  if (spec.type == "metric alert" || spec.type == "query alert") return base::ok();
  return wrong("type", "\"" + spec.type.substr(0, 60) +
                           "\" is not supported; supported types are \"metric alert\" and \"query alert\"");
}

Status read_query(const ddapi::MonitorSpec& spec, ValidMonitor& monitor) {
  base::Result<lang::MonitorQuery> query = lang::parse_monitor_query(spec.query);
  if (!query) return std::move(query).error().within("query");
  if (query->window.kind != lang::WindowKind::kLast) {
    return Error(ErrorCode::kUnimplemented,
                 "query: the window " + query->window.text + " is not supported yet; use last_…");
  }
  if (const lang::Expression* call = unsupported_call(query->expression)) {
    return Error(ErrorCode::kUnimplemented, "query: column " + std::to_string(call->column.value) + ": the function " +
                                                call->name + "(…) is not supported in monitors yet");
  }
  monitor.query = *std::move(query);
  monitor.query_text = spec.query;
  monitor.group_keys = lang::group_keys(monitor.query.expression);
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

Status read_thresholds(const ddapi::MonitorSpec& spec, ValidMonitor& monitor, std::vector<std::string>& warnings) {
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
  if (classic) {
    // The window is empty when the last point is one window old already.
    const int64_t window_s = monitor.query.window.seconds;
    const int64_t after_s = options.no_data_timeframe ? *options.no_data_timeframe * 60 : 2 * window_s;
    monitor.missing_data = MissingData::kNotifyNoData;
    monitor.no_data_after_s = std::max<int64_t>(0, after_s - window_s);
    return base::ok();
  }
  if (mode == "default") {
    monitor.missing_data = counts(monitor.query.expression) ? MissingData::kEvaluateZero : MissingData::kKeepState;
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

void warn_of_unused(const ddapi::MonitorOptions& options, std::vector<std::string>& warnings) {
  if (options.require_full_window.value_or(false)) {
    warnings.emplace_back("options.require_full_window has no effect yet: partial windows are evaluated");
  }
  if (options.notify_by) warnings.emplace_back("options.notify_by has no effect yet: each group is told by itself");
  for (const std::string& name : ddapi::object_keys(options.unknown_json)) {
    if (name == "scheduling_options") {
      warnings.emplace_back("options.scheduling_options has no effect yet");
    } else if (std::find(kHarmlessOptions.begin(), kHarmlessOptions.end(), name) == kHarmlessOptions.end()) {
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
  if (Status status = check_type(spec); !status) return status.error();
  if (Status status = read_query(spec, monitor); !status) return status.error();
  if (Status status = read_thresholds(spec, monitor, told); !status) return status.error();
  if (Status status = read_missing_data(spec.options, monitor); !status) return status.error();
  if (Status status = read_times(spec.options, monitor); !status) return status.error();
  if (Status status = read_renotify(spec.options, monitor); !status) return status.error();
  if (Status status = read_texts(spec, monitor); !status) return status.error();
  monitor.require_full_window = spec.options.require_full_window.value_or(false);
  warn_of_unused(spec.options, told);
  return monitor;
}

}  // namespace godseye::monitor
