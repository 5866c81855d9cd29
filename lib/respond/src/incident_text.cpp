#include "incident_text.h"

#include "transition_text.h"

#include <algorithm>

namespace godseye::respond {

using monitor::GroupStatus;
using monitor::GroupTransition;
using monitor::ValidMonitor;

namespace {

constexpr size_t kItemBytesMax = 500;

// The text of a list's item ("- [ ] a", "* a", "2. a"); empty for any other line.
std::string_view list_item(std::string_view line) {
  const size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  line.remove_prefix(first);
  size_t mark = 0;
  if (line[0] == '-' || line[0] == '*') {
    mark = 1;
  } else {
    while (mark < line.size() && mark < 3 && line[mark] >= '0' && line[mark] <= '9') ++mark;
    if (mark == 0 || mark == line.size() || (line[mark] != '.' && line[mark] != ')')) return {};
    ++mark;
  }
  if (mark >= line.size() || line[mark] != ' ') return {};
  line.remove_prefix(mark);
  for (const std::string_view box : {" [ ]", " [x]"}) {
    if (line.starts_with(box)) line.remove_prefix(box.size());
  }
  const size_t text = line.find_first_not_of(" \t");
  if (text == std::string_view::npos) return {};
  line.remove_prefix(text);
  return line.substr(0, line.find_last_not_of(" \t\r") + 1);
}

// Cut at a character's boundary.
std::string bounded(std::string_view text) {
  if (text.size() <= kItemBytesMax) return std::string(text);
  size_t end = kItemBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace

std::string severity_of(const ValidMonitor& monitor, int priority) {
  for (const std::string& tag : monitor.tags) {
    if (!tag.starts_with("severity:")) continue;
    const std::string value = tag.substr(9);
    if (value.size() == 5 && (value.starts_with("sev-") || value.starts_with("SEV-")) && value[4] >= '0' &&
        value[4] <= '5') {
      return std::string("SEV-") + value[4];
    }
  }
  return priority == 0 ? "UNKNOWN" : "SEV-" + std::to_string(priority);
}

bool is_worse(std::string_view a, std::string_view b) {
  const auto rank = [](std::string_view severity) { return severity.size() == 5 ? severity[4] : '9'; };
  return rank(a) < rank(b);
}

std::vector<std::string> services_of(const ValidMonitor& monitor, const GroupTransition& transition) {
  std::vector<std::string> services;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::find(services.begin(), services.end(), name) == services.end()) services.push_back(name);
  };
  for (const query::GroupTag& tag : transition.group) {
    if (tag.key == "service") add(tag.value);
  }
  for (const std::string& tag : monitor.tags) {
    if (tag.starts_with("service:")) add(tag.substr(8));
  }
  return services;
}

std::string subject_of(const GroupTransition& transition) {
  for (const std::string_view key : {std::string_view("session_id"), std::string_view("user_id")}) {
    for (const query::GroupTag& tag : transition.group) {
      if (tag.key == key && !tag.value.empty()) return tag.key + ":" + tag.value;
    }
  }
  return {};
}

std::string summary_of(const ValidMonitor& monitor, const GroupTransition& t, const IncidentRequest& request) {
  std::string text = "What: " + request.name;
  if (!t.group.empty()) text += " (" + t.row.group + ")";
  text += "\n\nWhy: " + reason(monitor, t) + ", since " + time_text(t.state.first_triggered_s) + " UTC. Query: `" +
          monitor.query_text + "`";
  if (!request.next.empty()) text += "\n\nNext: " + request.next;
  for (const ddapi::MonitorAsset& asset : monitor.assets) {
    if (asset.category == "runbook") text += "\n\nRunbook: " + asset.name + " " + asset.url;
  }
  return text;
}

std::vector<std::string> checklist_of(const ValidMonitor& monitor, std::string_view next) {
  std::vector<std::string> items;
  while (!next.empty() && items.size() < kChecklistItemsMax) {
    const size_t end = std::min(next.find('\n'), next.size());
    if (const std::string_view item = list_item(next.substr(0, end)); !item.empty()) items.push_back(bounded(item));
    next.remove_prefix(std::min(end + 1, next.size()));
  }
  for (const ddapi::MonitorAsset& asset : monitor.assets) {
    if (asset.category != "runbook" || items.size() >= kChecklistItemsMax) continue;
    items.push_back(bounded("Follow the runbook: " + asset.name + " " + asset.url));
  }
  return items;
}

std::string told_text(const ValidMonitor& monitor, const GroupTransition& t, const std::string& next) {
  std::string content = "**" + t.row.kind + "**: " + reason(monitor, t) + ".";
  if (t.transition.to == GroupStatus::kOk && t.state.first_triggered_s != 0) {
    content += " It lasted " + std::to_string(t.row.time_s - t.state.first_triggered_s) + " s.";
  }
  if (!next.empty()) content += "\n\n" + next;
  return content;
}

}  // namespace godseye::respond
