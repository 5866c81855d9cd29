#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <godseye/lang/template.h>
#include <godseye/monitor/evaluator.h>

// What a transition says: to a template, to a person, to a program. Pure.
namespace godseye::respond {

// 0.1 as "0.1", 12 as "12"; six significant digits.
std::string number_text(double value);
// "2026-01-02 03:04:05".
std::string time_text(int64_t unix_s);

// "2026-01-02 12:04:05+09:00" in "Asia/Tokyo"; empty for a zone that ICU does not know.
std::string local_time_text(int64_t unix_s, const std::string& zone);

// `is_alert` and its kin for this transition.
bool condition_holds(const monitor::Transition& transition, std::string_view name);
// `value`, `session_id.name`, `first_triggered_at`…; nothing for an unknown name.
std::optional<std::string> variable(const monitor::ValidMonitor& monitor, const monitor::GroupTransition& transition,
                                    std::string_view name);
// Conditions and variables together; refers to both arguments.
lang::TemplateScope scope_of(const monitor::ValidMonitor& monitor, const monitor::GroupTransition& transition);

// "[P1] [Triggered on {session_id:a}] Name".
std::string event_title(const monitor::ValidMonitor& monitor, const monitor::GroupTransition& transition,
                        std::string_view name, int priority);
// "value 0.91 > 0.7 over last_1m until 2026-01-02 03:04:05 UTC", or that there was no data.
std::string reason(const monitor::ValidMonitor& monitor, const monitor::GroupTransition& transition);
// The facts for programs, a JSON object.
std::string facts_json(const monitor::ValidMonitor& monitor, const monitor::GroupTransition& transition);
// The message without handles and surrounding blank lines.
std::string without_handles(std::string_view message, const std::vector<std::string>& handles);
// What to do: the part of `text` after a line that begins with `Next:` (or `**Next:**`), all of it when there is none.
std::string next_steps(std::string_view text);
// The first metric of the query, empty when there is none.
std::string first_metric(const lang::Expression& expression);

}  // namespace godseye::respond
