#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <vcommerce/runtime/names.h>

// Words that only this shop can have written: HMAC-SHA256 under a key, over a purpose and a text. Pure but for
// random(). Threads: any.
namespace vcommerce::frontend {

class Seals {
 public:
  // An empty key: a random one, and what was sealed does not outlive the process.
  explicit Seals(std::string key);

  // 32 hexadecimal digits.
  std::string seal(std::string_view purpose, std::string_view text) const;
  // Takes the same time whatever `seal` is.
  bool holds(std::string_view purpose, std::string_view text, std::string_view seal) const;

  // 32 hexadecimal digits from the system's generator.
  static std::string random();

 private:
  std::string key_;
};

}  // namespace vcommerce::frontend
