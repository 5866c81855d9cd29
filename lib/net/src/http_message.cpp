#include <godseye/net/http_message.h>

namespace godseye::net {
namespace {

char lower(char c) { return static_cast<char>(c | (static_cast<unsigned char>(c - 'A') < 26 ? 0x20 : 0)); }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

const std::string* Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (equal_ignoring_case(key, name)) return &value;
  }
  return nullptr;
}

std::string_view Headers::get(std::string_view name, std::string_view fallback) const {
  const std::string* value = find(name);
  return value ? std::string_view(*value) : fallback;
}

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(fields_, [&](const auto& field) { return equal_ignoring_case(field.first, name); });
  fields_.emplace_back(std::string(name), std::move(value));
}

HttpResponse json_response(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body), .stream = {}};
}

HttpResponse error_response(int status, std::string_view text) {
  return json_response(status, R"({"errors":[)" + json_quoted(text) + "]}");
}

}  // namespace godseye::net
