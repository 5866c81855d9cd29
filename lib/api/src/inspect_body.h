#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/guard/inject.h>

// Bodies of the inspection routes as plain values.
namespace godseye::api {

struct TextToInspect {
  std::optional<std::string> text;
  guard::Source source = guard::Source::kUser;
  std::string session;  // empty: no memory
  bool redact = false;
  bool explain = false;
  std::optional<std::string> answer;
  std::string question;
  std::string context;
  std::string finish_reason;
  std::string system_prompt;
  std::vector<std::string> canaries;
  std::string catalogue;
};
// kInvalidArgument names the member that is missing or wrong; unknown members are ignored.
base::Result<TextToInspect> parse_text_to_inspect(std::string_view body);

struct ImageToInspect {
  std::string bytes;
  std::string file_name;
  std::string content_type;
  bool decode = false;
};
base::Result<ImageToInspect> parse_image_to_inspect(std::string_view body);

// Standard or URL alphabet, padding optional, white space skipped. kInvalidArgument for anything else.
base::Result<std::string> decode_base64(std::string_view text);

}  // namespace godseye::api
