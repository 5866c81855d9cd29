#pragma once

#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/registry/users.h>

namespace godseye::api {

inline constexpr std::string_view kCommanderField = "data.relationships.commander_user";
inline constexpr std::string_view kAssigneeField = "assignee_id";

// The handle of whom a caller names by handle or UUID, for work that is given to somebody. Where there are users it
// must be one that is not disabled; `field` is what the error says. Where there are none (keys alone), it is any name.
// Empty: nobody.
base::Result<std::string> person_named(registry::ReadSession& session, std::string_view field, std::string_view text);

}  // namespace godseye::api
