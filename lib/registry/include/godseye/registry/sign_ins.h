#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// Browsers that are signed in. A sign-in is known by a random token of 256 bits that only the browser has; the file
// holds its keyed hash. It ends at `expires_s`, after `idle_s` without use, or when it is deleted.
namespace godseye::registry {

inline constexpr size_t kSignInsPerUserMax = 50;  // one more ends the one that was idle longest
// `seen_s` is written at most this often: every use would be a write.
inline constexpr int64_t kSeenStep_s = 60;

struct SignInRow {
  int64_t id = 0;
  int64_t user_id = 0;
  int64_t created_s = 0;  // Unix
  int64_t seen_s = 0;     // last use, to kSeenStep_s
  int64_t expires_s = 0;
  std::string address;  // of the browser, at sign-in
  std::string agent;    // its User-Agent, cut to 200 bytes
};

struct NewSignIn {
  SignInRow row;
  std::string token;  // 64 hexadecimal digits; the only time it is seen
};

// Deletes the ended ones of everybody too.
base::Result<NewSignIn> create_sign_in(WriteSession& session, SignInRow row, int64_t idle_s);
// Nothing when unknown, ended or idle too long.
base::Result<std::optional<SignInRow>> find_sign_in(ReadSession& session, std::string_view token, int64_t now_s,
                                                    int64_t idle_s);
base::Status touch_sign_in(WriteSession& session, int64_t id, int64_t now_s);
// Newest first.
base::Result<std::vector<SignInRow>> list_sign_ins(ReadSession& session, int64_t user_id, int64_t now_s,
                                                   int64_t idle_s);
// kNotFound when the user has no such sign-in.
base::Status delete_sign_in(WriteSession& session, int64_t user_id, int64_t id);
// All of a user but `keep_id` (0: none is kept). How many.
base::Result<size_t> delete_sign_ins(WriteSession& session, int64_t user_id, int64_t keep_id);

// What pages send with every change (docs/access.md): made from the token, says nothing about it, 64 digits.
std::string csrf_token(std::string_view sign_in_token);

}  // namespace godseye::registry
