#pragma once

#include <string>
#include <string_view>
#include <vector>

// Server-sent events of a body that is complete. Pure.
namespace godseye::control {

struct Event {
  std::string type;  // "message" when the stream names none
  std::string data;
};

// What is not ended by an empty line was cut off and is left out, as the format says.
std::vector<Event> parse_events(std::string_view body);

}  // namespace godseye::control
