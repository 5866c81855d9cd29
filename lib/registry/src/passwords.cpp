#include <algorithm>
#include <chrono>
#include <semaphore>

#include <godseye/registry/passwords.h>

#include <sodium.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;

namespace {

constexpr std::chrono::seconds kPasswordWait{5};
// Of a password that nobody has: what absent users are measured against.
const std::string& nobodys_hash() {
  static const std::string hash = [] {
    char text[crypto_pwhash_STRBYTES] = "";
    const std::string random = random_password();
    (void)crypto_pwhash_str(text, random.data(), random.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                            crypto_pwhash_MEMLIMIT_INTERACTIVE);
    return std::string(text);
  }();
  return hash;
}

class Turn {
 public:
  Turn() : taken_(turns().try_acquire_for(kPasswordWait)) {}
  ~Turn() {
    if (taken_) turns().release();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  base::Status status() const {
    if (taken_) return base::ok();
    return Error(ErrorCode::kUnavailable, "too many passwords are being checked; try again");
  }

 private:
  using Turns = std::counting_semaphore<kPasswordHashesAtOnce>;
  static Turns& turns() {
    static Turns all(kPasswordHashesAtOnce);
    return all;
  }
  bool taken_;
};

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

base::Status check_password(std::string_view handle, std::string_view password) {
  if (password.size() < kPasswordBytesMin) {
    return Error(ErrorCode::kInvalidArgument,
                 "password: at least " + std::to_string(kPasswordBytesMin) + " characters are needed");
  }
  if (password.size() > kPasswordBytesMax) {
    return Error(ErrorCode::kInvalidArgument, "password: longer than " + std::to_string(kPasswordBytesMax) + " bytes");
  }
  if (handle.size() >= 3 && lowered(password).find(lowered(handle)) != std::string::npos) {
    return Error(ErrorCode::kInvalidArgument, "password: it must not contain the user's name");
  }
  if (std::all_of(password.begin(), password.end(), [&](char c) { return c == password.front(); })) {
    return Error(ErrorCode::kInvalidArgument, "password: one character again and again is no password");
  }
  return base::ok();
}

base::Result<std::string> hash_password(std::string_view password) {
  const Turn turn;
  if (base::Status taken = turn.status(); !taken) return std::move(taken).error();
  char text[crypto_pwhash_STRBYTES] = "";
  if (crypto_pwhash_str(text, password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    return Error(ErrorCode::kUnavailable, "no memory to hash a password");
  }
  return std::string(text);
}

base::Result<bool> password_matches(std::string_view hash, std::string_view password) {
  const Turn turn;
  if (base::Status taken = turn.status(); !taken) return std::move(taken).error();
  const std::string against = hash.empty() ? nobodys_hash() : std::string(hash);
  const std::string_view bounded = password.substr(0, kPasswordBytesMax + 1);
  const bool same = crypto_pwhash_str_verify(against.c_str(), bounded.data(), bounded.size()) == 0;
  return same && !hash.empty();
}

std::string random_password() {
  constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  std::string out;
  for (int i = 0; i < 20; ++i) out += kLetters[randombytes_uniform(static_cast<uint32_t>(kLetters.size()))];
  return out;
}

}  // namespace godseye::registry
