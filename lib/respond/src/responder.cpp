#include "case_work.h"
#include "incident_work.h"
#include "transition_text.h"
#include "webhook_work.h"

#include <algorithm>

#include <godseye/respond/responder.h>

namespace godseye::respond {

using base::Status;
using monitor::GroupStatus;
using monitor::GroupTransition;
using monitor::ValidMonitor;

namespace {

constexpr std::string_view kIncident = "incident-";
constexpr std::string_view kCase = "case-";

struct Rendered {
  std::string name;
  lang::RenderedMessage message;
  std::string text_only;
};

Rendered render(const ValidMonitor& monitor, const GroupTransition& transition) {
  const lang::TemplateScope scope = scope_of(monitor, transition);
  Rendered rendered{.name = monitor.name_template.render(scope).text, .message = monitor.message.render(scope)};
  if (monitor.escalation && monitor::is_renotification(transition.transition.kind)) {
    lang::RenderedMessage more = monitor.escalation->render(scope);
    rendered.message.text += "\n\n" + more.text;
    for (std::string& handle : more.handles) {
      const std::vector<std::string>& known = rendered.message.handles;
      if (std::find(known.begin(), known.end(), handle) == known.end()) {
        rendered.message.handles.push_back(std::move(handle));
      }
    }
  }
  if (rendered.name.empty()) rendered.name = "Monitor " + std::to_string(monitor.id);
  rendered.text_only = without_handles(rendered.message.text, rendered.message.handles);
  return rendered;
}

// What a handle that we cannot serve most likely is.
std::string unknown_handle(const std::string& handle) {
  std::string note = "@" + handle + ": not known here; nobody was told by it";
  const char last = handle.empty() ? ' ' : handle.back();
  if (std::string_view(".,;:!?)").find(last) != std::string_view::npos) {
    note += std::string(" (a handle ends at a blank: remove the '") + last + "')";
  }
  return note;
}

class Work {
 public:
  Work(registry::WriteSession& session, const ResponderConfig& config, const ValidMonitor& monitor,
       GroupTransition& transition, int64_t now_ms)
      : session_(session),
        config_(config),
        monitor_(monitor),
        transition_(transition),
        now_ms_(now_ms),
        notes_(transition.row.notes) {}

  Status run() {
    Rendered rendered = render(monitor_, transition_);
    // A silent change of state is history, and updates an open incident; nobody is told.
    if (!transition_.transition.notify) rendered.message.handles.clear();
    if (rendered.message.cut) note("the message was cut at " + std::to_string(lang::kMessageBytesMax) + " bytes");
    IncidentRequest request{
        .name = rendered.name, .next = next_steps(rendered.text_only), .priority = rendered.message.priority};
    std::vector<notify::ChannelHandle> channels;
    for (const std::string& handle : rendered.message.handles) {
      if (handle.starts_with(kIncident) && handle.size() > kIncident.size()) {
        if (request.handle.empty()) request.handle = handle.substr(kIncident.size());
      } else if (handle.starts_with(kCase) && handle.size() > kCase.size()) {
        if (request.case_handle.empty()) request.case_handle = handle.substr(kCase.size());
      } else if (std::optional<notify::ChannelHandle> channel = notify::parse_handle(handle)) {
        channels.push_back(*std::move(channel));
      } else {
        note(unknown_handle(handle));
      }
    }
    auto incident = work_incident(session_, config_.incidents, monitor_, transition_, request);
    if (!incident) return std::move(incident).error();
    base::Result<std::string> no_case = work_case(session_, config_.incidents, monitor_, transition_, request);
    if (!no_case) return std::move(no_case).error();
    if (!no_case->empty()) note(*no_case);
    const WebhookContext context{.config = config_,
                                 .monitor = monitor_,
                                 .transition = transition_,
                                 .name = rendered.name,
                                 .title = event_title(monitor_, transition_, rendered.name, rendered.message.priority),
                                 .message = rendered.message.text,
                                 .text_only = rendered.text_only,
                                 .priority = rendered.message.priority,
                                 .incident = *incident};
    for (const notify::ChannelHandle& channel : channels) {
      base::Result<std::string> problem = work_channel(session_, context, channel, now_ms_);
      if (!problem) return std::move(problem).error();
      if (!problem->empty()) note(*problem);
    }
    return write_notes(context.incident);
  }

 private:
  void note(const std::string& text) { notes_.append(notes_.empty() ? "" : "\n").append(text); }

  Status write_notes(const std::optional<registry::IncidentRow>& incident) {
    if (notes_.empty()) return base::ok();
    transition_.row.notes = notes_;
    if (Status status = registry::set_transition_notes(session_, transition_.row.id, notes_); !status) return status;
    if (!incident) return base::ok();
    return registry::add_timeline(session_, {.incident_id = incident->id,
                                             .time_s = transition_.row.time_s,
                                             .kind = "note",
                                             .content = notes_,
                                             .data_json = "{}"});
  }

  registry::WriteSession& session_;
  const ResponderConfig& config_;
  const ValidMonitor& monitor_;
  GroupTransition& transition_;
  const int64_t now_ms_;
  std::string notes_;
};

}  // namespace

Responder::Responder(ResponderConfig config, base::Clock clock, std::function<void()> on_change)
    : config_(std::move(config)), clock_(std::move(clock)), on_change_(std::move(on_change)) {}

Status Responder::apply(registry::WriteSession& session, const ValidMonitor& monitor,
                        std::span<GroupTransition> transitions) {
  const int64_t now_ms = base::unix_millis(clock_.wall());
  for (GroupTransition& transition : transitions) {
    if (Status status = Work(session, config_, monitor, transition, now_ms).run(); !status) return status;
  }
  return base::ok();
}

void Responder::committed() {
  if (on_change_) on_change_();
}

}  // namespace godseye::respond
