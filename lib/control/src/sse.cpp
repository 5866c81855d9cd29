#include "sse.h"

#include <algorithm>

namespace godseye::control {

std::vector<Event> parse_events(std::string_view body) {
  std::vector<Event> events;
  Event event{.type = "message", .data = {}};
  bool any = false;
  while (!body.empty()) {
    const size_t end = body.find('\n');
    if (end == std::string_view::npos) break;
    std::string_view line = body.substr(0, end);
    body.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) {
      if (any) events.push_back(std::move(event));
      event = {.type = "message", .data = {}};
      any = false;
      continue;
    }
    const size_t colon = std::min(line.find(':'), line.size());
    const std::string_view field = line.substr(0, colon);
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "event") {
      event.type = value;
    } else if (field == "data") {
      if (any) event.data += '\n';
      event.data += value;
      any = true;
    }
  }
  return events;
}

}  // namespace godseye::control
