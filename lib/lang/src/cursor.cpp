#include "cursor.h"

#include <charconv>
#include <cmath>

#include <godseye/lang/metric_query.h>

namespace godseye::lang {
namespace {

constexpr size_t kStringBytesMax = 200;
constexpr size_t kFoundBytesShown = 40;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_printable_ascii(char c) { return c >= 0x20 && c < 0x7f; }

// Offset of the first byte that is not part of well-formed UTF-8, or nothing.
std::optional<size_t> first_bad_utf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length == 0 || i + length > text.size()) return i;
    for (size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return i;
    }
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool surrogate = lead == 0xed && second >= 0xa0;
    if (overlong || surrogate || (lead == 0xf4 && second >= 0x90)) return i;
    i += length;
  }
  return std::nullopt;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view lower_b) {
  if (a.size() != lower_b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const char c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] - 'A' + 'a') : a[i];
    if (c != lower_b[i]) return false;
  }
  return true;
}

Cursor::Cursor(std::string_view text) : text_(text) {
  if (text.size() > kQueryBytesMax) {
    text_ = {};
    fail_sentence(static_cast<uint32_t>(kQueryBytesMax + 1),
                  "the query is longer than " + std::to_string(kQueryBytesMax) + " bytes", base::ErrorCode::kTooLarge);
  } else if (const auto bad = first_bad_utf8(text)) {
    text_ = {};
    fail_sentence(static_cast<uint32_t>(*bad + 1), "expected UTF-8 text");
  }
}

void Cursor::skip_space() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

bool Cursor::at_end() {
  skip_space();
  return at_ == text_.size();
}

char Cursor::peek() {
  skip_space();
  return peek_raw();
}

char Cursor::peek_raw(size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

uint32_t Cursor::column() {
  skip_space();
  return static_cast<uint32_t>(at_ + 1);
}

bool Cursor::accept(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool Cursor::expect(char c, std::string_view expected) {
  if (accept(c)) return true;
  const std::string quoted_character = {'\'', c, '\''};
  return fail(expected.empty() ? std::string_view(quoted_character) : expected);
}

std::string_view Cursor::word(bool dots) {
  skip_space();
  if (!is_letter(peek_raw())) return {};
  return run([dots](char c) { return is_letter(c) || is_digit(c) || (dots && c == '.'); });
}

std::string_view Cursor::alphanumeric() {
  return run([](char c) { return is_letter(c) || is_digit(c); });
}

std::optional<double> Cursor::number() {
  skip_space();
  size_t end = at_;
  const auto digits = [&] {
    const size_t begin = end;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    return end > begin;
  };
  bool any = digits();
  if (end < text_.size() && text_[end] == '.' && end + 1 < text_.size() && is_digit(text_[end + 1])) {
    ++end;
    any = digits();
  }
  if (!any) return std::nullopt;
  if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
    const size_t mantissa_end = end++;
    if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
    if (!digits()) end = mantissa_end;
  }
  double value = 0;
  // from_chars wants a digit before the dot only in our grammar, not in its own: `.5` is read as it stands.
  const auto parsed = std::from_chars(text_.data() + at_, text_.data() + end, value);
  if (parsed.ec != std::errc() || !std::isfinite(value)) {
    fail("a number that fits a double");
    return std::nullopt;
  }
  if (end < text_.size() && is_letter(text_[end])) {
    at_ = end;
    fail("an operator or the end after a number");
    return std::nullopt;
  }
  at_ = end;
  return value;
}

std::optional<std::string_view> Cursor::quoted() {
  const char quote = peek();
  if (quote != '\'' && quote != '"') return std::nullopt;
  const uint32_t begins = column();
  const size_t begin = at_ + 1;
  const size_t end = text_.find(quote, begin);
  if (end == std::string_view::npos) {
    fail_sentence(begins, "expected a closing quote for the string that begins here");
    return std::nullopt;
  }
  if (end - begin > kStringBytesMax) {
    fail_sentence(begins, "expected a string of at most 200 bytes", base::ErrorCode::kTooLarge);
    return std::nullopt;
  }
  at_ = end + 1;
  return text_.substr(begin, end - begin);
}

std::string Cursor::describe_here() {
  if (at_end()) return "the end";
  size_t end = at_ + 1;
  if (is_letter(text_[at_]) || is_digit(text_[at_])) {
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]) || text_[end] == '.')) ++end;
  }
  const std::string_view found = text_.substr(at_, std::min(end - at_, kFoundBytesShown));
  for (const char c : found) {
    if (!is_printable_ascii(c)) return "a character that is not allowed here";
  }
  return "'" + std::string(found) + "'";
}

bool Cursor::fail(std::string_view expected) {
  const uint32_t where = column();
  return fail_at(where, expected, describe_here());
}

bool Cursor::fail_at(uint32_t column, std::string_view expected, std::string_view found) {
  return fail_sentence(column, "expected " + std::string(expected) + " but found " + std::string(found));
}

bool Cursor::fail_sentence(uint32_t column, std::string_view sentence, base::ErrorCode code) {
  if (!error_) error_.emplace(code, "column " + std::to_string(column) + ": " + std::string(sentence));
  return false;
}

bool Cursor::count_node() {
  if (++nodes_ <= kQueryNodesMax) return true;
  return fail_sentence(column(), "the query has more than " + std::to_string(kQueryNodesMax) + " parts",
                       base::ErrorCode::kTooLarge);
}

bool Cursor::enter() {
  if (++depth_ <= kQueryDepthMax) return true;
  return fail_sentence(column(), "the query is nested deeper than " + std::to_string(kQueryDepthMax) + " levels",
                       base::ErrorCode::kTooLarge);
}

}  // namespace godseye::lang
