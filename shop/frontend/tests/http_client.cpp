#include "http_client.h"

#include <algorithm>
#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace vcommerce::frontend::testing {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::vector<std::string> Answer::headers(const std::string& name) const {
  std::vector<std::string> out;
  for (size_t at = head.find("\r\n"); at != std::string::npos;) {
    const size_t end = head.find("\r\n", at + 2);
    const std::string line = head.substr(at + 2, end == std::string::npos ? end : end - at - 2);
    if (const size_t colon = line.find(':');
        colon != std::string::npos && lower(line.substr(0, colon)) == lower(name)) {
      out.push_back(line.substr(std::min(line.size(), line.find_first_not_of(' ', colon + 1))));
    }
    at = end;
  }
  return out;
}

std::string Answer::header(const std::string& name) const {
  const auto all = headers(name);
  return all.empty() ? "" : all.front();
}

int connect_to(const std::string& address) {
  const size_t colon = address.rfind(':');
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::atoi(address.c_str() + colon + 1)));
  ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  const timeval wait{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) return socket;
  ::close(socket);
  return -1;
}

Answer read_answer(int socket, bool head_only) {
  Answer answer;
  std::string bytes;
  size_t need = std::string::npos;
  char chunk[16 << 10];
  while (need == std::string::npos || bytes.size() < need) {
    const ssize_t count = ::recv(socket, chunk, sizeof chunk, 0);
    if (count <= 0) break;
    bytes.append(chunk, static_cast<size_t>(count));
    const size_t end = bytes.find("\r\n\r\n");
    if (need != std::string::npos || end == std::string::npos) continue;
    answer.head = bytes.substr(0, end);
    const std::string length = answer.header("content-length");
    if (head_only) need = end + 4;
    if (!head_only && !length.empty()) need = end + 4 + static_cast<size_t>(std::atoll(length.c_str()));
    if (answer.head.starts_with("HTTP/1.1 304") || answer.head.starts_with("HTTP/1.1 204")) need = end + 4;
  }
  if (const size_t end = bytes.find("\r\n\r\n"); end != std::string::npos) answer.body = bytes.substr(end + 4);
  if (answer.head.size() > 12) answer.status = std::atoi(answer.head.c_str() + 9);
  return answer;
}

Answer raw(const std::string& address, const std::string& bytes) {
  const int socket = connect_to(address);
  if (socket < 0) return {};
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) break;
    sent += static_cast<size_t>(count);
  }
  Answer answer = read_answer(socket, bytes.starts_with("HEAD "));
  ::close(socket);
  return answer;
}

std::string Browser::cookie(const std::string& name) const {
  for (const auto& [key, value] : cookies_) {
    if (key == name) return value;
  }
  return "";
}

void Browser::set_cookie(const std::string& name, const std::string& value) {
  std::erase_if(cookies_, [&](const auto& one) { return one.first == name; });
  if (!value.empty()) cookies_.emplace_back(name, value);
}

Answer Browser::send(const std::string& method, const std::string& target, const std::string& type,
                     const std::string& body, const std::string& more_headers) {
  std::string cookies;
  for (const auto& [name, value] : cookies_) cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
  std::string text =
      method + " " + target + " HTTP/1.1\r\nHost: " + address_ + "\r\nConnection: close\r\n" + more_headers;
  if (!cookies.empty()) text += "Cookie: " + cookies + "\r\n";
  if (!type.empty()) {
    text += "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  Answer answer = raw(address_, text + "\r\n" + body);
  for (const std::string& line : answer.headers("set-cookie")) {
    const size_t equals = line.find('=');
    set_cookie(line.substr(0, equals), line.substr(equals + 1, line.find(';') - equals - 1));
  }
  constexpr char kField[] = "name=\"csrf\" value=\"";
  if (const size_t at = answer.body.find(kField); at != std::string::npos) {
    csrf_ = answer.body.substr(at + sizeof kField - 1, 32);
  }
  return answer;
}

Answer Browser::get(const std::string& target, const std::string& more_headers) {
  return send("GET", target, "", "", more_headers);
}

Answer Browser::post_form(const std::string& target, const std::string& fields, const std::string& more_headers) {
  return send("POST", target, "application/x-www-form-urlencoded", "csrf=" + csrf_ + "&" + fields, more_headers);
}

Answer Browser::send_json(const std::string& method, const std::string& target, const std::string& body,
                          const std::string& more_headers) {
  return send(method, target, "application/json", body, more_headers);
}

}  // namespace vcommerce::frontend::testing
