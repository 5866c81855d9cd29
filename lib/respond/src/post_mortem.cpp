#include "transition_text.h"

#include <algorithm>

#include <godseye/respond/post_mortem.h>

namespace godseye::respond {

namespace {

constexpr size_t kTimelineBytesMax = 4000;  // of one entry
constexpr size_t kPromptBytesMax = 2000;

// U+202A…202E and U+2066…2069 turn the reading order of what follows around.
bool is_bidi_control(std::string_view text, size_t at) {
  if (at + 2 >= text.size() || text[at] != '\xE2') return false;
  const auto second = static_cast<unsigned char>(text[at + 1]);
  const auto third = static_cast<unsigned char>(text[at + 2]);
  return (second == 0x80 && third >= 0xAA && third <= 0xAE) || (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

// Cut at a character's boundary.
std::string_view cut(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::string time_or_dash(int64_t unix_s) { return unix_s == 0 ? "–" : time_text(unix_s) + " UTC"; }

std::string duration_text(int64_t seconds) {
  if (seconds < 0) return "–";
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds % 3600 / 60) + " min";
}

void row(std::string& out, std::string_view name, std::string_view value) {
  out.append("| ").append(name).append(" | ").append(value.empty() ? "–" : value).append(" |\n");
}

void add_facts(std::string& out, const PostMortem& p) {
  out += "| | |\n| --- | --- |\n";
  row(out, "State", escape_markdown(p.state));
  row(out, "Severity", escape_markdown(p.severity));
  row(out, "Attributed to", escape_markdown(p.attributed_to));
  row(out, "Services", escape_markdown(p.services));
  row(out, "Commander", escape_markdown(p.commander));
  row(out, "Opened by", p.opened_by.empty() ? "a monitor" : escape_markdown(p.opened_by));
  row(out, "Opened", time_or_dash(p.opened_s));
  row(out, "Resolved", p.resolved_s == 0 ? "not yet" : time_or_dash(p.resolved_s));
  const int64_t end_s = p.resolved_s == 0 ? p.exported_s : p.resolved_s;
  row(out, p.resolved_s == 0 ? "Open for" : "Lasted", duration_text(end_s - p.opened_s));
  row(out, "Runbook", escape_markdown(p.runbook));
  row(out, "Page", p.address);
}

void add_impact(std::string& out, const PostMortem& p) {
  out += "\n## Impact\n\n";
  if (!p.customer_impacted) {
    out += "No impact on customers is recorded.\n";
    return;
  }
  out += "Customers were affected";
  if (p.impact_start_s != 0) out += " from " + time_or_dash(p.impact_start_s);
  if (p.impact_end_s != 0) out += " to " + time_or_dash(p.impact_end_s);
  out += ".\n";
  if (!p.impact_scope.empty()) out += "\n" + markdown_block(p.impact_scope);
}

void add_alerts(std::string& out, const PostMortem& p) {
  out += "\n## Alerts\n\n";
  if (p.alerts.empty()) out += "None: it was opened by hand.\n";
  for (const PostMortemAlert& alert : p.alerts) {
    out += "- " + escape_markdown(alert.name.empty() ? "a monitor that was deleted" : alert.name) + " \\(monitor " +
           std::to_string(alert.monitor_id) + "\\)";
    if (!alert.group.empty()) out += ", " + escape_markdown(alert.group);
    out += ": since " + time_or_dash(alert.since_s) +
           (alert.ended_s == 0 ? ", goes on" : ", over at " + time_or_dash(alert.ended_s)) + "\n";
    if (!alert.query.empty()) out += "  - query: " + escape_markdown(alert.query) + "\n";
  }
}

void add_timeline(std::string& out, const PostMortem& p) {
  out += "\n## Timeline\n";
  for (const PostMortemEntry& entry : p.timeline) {
    out += "\n**" + time_or_dash(entry.time_s) + "** " + escape_markdown(entry.kind);
    if (!entry.author.empty()) out += " by " + escape_markdown(entry.author);
    out += "\n\n" + markdown_block(cut(entry.text, kTimelineBytesMax));
  }
  if (p.timeline.empty()) out += "\nNothing was written down.\n";
}

void add_evidence(std::string& out, const PostMortem& p) {
  out += "\n## Evidence\n";
  if (!p.prompts.empty()) out += "\n### Prompts \\(personal data masked\\)\n";
  for (const PostMortemPrompt& prompt : p.prompts) {
    out += "\n" + time_or_dash(prompt.time_s) + ", injection score " + number_text(prompt.score) + ", trace " +
           escape_markdown(prompt.trace_id) + "\n\n" + markdown_block(cut(prompt.text, kPromptBytesMax));
  }
  if (!p.traces.empty())
    out += "\n### Traces\n\n| trace | service | name | duration | |\n| --- | --- | --- | --- | --- |\n";
  for (const PostMortemTrace& trace : p.traces) {
    out += "| " + escape_markdown(trace.trace_id) + " | " + escape_markdown(trace.service) + " | " +
           escape_markdown(trace.name) + " | " + number_text(trace.duration_ms) + " ms | " +
           (trace.error ? "error" : "") + " |\n";
  }
  if (p.prompts.empty() && p.traces.empty()) out += "\nNo prompts and traces were found.\n";
  for (const std::string& warning : p.warnings) out += "\nLeft out: " + escape_markdown(warning) + "\n";
}

void add_tasks(std::string& out, const PostMortem& p) {
  out += "\n## Checklist\n\n";
  for (const PostMortemTask& task : p.tasks) {
    out += (task.done ? "- [x] " : "- [ ] ") + escape_markdown(task.text);
    if (!task.by.empty()) out += " \\(" + escape_markdown(task.by) + "\\)";
    out += "\n";
  }
  if (p.tasks.empty()) out += "Empty.\n";
}

}  // namespace

std::string escape_markdown(std::string_view text) {
  // What can begin or end markup anywhere. A colon would begin an address, an underscore emphasis.
  constexpr std::string_view kSpecial = "\\`*_{}[]<>()#+-!|~&$:@.=\"'";
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  bool blank = true;  // blanks at the beginning could make a block of code
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_bidi_control(text, i)) {
      i += 2;
      continue;
    }
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) {
      if (!blank) out += ' ';
      blank = true;
      continue;
    }
    blank = false;
    // A plain dot or dash inside a word reads better and can be no markup there.
    const bool in_word = (c == '.' || c == '-') && i > 0 && i + 1 < text.size() && out.size() > 4 &&
                         static_cast<unsigned char>(text[i - 1]) > ' ' &&
                         static_cast<unsigned char>(text[i + 1]) > ' ' && text[i - 1] != '-' && text[i + 1] != '-' &&
                         !out.ends_with("www") && !out.ends_with("WWW");
    if (kSpecial.find(c) != std::string_view::npos && !in_word) out += '\\';
    out += c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string markdown_block(std::string_view text) {
  size_t longest = 0;
  size_t run = 0;
  std::string inner;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_bidi_control(text, i)) {
      i += 2;
      continue;
    }
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
    inner += control || c == 0x7f ? ' ' : c;
  }
  while (!inner.empty() && inner.back() == '\n') inner.pop_back();
  const std::string fence(std::max<size_t>(longest + 1, 3), '`');
  return fence + "text\n" + inner + "\n" + fence + "\n";
}

std::string post_mortem_markdown(const PostMortem& p) {
  std::string out = "# Incident " + std::to_string(p.number) + ": " + escape_markdown(p.title) + "\n\n";
  add_facts(out, p);
  out += "\n## What happened\n\n" + (p.summary.empty() ? "Nothing is recorded.\n" : markdown_block(p.summary));
  add_impact(out, p);
  out += "\n## Root cause\n\n" + (p.root_cause.empty() ? "To be written.\n" : markdown_block(p.root_cause));
  add_alerts(out, p);
  add_timeline(out, p);
  add_evidence(out, p);
  add_tasks(out, p);
  out += "\n## What went well, what did not\n\nTo be written.\n\n## What we change\n\nTo be written.\n\n";
  return out + "Exported " + time_or_dash(p.exported_s) + ".\n";
}

}  // namespace godseye::respond
