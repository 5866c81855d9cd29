#pragma once

#include <string>
#include <vector>

#include <godseye/query/query_engine.h>

namespace godseye::monitor {

// "host:a,env:b", in the order of the keys; "*" for the empty group.
std::string group_name(const query::Group& group);
// The group a name stands for; false when it is not of these keys. A value may hold commas: the next key ends it.
bool parse_group_name(const std::string& name, const std::vector<std::string>& keys, query::Group& into);

}  // namespace godseye::monitor
