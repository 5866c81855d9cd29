#include "group_name.h"

namespace godseye::monitor {

std::string group_name(const query::Group& group) {
  if (group.empty()) return "*";
  std::string name;
  for (const query::GroupTag& tag : group) {
    if (!name.empty()) name += ',';
    name.append(tag.key).append(":").append(tag.value);
  }
  return name;
}

bool parse_group_name(const std::string& name, const std::vector<std::string>& keys, query::Group& into) {
  into.clear();
  if (keys.empty()) return name == "*";
  size_t at = 0;
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string head = keys[i] + ":";
    if (name.compare(at, head.size(), head) != 0) return false;
    at += head.size();
    size_t end = name.size();
    if (i + 1 < keys.size()) {
      end = name.find("," + keys[i + 1] + ":", at);
      if (end == std::string::npos) return false;
    }
    into.push_back({.key = keys[i], .value = name.substr(at, end - at)});
    at = end + 1;
  }
  return true;
}

}  // namespace godseye::monitor
