#include "redact_json.h"

#include <charconv>
#include <vector>

#include <godseye/base/json_text.h>
#include <godseye/base/utf8.h>
#include <godseye/guard/pii.h>
#include <godseye/guard/pii_memory.h>

namespace godseye::gateway {

namespace {

constexpr size_t kNumberBytesMin = 7;  // shorter ones are nobody's number
constexpr size_t kKeyBytesMax = 64;

// The four digits at `at`; 0xFFFD for anything else.
uint32_t unit(std::string_view text, size_t at) {
  uint32_t value = 0;
  if (at + 4 > text.size()) return 0xFFFD;
  const auto [end, code] = std::from_chars(text.data() + at, text.data() + at + 4, value, 16);
  return code == std::errc() && end == text.data() + at + 4 ? value : 0xFFFD;
}

// Of what stands between the quotes.
std::string unescaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    constexpr std::string_view kNames = "bfnrt";
    constexpr std::string_view kMeant = "\b\f\n\r\t";
    if (const size_t at = kNames.find(c); at != std::string_view::npos) {
      out += kMeant[at];
    } else if (c == 'u') {
      uint32_t point = unit(text, i + 1);
      i += 4;
      if (point >= 0xD800 && point < 0xDC00 && text.substr(std::min(i + 1, text.size())).starts_with("\\u")) {
        const uint32_t low = unit(text, i + 3);
        if (low >= 0xDC00 && low < 0xE000) {
          point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
          i += 6;
        }
      }
      base::append_utf8(out, point >= 0xD800 && point < 0xE000 ? 0xFFFD : point);
    } else {
      out += c;
    }
  }
  return out;
}

// After the closing quote of the string that begins at `at`; npos: it does not end.
size_t end_of_string(std::string_view json, size_t at) {
  for (size_t i = at + 1; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

bool is_key(std::string_view json, size_t after) {
  while (after < json.size() && (json[after] == ' ' || json[after] == '\n' || json[after] == '\t')) ++after;
  return after < json.size() && json[after] == ':';
}

// What of `value` is personal data, when `key` says what it is.
std::vector<guard::PiiEntity> entities_of(std::string_view key, std::string_view value) {
  std::string text;
  if (!key.empty()) text.append(key.substr(0, kKeyBytesMax)).append(": ");
  const size_t begin = text.size();
  text.append(value);
  std::vector<guard::PiiEntity> found = guard::PiiMemory::shared().find(text);
  std::erase_if(found, [begin](const guard::PiiEntity& entity) { return entity.end <= begin; });
  for (guard::PiiEntity& entity : found) {
    entity.start = std::max(entity.start, begin) - begin;
    entity.end -= begin;
  }
  return found;
}

}  // namespace

std::optional<std::string> redact_json(std::string_view json, int64_t& found) {
  std::string out;
  out.reserve(json.size());
  std::string key;
  int64_t count = 0;
  for (size_t i = 0; i < json.size();) {
    if (json[i] == '"') {
      const size_t end = end_of_string(json, i);
      if (end == std::string_view::npos) return std::nullopt;
      const std::string_view raw = json.substr(i, end - i);
      std::string text = unescaped(raw.substr(1, raw.size() - 2));
      i = end;
      if (is_key(json, end)) {
        out.append(raw);
        key = std::move(text);
        continue;
      }
      const std::vector<guard::PiiEntity> entities = entities_of(key, text);
      count += static_cast<int64_t>(entities.size());
      if (entities.empty()) {
        out.append(raw);
      } else {
        base::append_json_string(guard::redact(text, entities), out);
      }
      continue;
    }
    const size_t end = std::min(json.find_first_not_of("0123456789.eE+-", i), json.size());
    if (end - i < kNumberBytesMin) {
      out += json[i++];
      continue;
    }
    const std::string_view number = json.substr(i, end - i);
    const std::vector<guard::PiiEntity> entities = entities_of(key, number);
    if (entities.empty()) {
      out.append(number);
    } else {
      ++count;
      out.append("\"[").append(guard::pii_type_name(entities[0].type)).append("]\"");
    }
    i = end;
  }
  found += count;
  return out;
}

}  // namespace godseye::gateway
