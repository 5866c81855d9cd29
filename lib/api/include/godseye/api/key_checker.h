#pragma once

#include <string_view>

#include <godseye/api/access.h>

namespace godseye::api {

// Who may call. Implemented over the registry by the composition root; tests use a fake. Keys have Datadog's shapes: an
// API key is 32, an application key 40 hexadecimal digits. Functions are called from several threads at once for every
// request: they must answer from memory and compare in constant time. Never log a key.
class KeyChecker {
 public:
  virtual ~KeyChecker() = default;
  virtual bool api_key_valid(std::string_view key) const = 0;
  virtual bool application_key_valid(std::string_view key) const = 0;

  // Whose it is; null when it is not valid. As they stand: a key of nobody, which may everything of its kind.
  virtual CallerPointer api_caller(std::string_view key) const;
  virtual CallerPointer application_caller(std::string_view key) const;
  // Of the token in the cookie of a browser. As it stands: nobody is signed in.
  virtual CallerPointer browser_caller(std::string_view token) const;
};

}  // namespace godseye::api
