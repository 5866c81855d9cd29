#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

// What is kept of prompts and answers (`--store-text`): with personal data masked (the default; text without any is
// kept byte by byte), as it came, or not at all. Per application: "masked,shop=raw,hr-bot=none". An application is an
// `ml_app`, or a service where no ml_app is said. Plain data.
namespace godseye::pipeline {

enum class StoreText : uint8_t { kMasked, kRaw, kNone };
// "masked", "raw", "none".
std::string_view store_text_name(StoreText mode);

class TextPolicy {
 public:
  // kInvalidArgument names the word that is none of masked, raw, none.
  static base::Result<TextPolicy> parse(std::string_view text);

  StoreText of(std::string_view ml_app, std::string_view service) const;

 private:
  StoreText general_ = StoreText::kMasked;
  std::map<std::string, StoreText, std::less<>> by_application_;
};

}  // namespace godseye::pipeline
