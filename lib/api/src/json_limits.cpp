#include <godseye/api/json_limits.h>

namespace godseye::api {

base::Status check_json_limits(std::string_view body, size_t depth_max, size_t bytes_max) {
  if (body.size() > bytes_max) {
    return base::Error{base::ErrorCode::kTooLarge, "JSON body is larger than " + std::to_string(bytes_max) + " bytes"};
  }
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > depth_max) {
        return base::Error{base::ErrorCode::kInvalidArgument,
                           "JSON is nested deeper than " + std::to_string(depth_max) + " levels"};
      }
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return base::ok();
}

}  // namespace godseye::api
