#include "person.h"

#include <algorithm>
#include <vector>

namespace godseye::api {

using base::Error;
using base::ErrorCode;

base::Result<std::string> person_named(registry::ReadSession& session, std::string_view field, std::string_view text) {
  if (text.empty()) return std::string();
  base::Result<registry::UserRow> user = registry::user_named(session, text);
  if (user && !user->disabled) return user->handle;
  if (!user && user.error().code() != ErrorCode::kNotFound) return std::move(user).error();
  base::Result<std::vector<registry::UserRow>> all = registry::list_users(session);
  if (!all) return std::move(all).error();
  if (all->empty()) return std::string(text);
  const std::string what = user ? "is disabled" : "is no user here";
  return Error(ErrorCode::kInvalidArgument, std::string(field) + ": \"" + std::string(text.substr(0, 60)) + "\" " +
                                                what + "; name one of GET /api/v2/users by handle or id");
}

}  // namespace godseye::api
