#pragma once

#include <string_view>

namespace godseye::api {

// Who may call. Implemented over the registry by the composition root; tests use a fake. Keys have Datadog's shapes: an
// API key is 32, an application key 40 hexadecimal digits. Functions are called from several threads at once for every
// request: they must answer from memory and compare in constant time. Never log a key.
class KeyChecker {
 public:
  virtual ~KeyChecker() = default;
  virtual bool api_key_valid(std::string_view key) const = 0;
  virtual bool application_key_valid(std::string_view key) const = 0;
};

}  // namespace godseye::api
