#pragma once

#include <string>
#include <string_view>

#include <godseye/base/result.h>

// Passwords of people, hashed by Argon2id (libsodium's "interactive" cost: 64 MiB, about 100 ms of a core). Slow on
// purpose, so never call this inside `Registry::write` or on an I/O thread. At most kPasswordHashesAtOnce run in the
// process; who waits longer than kPasswordWait gets kUnavailable. Threads: any.
namespace godseye::registry {

inline constexpr size_t kPasswordBytesMin = 10;
inline constexpr size_t kPasswordBytesMax = 256;
inline constexpr int kPasswordHashesAtOnce = 2;

// kInvalidArgument says what is wrong: too short, too long, the name of the user inside.
base::Status check_password(std::string_view handle, std::string_view password);
// The text to store: parameters, salt and hash.
base::Result<std::string> hash_password(std::string_view password);
// Whether `password` has this hash. An empty hash (a user without a password, nobody at all) costs the same time and is
// false, so that the time says nothing about who exists.
base::Result<bool> password_matches(std::string_view hash, std::string_view password);
// 20 characters without look-alikes, for a person to type once.
std::string random_password();

}  // namespace godseye::registry
