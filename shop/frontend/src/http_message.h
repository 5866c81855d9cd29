#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A request and its answer as the shop sees them. Plain data.
namespace vcommerce::frontend {

struct WebRequest {
  std::string method;                                        // "GET", "HEAD", "POST", "PUT", "DELETE"
  std::string target;                                        // as it came: path and query
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string remote_address;

  std::optional<std::string_view> header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
};

struct WebResponse {
  int status = 200;
  std::string content_type = "text/html; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;

  void set(std::string name, std::string value) { headers.emplace_back(std::move(name), std::move(value)); }
};

}  // namespace vcommerce::frontend
