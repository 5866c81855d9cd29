#include "request_head.h"

#include <algorithm>
#include <charconv>

namespace vcommerce::frontend {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Host and port as they may stand in `Host` and in a target: no user, no path.
bool is_host(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~%:[]!$&'()*+,;=").find(c) != std::string_view::npos;
  });
}

struct RequestLine {
  int problem = 0;             // what it is refused with
  std::string text;            // "GET /path HTTP/1.1"
  std::string_view authority;  // of a target in absolute form
  bool needs_host = true;      // HTTP/1.1
};

// "http://host?x" → "/?x". False: it names no host.
bool to_origin_form(std::string_view target, std::string& origin, std::string_view& authority) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (lower(target.substr(0, scheme.size())) != scheme) continue;
    const size_t end = std::min(target.find_first_of("/?", scheme.size()), target.size());
    authority = target.substr(scheme.size(), end - scheme.size());
    if (authority.empty() || !is_host(authority)) return false;
    origin = target.substr(end);
    if (!origin.starts_with('/')) origin.insert(0, "/");
    return true;
  }
  // No CONNECT, no "*", no other scheme.
  origin = target;
  return target.starts_with('/');
}

// The library takes a second question mark for an error; in a query it is a character like others.
std::string with_one_question_mark(std::string_view target) {
  std::string out;
  bool seen = false;
  for (const char c : target) {
    if (c == '?' && seen) {
      out += "%3F";
    } else {
      out += c;
    }
    seen = seen || c == '?';
  }
  return out;
}

// "GET /path HTTP/1.1", or "GET http://host/path HTTP/1.1", which asks for the same.
RequestLine request_line_of(std::string_view line) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return {.problem = 400};
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (target.size() > kTargetBytesMax) return {.problem = 414};
  if (std::ranges::any_of(target, [](char c) { return static_cast<unsigned char>(c) < 0x21 || c == 0x7F; })) {
    return {.problem = 400};
  }
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return {.problem = 400};
  RequestLine out{.needs_host = version == "HTTP/1.1"};
  std::string origin;
  if (!to_origin_form(target, origin, out.authority)) return {.problem = 400};
  out.text = std::string(line.substr(0, first + 1)) + with_one_question_mark(origin) + std::string(line.substr(last));
  return out;
}

class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  // Without its line end; nothing after the last.
  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    const size_t end = rest_.find("\r\n");
    const std::string_view line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 2);
    return line;
  }

 private:
  std::string_view rest_;
};

// What one header means for the body.
void look_at(const std::string& name, std::string_view value, size_t body_bytes_max, Head& head, bool& has_length) {
  const auto refuse = [&head](int status) { head.refused = head.refused == 0 ? status : head.refused; };
  if (name == "content-length") {
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), head.body_bytes);
    if (code == std::errc::result_out_of_range || head.body_bytes > body_bytes_max) {
      refuse(413);
    } else if (code != std::errc() || end != value.data() + value.size() || has_length) {
      refuse(400);
    }
    has_length = true;
  } else if (name == "transfer-encoding") {
    refuse(501);
  } else if (name == "content-encoding") {
    refuse(415);
  }
}

}  // namespace

std::optional<size_t> head_end(std::string_view bytes) {
  const size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  return end + 4;
}

Head checked_head(std::string_view given, size_t body_bytes_max) {
  Head head;
  Lines lines(given.substr(0, given.size() - 2));
  const RequestLine first = request_line_of(lines.next().value_or(""));
  const auto refuse = [&head](int status) { head.refused = head.refused == 0 ? status : head.refused; };
  refuse(first.problem);
  head.text = first.text + "\r\n";
  bool has_length = false;
  std::optional<std::string_view> host;
  size_t count = 0;
  while (const auto line = lines.next()) {
    if (++count > kHeaderLinesMax) {
      refuse(431);
      break;
    }
    const size_t colon = line->find(':');
    const std::string name = lower(line->substr(0, colon));
    const std::string_view value =
        colon == std::string_view::npos ? std::string_view() : trimmed(line->substr(colon + 1));
    const bool good =
        colon != std::string_view::npos && !name.empty() && std::ranges::all_of(name, is_name) &&
        std::ranges::none_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; });
    if (!good) {
      refuse(400);
      continue;
    }
    if (name == "host") {
      if (host || !is_host(value)) refuse(400);
      host = value;
      continue;
    }
    look_at(name, value, body_bytes_max, head, has_length);
    if (name == "connection") head.text += "connection: " + std::string(value) + "\r\n";
    head.headers.emplace_back(name, value);
  }
  if (!host && first.needs_host) refuse(400);
  // What the target names is meant, whatever `Host` says.
  if (!first.authority.empty()) host = first.authority;
  if (host) head.headers.emplace_back("host", *host);
  head.text += "\r\n";
  return head;
}

}  // namespace vcommerce::frontend
