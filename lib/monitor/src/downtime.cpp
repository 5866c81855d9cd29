#include <algorithm>

#include <godseye/monitor/downtime.h>
#include <godseye/signal/normalize.h>

namespace godseye::monitor {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;
using lang::Scope;

namespace {

Error wrong(std::string_view field, const std::string& what) {
  return {ErrorCode::kInvalidArgument, std::string(field) + ": " + what};
}

// Tags are stored in lower case and normalised; a pattern is only lowered, as a star is no character of a tag.
std::string normal(std::string_view tag) {
  if (tag.find('*') == std::string_view::npos) {
    std::string buffer;
    return std::string(signal::normalize_tag(tag, buffer));
  }
  std::string lowered(tag);
  for (char& c : lowered) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lowered;
}

bool any_tag_matches(std::string_view key, std::string_view value, const std::vector<std::string>& fixed,
                     const query::Group& group) {
  const std::string wanted = normal(key.empty() ? std::string(value) : std::string(key) + ":" + std::string(value));
  const auto fits = [&](const std::string& tag) { return lang::glob_matches(wanted, tag); };
  if (std::any_of(fixed.begin(), fixed.end(), fits)) return true;
  return std::any_of(group.begin(), group.end(),
                     [&](const query::GroupTag& tag) { return fits(tag.key + ":" + tag.value); });
}

// Positive `key:value`s that the scope cannot do without.
void collect_required(const Scope& scope, std::vector<std::string>& tags) {
  if (scope.kind == Scope::Kind::kTag && scope.value.find('*') == std::string::npos) {
    tags.push_back(normal(scope.key.empty() ? scope.value : scope.key + ":" + scope.value));
  } else if (scope.kind == Scope::Kind::kIn && scope.values.size() == 1) {
    tags.push_back(normal(scope.key + ":" + scope.values.front()));
  } else if (scope.kind == Scope::Kind::kAnd) {
    for (const Scope& child : scope.children) collect_required(child, tags);
  }
}

void collect_scopes(const lang::Expression& expression, std::vector<const Scope*>& scopes) {
  if (expression.series) scopes.push_back(&expression.series->scope);
  for (const lang::Expression& child : expression.children) collect_scopes(child, scopes);
}

Status read_ends(const ddapi::DowntimeSpec& spec, ValidDowntime& downtime) {
  downtime.tells_alert = downtime.tells_warn = downtime.tells_no_data = false;
  for (const std::string& state : spec.notify_end_states) {
    if (state == "alert") {
      downtime.tells_alert = true;
    } else if (state == "warn") {
      downtime.tells_warn = true;
    } else if (state == "no data") {
      downtime.tells_no_data = true;
    } else {
      return wrong("notify_end_states",
                   "\"" + state.substr(0, 40) + "\" is not known; expected alert, warn or no data");
    }
  }
  downtime.tells_expired = downtime.tells_canceled = false;
  for (const std::string& type : spec.notify_end_types) {
    if (type == "expired") {
      downtime.tells_expired = true;
    } else if (type == "canceled") {
      downtime.tells_canceled = true;
    } else {
      return wrong("notify_end_types", "\"" + type.substr(0, 40) + "\" is not known; expected expired or canceled");
    }
  }
  return base::ok();
}

Status read_rules(const ddapi::DowntimeSpec& spec, int64_t created_s, ValidDowntime& downtime) {
  Result<TimeZone> zone = TimeZone::find(spec.timezone);
  if (!zone) return std::move(zone).error().within("timezone");
  const int64_t start_s = spec.start_s != 0 ? spec.start_s : created_s;
  for (const ddapi::DowntimeRecurrence& given : spec.recurrences) {
    const std::string path = "recurrence " + std::to_string(downtime.rules.size() + 1);
    int64_t duration_s = given.duration_s;
    if (duration_s == 0 && spec.end_s != 0) duration_s = spec.end_s - start_s;
    if (duration_s < 1 || duration_s > kDowntimeSecondsMax) {
      return wrong(path, "each period lasts from 1 second to 366 days; with v1, end must be after start");
    }
    int64_t start_local_s = zone->to_local(start_s);
    if (!given.start.empty()) {
      Result<int64_t> local = parse_local_time(given.start);
      if (!local) return std::move(local).error().within(path + ", start");
      start_local_s = *local;
    }
    Result<Recurrence> recurrence = Recurrence::parse(given.rrule, start_local_s, *zone);
    if (!recurrence) return std::move(recurrence).error().within(path + ", rrule");
    if (!recurrence->first_from(zone->to_unix(start_local_s))) {
      return wrong(path, "the rule " + given.rrule.substr(0, 100) + " never occurs");
    }
    downtime.rules.push_back({.recurrence = *std::move(recurrence), .duration_s = duration_s});
  }
  return base::ok();
}

}  // namespace

std::optional<Period> ValidDowntime::current_or_next(int64_t time_s) const {
  if (canceled_s != 0 && time_s >= canceled_s) return std::nullopt;
  std::optional<Period> best;
  const auto take = [&](Period period) {
    if (canceled_s != 0 && period.start_s >= canceled_s) return;
    if (canceled_s != 0) period.end_s = std::min(period.end_s, canceled_s);
    if (!best || period.start_s < best->start_s) best = period;
  };
  if (rules.empty()) {
    if (once.end_s > time_s) take(once);
    return best;
  }
  for (const Rule& rule : rules) {
    const std::optional<int64_t> start = rule.recurrence.first_from(time_s - rule.duration_s + 1);
    if (start) take({.start_s = *start, .end_s = *start + rule.duration_s});
  }
  return best;
}

std::optional<Period> ValidDowntime::last_ended(int64_t after_s, int64_t until_s) const {
  after_s = std::max(after_s, until_s - kDowntimeLookBackS);
  std::optional<Period> last;
  const auto take = [&](Period period) {
    if (canceled_s != 0 && period.start_s >= canceled_s) return;
    if (canceled_s != 0) period.end_s = std::min(period.end_s, canceled_s);
    if (period.end_s <= after_s || period.end_s > until_s) return;
    if (!last || period.end_s > last->end_s) last = period;
  };
  if (rules.empty()) {
    take(once);
    return last;
  }
  for (const Rule& rule : rules) {
    // Hours are the smallest frequency, so there are few of them in the time looked back.
    int64_t from_s = after_s - rule.duration_s + 1;
    for (size_t step = 0; step < static_cast<size_t>(kDowntimeLookBackS / 3600) + 48; ++step) {
      const std::optional<int64_t> start = rule.recurrence.first_from(from_s);
      if (!start || *start > until_s) break;
      take({.start_s = *start, .end_s = *start + rule.duration_s});
      from_s = *start + 1;
    }
  }
  return last;
}

Result<ValidDowntime> validate_downtime(const ddapi::DowntimeSpec& spec, int64_t created_s) {
  ValidDowntime downtime{.monitor_id = spec.monitor_id, .message = spec.message};
  if (spec.message.size() > kDowntimeMessageBytesMax) {
    return wrong("message", "at most " + std::to_string(kDowntimeMessageBytesMax) + " bytes");
  }
  if (spec.monitor_tags.size() > kDowntimeTagsMax) {
    return wrong("monitor_tags", "at most " + std::to_string(kDowntimeTagsMax) + " tags");
  }
  if (spec.monitor_id && !spec.monitor_tags.empty()) return wrong("monitor_id", "monitor_id or monitor_tags, not both");
  downtime.monitor_tags = spec.monitor_tags;
  Result<Scope> scope = lang::parse_scope(spec.scope.empty() ? "*" : spec.scope);
  if (!scope) return std::move(scope).error().within("scope");
  downtime.scope = *std::move(scope);
  downtime.mute_first_recovery = spec.mute_first_recovery;
  if (Status ends = read_ends(spec, downtime); !ends) return ends.error();
  constexpr int64_t kTimeMaxS = 4'102'444'800;  // 2100
  if (spec.start_s < 0 || spec.start_s > kTimeMaxS || spec.end_s < 0 || spec.end_s > kTimeMaxS) {
    return wrong("start, end", "expected Unix seconds before the year 2100");
  }
  if (spec.recurrences.empty()) {
    downtime.once = {.start_s = spec.start_s != 0 ? spec.start_s : created_s,
                     .end_s = spec.end_s != 0 ? spec.end_s : kForEverS};
    if (downtime.once.end_s <= downtime.once.start_s) return wrong("end", "must be after the start");
    return downtime;
  }
  if (spec.recurrences.size() > ddapi::kRecurrencesMax) {
    return wrong("recurrences", "at most " + std::to_string(ddapi::kRecurrencesMax));
  }
  if (Status rules = read_rules(spec, created_s, downtime); !rules) return rules.error();
  return downtime;
}

std::string_view downtime_status(const ValidDowntime& downtime, int64_t now_s) {
  if (downtime.canceled_s != 0) return "canceled";
  const std::optional<Period> period = downtime.current_or_next(now_s);
  if (!period) return "ended";
  return period->start_s <= now_s ? "active" : "scheduled";
}

bool applies_to(const ValidDowntime& downtime, int64_t monitor_id, const std::vector<std::string>& monitor_tags) {
  if (downtime.monitor_id) return *downtime.monitor_id == monitor_id;
  return std::all_of(downtime.monitor_tags.begin(), downtime.monitor_tags.end(), [&](const std::string& tag) {
    return tag == "*" || std::find(monitor_tags.begin(), monitor_tags.end(), tag) != monitor_tags.end();
  });
}

std::vector<std::string> fixed_tags(const ValidMonitor& monitor) {
  if (monitor.kind == MonitorKind::kServiceCheck) return monitor.check.over;
  std::vector<const Scope*> scopes;
  collect_scopes(monitor.query.expression, scopes);
  std::vector<std::string> common;
  for (size_t i = 0; i < scopes.size(); ++i) {
    std::vector<std::string> tags;
    collect_required(*scopes[i], tags);
    if (i == 0) {
      common = std::move(tags);
      continue;
    }
    std::erase_if(common,
                  [&](const std::string& tag) { return std::find(tags.begin(), tags.end(), tag) == tags.end(); });
  }
  return common;
}

bool scope_covers(const Scope& scope, const std::vector<std::string>& fixed, const query::Group& group) {
  const auto child_covers = [&](const Scope& child) { return scope_covers(child, fixed, group); };
  switch (scope.kind) {
    case Scope::Kind::kEverything:
      return true;
    case Scope::Kind::kTag:
      return any_tag_matches(scope.key, scope.value, fixed, group);
    case Scope::Kind::kIn:
      return std::any_of(scope.values.begin(), scope.values.end(),
                         [&](const std::string& value) { return any_tag_matches(scope.key, value, fixed, group); });
    case Scope::Kind::kNot:
      return !child_covers(scope.children[0]);
    case Scope::Kind::kAnd:
      return std::all_of(scope.children.begin(), scope.children.end(), child_covers);
    case Scope::Kind::kOr:
      return std::any_of(scope.children.begin(), scope.children.end(), child_covers);
  }
  return false;
}

bool covers_everything(const ValidDowntime& downtime, const ValidMonitor& monitor) {
  if (downtime.scope.kind == Scope::Kind::kEverything) return true;
  return !monitor.multi() && scope_covers(downtime.scope, fixed_tags(monitor), {});
}

}  // namespace godseye::monitor
