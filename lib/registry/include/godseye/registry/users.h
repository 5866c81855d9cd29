#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// People: who may sign in, and as what. A user is never deleted, since the audit log and incidents name them; a
// disabled one cannot sign in and their application keys stop working. Names are unique without regard to case.
namespace godseye::registry {

// Each may do what those before may, and more; what exactly is the table in `lib/api/src/access_rules.cpp`. Stored.
enum class Role : uint8_t { kViewer = 1, kResponder = 2, kEditor = 3, kAdmin = 4 };
inline constexpr Role kRoles[] = {Role::kViewer, Role::kResponder, Role::kEditor, Role::kAdmin};
std::string_view role_name(Role role);                  // "viewer"
std::optional<Role> role_named(std::string_view text);  // case is ignored

inline constexpr size_t kUsersMax = 10'000;
inline constexpr size_t kHandleBytesMax = 100;
inline constexpr size_t kUserNameBytesMax = 200;

struct UserRow {
  int64_t id = 0;
  std::string uuid;
  std::string handle;  // what one signs in with: "alice", "alice@example.com"
  std::string name;    // as others see it; may be empty
  Role role = Role::kViewer;
  bool disabled = false;
  std::string password_hash;  // empty: cannot sign in
  int64_t created_s = 0;      // Unix
  int64_t modified_s = 0;
  int64_t signed_in_s = 0;  // last; 0: never
};

// Letters, digits and ._@+- ; kInvalidArgument says so.
base::Status check_handle(std::string_view handle);

// Sets id and uuid. kAlreadyExists for a name that is taken, kInvalidArgument for what breaks the limits, kTooLarge
// beyond kUsersMax.
base::Status create_user(WriteSession& session, UserRow& row);
base::Result<std::optional<UserRow>> find_user(ReadSession& session, std::string_view handle);
base::Result<std::optional<UserRow>> find_user(ReadSession& session, int64_t id);
// By id, uuid or handle, whichever `text` is. kNotFound.
base::Result<UserRow> user_named(ReadSession& session, std::string_view text);
base::Result<std::vector<UserRow>> list_users(ReadSession& session);
// Name, role, disabled, password hash and times of the row with this id. kInvalidArgument when nobody who can sign in
// would be left as admin while this one was.
base::Status update_user(WriteSession& session, const UserRow& row);

}  // namespace godseye::registry
