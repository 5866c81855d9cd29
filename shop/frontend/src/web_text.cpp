#include "web_text.h"

#include <algorithm>
#include <charconv>

#include <godseye/base/json_text.h>
#include <godseye/base/log.h>

namespace vcommerce::frontend {
namespace {

base::Error wrong(std::string_view field, std::string_view why) {
  return {base::ErrorCode::kInvalidArgument, std::string(field) + ": " + std::string(why)};
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view raw, bool plus_is_space) {
  std::string out;
  out.reserve(raw.size());
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '%') {
      if (i + 2 >= raw.size() || hex(raw[i + 1]) < 0 || hex(raw[i + 2]) < 0) return std::nullopt;
      out += static_cast<char>(hex(raw[i + 1]) * 16 + hex(raw[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && raw[i] == '+' ? ' ' : raw[i];
    }
  }
  return out;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

bool is_utf8_text(std::string_view text) {
  while (!text.empty()) {
    const size_t size = godseye::base::utf8_length(text);
    const auto c = static_cast<unsigned char>(text.front());
    if (size == 0 || c == 0x7F || (c < 0x20 && c != '\n')) return false;
    text.remove_prefix(size);
  }
  return true;
}

base::Result<Fields> Fields::parse(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (pair.empty()) continue;
    if (fields.fields_.size() == kFieldsMax) {
      return base::Error(base::ErrorCode::kTooLarge, "form: more than " + std::to_string(kFieldsMax) + " fields");
    }
    const size_t equals = pair.find('=');
    auto name = decoded(pair.substr(0, equals), true);
    if (!name || !is_utf8_text(*name) || name->size() > 64) return wrong("form", "a field's name cannot be read");
    auto value = decoded(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!value) return wrong(*name, "a % that is not followed by two hexadecimal digits");
    if (value->size() > kFieldBytesMax) return wrong(*name, "longer than " + std::to_string(kFieldBytesMax) + " bytes");
    std::erase(*value, '\r');  // browsers send CR LF for a line's end
    if (!is_utf8_text(*value)) return wrong(*name, "not UTF-8 text");
    fields.add(*std::move(name), *std::move(value));
  }
  return fields;
}

std::string_view Fields::get(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (key == name) return value;
  }
  return {};
}

std::vector<std::string> Fields::all(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [key, value] : fields_) {
    if (key == name && !value.empty()) out.push_back(value);
  }
  return out;
}

base::Result<std::string> decoded_path(std::string_view raw) {
  if (raw.size() > kPathBytesMax) return base::Error(base::ErrorCode::kTooLarge, "path: longer than 256 bytes");
  auto path = decoded(raw, false);
  if (!path || !is_utf8_text(*path) || path->find('\n') != std::string::npos) {
    return wrong("path", "not a readable address");
  }
  const size_t slashes = static_cast<size_t>(std::ranges::count(raw, '/'));
  if (!path->starts_with('/') || path->find("//") != std::string::npos || path->find('\\') != std::string::npos ||
      path->find("/.") != std::string::npos || static_cast<size_t>(std::ranges::count(*path, '/')) != slashes) {
    return wrong("path", "not an address of this shop");
  }
  return *std::move(path);
}

std::string encoded(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_plain(c) || c == '.' || c == '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

std::string address(std::string_view path, const std::vector<std::pair<std::string, std::string>>& query) {
  std::string out(path);
  char separator = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    out += separator + encoded(name) + '=' + encoded(value);
    separator = '&';
  }
  return out;
}

bool is_own_address(std::string_view address) {
  if (!address.starts_with('/') || address.starts_with("//") || address.size() > kPathBytesMax + kQueryBytesMax) {
    return false;
  }
  for (const char c : address) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F || c == '\\') return false;
  }
  return true;
}

std::optional<std::string_view> cookie(std::string_view header, std::string_view name) {
  for (size_t count = 0; !header.empty() && count < kCookiesMax; ++count) {
    const size_t end = header.find(';');
    std::string_view pair = header.substr(0, end);
    header = end == std::string_view::npos ? std::string_view() : header.substr(end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

bool is_media_type(std::string_view header, std::string_view type) {
  header = header.substr(0, header.find(';'));
  while (header.ends_with(' ') || header.ends_with('\t')) header.remove_suffix(1);
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(header, type, {}, lower);
}

bool is_token(std::string_view text) {
  return text.size() >= 8 && text.size() <= 64 && std::ranges::all_of(text, is_plain);
}

base::Result<int> whole(std::string_view field, std::string_view text, int min, int max) {
  int value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < min || value > max) {
    return wrong(field, base::quoted(text, 32) + " is not a whole number from " + std::to_string(min) + " to " +
                            std::to_string(max));
  }
  return value;
}

}  // namespace vcommerce::frontend
