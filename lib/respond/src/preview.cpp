#include "transition_text.h"

#include <algorithm>

#include <godseye/respond/preview.h>

namespace godseye::respond {

using monitor::GroupTransition;
using monitor::ValidMonitor;
using registry::GroupStatus;

namespace {

// Pieces without a colon belong to the value before them: a tag's value may hold commas.
query::Group group_of(std::string_view text) {
  query::Group group;
  while (!text.empty() && text != "*") {
    const std::string_view piece = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), piece.size() + 1));
    const size_t colon = piece.find(':');
    if (colon != std::string_view::npos) {
      group.push_back({.key = std::string(piece.substr(0, colon)), .value = std::string(piece.substr(colon + 1))});
    } else if (!group.empty()) {
      group.back().value.append(",").append(piece);
    }
  }
  return group;
}

monitor::TransitionKind kind_of(const PreviewSample& sample) {
  using Kind = monitor::TransitionKind;
  switch (sample.to) {
    case GroupStatus::kAlert:
      return sample.renotify ? Kind::kReTriggered : Kind::kTriggered;
    case GroupStatus::kWarn:
      return sample.renotify ? Kind::kReWarn : Kind::kWarn;
    case GroupStatus::kNoData:
      return sample.renotify ? Kind::kReNoData : Kind::kNoData;
    case GroupStatus::kOk:
      break;
  }
  return Kind::kRecovered;
}

GroupTransition transition_of(const ValidMonitor& monitor, const PreviewSample& sample) {
  GroupTransition out;
  out.group = group_of(sample.group);
  out.transition = {.kind = kind_of(sample), .from = sample.renotify ? sample.to : sample.from, .to = sample.to};
  const bool warns = sample.to == GroupStatus::kWarn;
  out.row = {.monitor_id = monitor.id,
             .group = out.group.empty() ? "*" : sample.group,
             .from = out.transition.from,
             .to = sample.to,
             .kind = std::string(monitor::transition_name(out.transition.kind)),
             .time_s = sample.time_s,
             .value = sample.value,
             .threshold = warns ? monitor.thresholds.warning.value_or(monitor.thresholds.critical)
                                : monitor.thresholds.critical};
  out.state = {.monitor_id = monitor.id, .group = out.row.group, .status = sample.to, .value = sample.value};
  out.state.first_triggered_s = sample.triggered_s == 0 ? sample.time_s : sample.triggered_s;
  out.state.last_triggered_s = sample.time_s;
  return out;
}

// The monitor, or one that has its texts and thresholds alone while its query does not parse.
base::Result<ValidMonitor> with_texts(const ddapi::MonitorSpec& spec) {
  base::Result<ValidMonitor> whole = monitor::validate(spec);
  if (whole) return whole;
  ddapi::MonitorSpec texts;
  texts.type = "query alert";
  texts.query = "avg(last_5m):avg:unfinished{*} > 0";
  texts.name = spec.name;
  texts.message = spec.message;
  texts.priority = spec.priority;
  texts.options.escalation_message = spec.options.escalation_message;
  base::Result<ValidMonitor> valid = monitor::validate(texts);
  if (!valid || !spec.options.thresholds) return valid;
  valid->thresholds.critical = spec.options.thresholds->critical.value_or(0);
  valid->thresholds.warning = spec.options.thresholds->warning;
  valid->thresholds.critical_recovery = spec.options.thresholds->critical_recovery;
  return valid;
}

void add_unique(std::vector<std::string>& into, std::vector<std::string> more) {
  for (std::string& handle : more) {
    if (std::find(into.begin(), into.end(), handle) == into.end()) into.push_back(std::move(handle));
  }
}

}  // namespace

base::Result<MessagePreview> preview_message(const ddapi::MonitorSpec& spec, const PreviewSample& sample) {
  base::Result<ValidMonitor> valid = with_texts(spec);
  if (!valid) return std::move(valid).error();
  const GroupTransition transition = transition_of(*valid, sample);
  const lang::TemplateScope scope = scope_of(*valid, transition);
  lang::RenderedMessage message = valid->message.render(scope);
  MessagePreview out{.text = std::move(message.text), .priority = message.priority, .cut = message.cut};
  out.handles = std::move(message.handles);
  out.all_handles = valid->message.possible_handles();
  if (valid->escalation) {
    add_unique(out.all_handles, valid->escalation->possible_handles());
    if (sample.renotify) {
      lang::RenderedMessage more = valid->escalation->render(scope);
      out.text += "\n\n" + more.text;
      add_unique(out.handles, std::move(more.handles));
    }
  }
  const std::string name = valid->name_template.render(scope).text;
  out.title = event_title(*valid, transition, name.empty() ? "Monitor" : name, out.priority);
  return out;
}

}  // namespace godseye::respond
