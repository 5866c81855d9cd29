#include "unicode.h"

#include <algorithm>
#include <array>

#include <godseye/base/utf8.h>
#include <godseye/signal/normalize.h>

namespace godseye::signal {
namespace {

enum : uint8_t { kOther = 0, kLower = 1, kUpper = 2, kDigit = 4, kTagMark = 8 };

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  for (int c = 'a'; c <= 'z'; ++c) classes[c] = kLower;
  for (int c = 'A'; c <= 'Z'; ++c) classes[c] = kUpper;
  for (int c = '0'; c <= '9'; ++c) classes[c] = kDigit;
  for (char c : {'-', ':', '.', '/'}) classes[static_cast<unsigned char>(c)] = kTagMark;
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = make_classes();
uint8_t class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }

bool is_normal_metric_name(std::string_view name) {
  if (name.empty() || name.size() > kMetricNameCharsMax || (class_of(name[0]) & (kLower | kUpper)) == 0) return false;
  char last = 0;
  for (char c : name) {
    if ((class_of(c) & (kLower | kUpper | kDigit)) == 0) {
      if (c == '.') {
        if (last == '_') return false;
      } else if (c != '_' || last == '_' || last == '.') {
        return false;
      }
    }
    last = c;
  }
  return last != '_';
}

bool is_normal_tag(std::string_view tag) {
  if (tag.empty() || tag.size() > kTagCharsMax || class_of(tag[0]) != kLower) return false;
  char last = 0;
  for (char c : tag) {
    if ((class_of(c) & (kLower | kDigit | kTagMark)) == 0 && (c != '_' || last == '_')) return false;
    last = c;
  }
  return last != '_' && last != ':';
}

// Continues `out` with code point `code` of a tag; illegal ones become `_` unless there is one already.
void append_tag_char(std::string& out, uint32_t code, size_t& chars) {
  if (code < 0x80) {
    const auto c = static_cast<char>(code);
    const uint8_t kind = class_of(c);
    if (kind & (kLower | kDigit | kTagMark)) {
      if (out.empty() && kind != kLower) return;
      out.push_back(c);
    } else if (kind & kUpper) {
      out.push_back(static_cast<char>(c - 'A' + 'a'));
    } else {
      if (out.empty() || out.back() == '_') return;
      out.push_back('_');
    }
  } else if (code != kBadCodePoint && is_letter_or_digit(code)) {
    if (out.empty() && is_digit(code)) return;
    base::append_utf8(out, to_lower(code));
  } else {
    if (out.empty() || out.back() == '_') return;
    out.push_back('_');
  }
  ++chars;
}

constexpr MetricAlias kAliases[] = {
    {"llm.request.tokens.input", "", "llm.tokens.input"},
    {"llm.request.tokens.output", "", "llm.tokens.output"},
    {"llm.response.quality", "", "llm.response.quality_score"},
    {"llm.security.injection_score", "", "llm.security.injection_attempt_score"},
    {"llm.token_usage", "direction:input", "llm.tokens.input"},
    {"llm.token_usage", "direction:output", "llm.tokens.output"},
};

}  // namespace

std::string_view normalize_metric_name(std::string_view name, std::string& buffer) {
  if (is_normal_metric_name(name)) return name;
  buffer.clear();
  for (char c : name) {
    const uint8_t kind = class_of(c);
    if (buffer.empty() && (kind & (kLower | kUpper)) == 0) continue;
    if (kind & (kLower | kUpper | kDigit)) {
      buffer.push_back(c);
    } else if (c == '.') {
      if (buffer.back() == '_') buffer.pop_back();
      buffer.push_back('.');
    } else if (buffer.back() != '_' && buffer.back() != '.') {
      buffer.push_back('_');
    }
    // One more than the limit is kept, since a `.` may still take an `_` away.
    if (buffer.size() > kMetricNameCharsMax) break;
  }
  if (buffer.size() > kMetricNameCharsMax) buffer.resize(kMetricNameCharsMax);
  while (!buffer.empty() && buffer.back() == '_') buffer.pop_back();
  return buffer;
}

std::string_view normalize_tag(std::string_view tag, std::string& buffer) {
  if (is_normal_tag(tag)) return tag;
  buffer.clear();
  size_t chars = 0;
  for (size_t at = 0; at < tag.size() && chars < kTagCharsMax;)
    append_tag_char(buffer, next_code_point(tag, at), chars);
  while (!buffer.empty() && (buffer.back() == '_' || buffer.back() == ':')) buffer.pop_back();
  return buffer;
}

void normalize_tags(std::vector<std::string>& tags) {
  std::string buffer;
  for (std::string& tag : tags) {
    const std::string_view normal = normalize_tag(tag, buffer);
    if (normal.data() != tag.data()) tag.assign(normal);
  }
  std::erase_if(tags, [](const std::string& tag) { return tag.empty(); });
  if (!std::is_sorted(tags.begin(), tags.end())) std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
}

TagParts split_tag(std::string_view tag) {
  const size_t colon = tag.find(':');
  if (colon == std::string_view::npos) return {tag, {}};
  return {tag.substr(0, colon), tag.substr(colon + 1)};
}

base::Result<AttributionKeys> AttributionKeys::parse(std::string_view comma_list) {
  AttributionKeys keys;
  keys.mask_ = 0;
  if (comma_list == "none") return keys;
  while (!comma_list.empty()) {
    const size_t comma = std::min(comma_list.find(','), comma_list.size());
    std::string_view word = comma_list.substr(0, comma);
    comma_list.remove_prefix(std::min(comma + 1, comma_list.size()));
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
    if (word.empty()) continue;
    const auto found = std::find(kAttributionKeyNames.begin(), kAttributionKeyNames.end(), word);
    if (found == kAttributionKeyNames.end()) {
      return base::Error(base::ErrorCode::kInvalidArgument,
                         "attribution tag \"" + std::string(word) +
                             "\" is not one of session_id, user_id, trace_id, prompt_id (or none)");
    }
    keys.mask_ |= static_cast<uint8_t>(1u << (found - kAttributionKeyNames.begin()));
  }
  return keys;
}

size_t AttributionKeys::index_of(std::string_view tag) const {
  // All four names end in `_id:`-shaped keys of 7 to 10 characters; most tags fail the first comparison.
  static_assert(kAttributionKeyNames[0] == "session_id" && kAttributionKeyNames[1] == "user_id" &&
                kAttributionKeyNames[2] == "trace_id" && kAttributionKeyNames[3] == "prompt_id");
  if (tag.size() < 8) return kNone;
  const char first = tag[0];
  if (first != 's' && first != 'u' && first != 't' && first != 'p') return kNone;
  for (size_t i = 0; i < kAttributionKeyCount; ++i) {
    const std::string_view name = kAttributionKeyNames[i];
    if (first == name[0] && tag.size() > name.size() && tag[name.size()] == ':' && tag.starts_with(name)) {
      return (mask_ >> i & 1) != 0 ? i : kNone;
    }
  }
  return kNone;
}

bool split_attribution(std::vector<std::string>& tags, AttributionKeys keys, Attribution& attribution) {
  bool moved = false;
  std::erase_if(tags, [&](std::string& tag) {
    const size_t i = keys.index_of(tag);
    if (i == AttributionKeys::kNone) return false;
    if (attribution.values[i].empty()) attribution.values[i] = tag.substr(kAttributionKeyNames[i].size() + 1);
    return moved = true;
  });
  return moved;
}

std::span<const MetricAlias> metric_aliases() { return kAliases; }

bool apply_alias(std::string& metric, std::vector<std::string>& tags) {
  if (!metric.starts_with("llm.")) return false;
  for (const MetricAlias& alias : kAliases) {
    if (alias.alias != metric) continue;
    if (!alias.tag.empty()) {
      const auto tag = std::find(tags.begin(), tags.end(), alias.tag);
      if (tag == tags.end()) continue;
      tags.erase(tag);
    }
    metric = alias.metric;
    return true;
  }
  return false;
}

}  // namespace godseye::signal
