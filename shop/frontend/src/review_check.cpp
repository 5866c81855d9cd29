#include "review_check.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace vcommerce::frontend {
namespace {

constexpr size_t kSameInARowMax = 11;
constexpr size_t kWordsThatMayRepeat = 7;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// "<b", "</", "<!", "<?"; a heart ("<3") and "5 < 6" are none.
bool has_markup(std::string_view text) {
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    if (is_letter(next) || next == '/' || next == '!' || next == '?') return true;
  }
  return text.find("[url") != std::string_view::npos || text.find("[img") != std::string_view::npos;
}

// "shop.com", "shop.com/x" at the end of a word; "great.Nice" is a forgotten blank.
bool ends_as_address(std::string_view word) {
  constexpr std::array<std::string_view, 14> kEnds{"biz",  "cc",  "cn",  "co", "com",  "info", "io",
                                                   "link", "net", "org", "ru", "shop", "top",  "xyz"};
  word = word.substr(0, word.find_first_of("/?#:"));
  while (!word.empty() && !is_word(word.back())) word.remove_suffix(1);
  const size_t dot = word.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || !is_word(word[dot - 1])) return false;
  return std::ranges::find(kEnds, word.substr(dot + 1)) != kEnds.end();
}

template <typename Visit>
void each_word(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(" \n\t"), text.size());
    if (end > 0) visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool has_link(std::string_view text) {
  for (const std::string_view sign : {"://", "www.", "javascript:", "mailto:"}) {
    if (text.find(sign) != std::string_view::npos) return true;
  }
  bool found = false;
  each_word(text, [&](std::string_view word) {
    const size_t at = word.find('@');
    const bool mail = at != std::string_view::npos && at > 0 && word.find('.', at) != std::string_view::npos;
    found = found || mail || ends_as_address(word);
  });
  return found;
}

bool is_repeated(std::string_view text) {
  size_t run = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    run = i > 0 && text[i] == text[i - 1] ? run + 1 : 1;
    if (run > kSameInARowMax) return true;
  }
  std::map<std::string_view, size_t> words;
  size_t count = 0;
  size_t most = 0;
  each_word(text, [&](std::string_view word) { ++count, most = std::max(most, ++words[word]); });
  return count > kWordsThatMayRepeat && most * 2 > count;
}

// U+202A–202E and U+2066–2069 in UTF-8.
bool turns_direction(std::string_view text) {
  for (size_t at = text.find('\xE2'); at != std::string_view::npos; at = text.find('\xE2', at + 1)) {
    if (at + 2 >= text.size()) return false;
    const auto second = static_cast<unsigned char>(text[at + 1]);
    const auto third = static_cast<unsigned char>(text[at + 2]);
    if ((second == 0x80 && third >= 0xAA && third <= 0xAE) || (second == 0x81 && third >= 0xA6 && third <= 0xA9)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string_view reason_to_hold(const Review& review) {
  const std::string text = lower(review.name + "\n" + review.text);
  if (has_markup(text)) return "markup";
  if (has_link(text)) return "link";
  if (turns_direction(text)) return "direction";
  return is_repeated(lower(review.text)) ? "repeated" : "";
}

}  // namespace vcommerce::frontend
