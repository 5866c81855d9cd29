#include "text/amounts.h"

#include <algorithm>
#include <cstring>

namespace godseye::guard::text {

namespace {

struct Currency {
  std::string_view word;  // lower case
  std::string_view code;  // empty: a dollar of some country
};

// Longer words first where one begins another.
constexpr Currency kBefore[] = {
    {"us$", "USD"},      {"usd", "USD"},          {"a$", "AUD"},  {"c$", "CAD"},           {"ca$", "CAD"},
    {"au$", "AUD"},      {"nz$", "NZD"},          {"hk$", "HKD"}, {"s$", "SGD"},           {"r$", "BRL"},
    {"$", ""},           {"\xE2\x82\xAC", "EUR"}, {"eur", "EUR"}, {"\xC2\xA3", "GBP"},     {"gbp", "GBP"},
    {"\xC2\xA5", "JPY"}, {"jpy", "JPY"},          {"chf", "CHF"}, {"\xE2\x82\xB9", "INR"}, {"inr", "INR"},
    {"rs.", "INR"},      {"cad", "CAD"},          {"aud", "AUD"}, {"sek", "SEK"},          {"nok", "NOK"},
    {"dkk", "DKK"},      {"pln", "PLN"},          {"brl", "BRL"}};
constexpr Currency kAfter[] = {
    {"us dollars", "USD"}, {"dollars", ""},     {"dollar", ""},          {"bucks", ""},     {"euros", "EUR"},
    {"euro", "EUR"},       {"eur", "EUR"},      {"\xE2\x82\xAC", "EUR"}, {"pounds", "GBP"}, {"quid", "GBP"},
    {"gbp", "GBP"},        {"\xC2\xA3", "GBP"}, {"yen", "JPY"},          {"jpy", "JPY"},    {"usd", "USD"},
    {"chf", "CHF"},        {"francs", "CHF"},   {"rupees", "INR"},       {"inr", "INR"},    {"cad", "CAD"},
    {"aud", "AUD"},        {"kr", "SEK"},       {"sek", "SEK"},          {"nok", "NOK"},    {"dkk", "DKK"},
    {"zl", "PLN"},         {"pln", "PLN"},      {"reais", "BRL"},        {"brl", "BRL"},    {"$", ""}};
constexpr std::string_view kPercentWords[] = {"%", "percent", "per cent", "pct", "prozent", "pour cent", "por ciento"};

bool digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool letter(char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || static_cast<unsigned char>(c) >= 0xC3; }

bool same(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (lower(text[i]) != word[i]) return false;
  }
  return true;
}

// One space, no-break space or narrow no-break space at `at`: its length, else 0.
size_t space_at(std::string_view text, size_t at) {
  const std::string_view rest = text.substr(std::min(at, text.size()));
  if (rest.starts_with(' ')) return 1;
  if (rest.starts_with("\xC2\xA0")) return 2;
  return rest.starts_with("\xE2\x80\xAF") ? 3 : 0;
}

void set_currency(Amount& amount, const Currency& currency) {
  amount.unit = Unit::kMoney;
  if (currency.code.empty()) {
    amount.dollar = true;
  } else {
    std::memcpy(amount.currency.data(), currency.code.data(), 3);
  }
}

void look_before(std::string_view text, Amount& amount) {
  size_t end = amount.start;
  if (end > 0 && text[end - 1] == ' ')
    --end;
  else if (end > 1 && text.substr(end - 2, 2) == "\xC2\xA0")
    end -= 2;
  if (end == 0) return;
  const char last = lower(text[end - 1]);
  for (const Currency& currency : kBefore) {
    const size_t size = currency.word.size();
    if (currency.word.back() != last || end < size || !same(text.substr(end - size), currency.word)) continue;
    const bool word = letter(currency.word[0]) && static_cast<unsigned char>(currency.word[0]) < 0x80;
    if (word && end > size && letter(text[end - size - 1])) continue;
    // "$ 20" is written, "20 $ 30" is not ours.
    amount.start = static_cast<uint32_t>(end - size);
    return set_currency(amount, currency);
  }
}

void look_after(std::string_view text, Amount& amount) {
  size_t at = amount.end;
  if (const size_t space = space_at(text, at))
    at += space;
  else if (at < text.size() && text[at] == '-')
    ++at;  // "20-dollar"
  const std::string_view rest = text.substr(std::min(at, text.size()), 16);
  for (const std::string_view word : kPercentWords) {
    if (!same(rest, word)) continue;
    amount.unit = Unit::kPercent;
    amount.end = static_cast<uint32_t>(at + word.size());
    return;
  }
  if (amount.unit == Unit::kMoney && !amount.dollar) return;
  const char first = rest.empty() ? ' ' : lower(rest.front());
  for (const Currency& currency : kAfter) {
    if (currency.word.front() != first || !same(rest, currency.word)) continue;
    const bool ends = at + currency.word.size() >= text.size() || !letter(text[at + currency.word.size()]);
    if (letter(currency.word[0]) && static_cast<unsigned char>(currency.word[0]) < 0x80 && !ends) continue;
    // "$20 USD" keeps its dollar and learns which.
    if (amount.dollar && currency.code.empty()) return;
    if (currency.word == "$" && at != amount.end && at < text.size() - 1 && digit(text[at + 1])) return;
    amount.dollar = false;
    set_currency(amount, currency);
    amount.end = static_cast<uint32_t>(at + currency.word.size());
    return;
  }
}

// The end of the number that starts at `at`: digits with single signs between them, groups of three after a space.
size_t number_end(std::string_view text, size_t at) {
  size_t end = at;
  size_t run = 0;
  while (end < text.size()) {
    if (digit(text[end])) {
      ++end;
      ++run;
      continue;
    }
    const char c = text[end];
    if ((c == '.' || c == ',' || c == '\'') && end + 1 < text.size() && digit(text[end + 1])) {
      ++end;
      run = 0;
      continue;
    }
    const size_t space = space_at(text, end);
    const size_t next = end + space;
    const bool group = space > 0 && run <= 3 && run > 0 && next + 3 <= text.size() && digit(text[next]) &&
                       digit(text[next + 1]) && digit(text[next + 2]) &&
                       (next + 3 == text.size() || !digit(text[next + 3])) && end - at <= 3;
    // "12 500" is one number; "in 2024 300 people" is not: only a first group of up to three digits goes on.
    if (!group) break;
    end = next;
    run = 0;
  }
  return end;
}

bool at_line_start(std::string_view text, size_t at) {
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t' || text[at - 1] == '*' || text[at - 1] == '#')) --at;
  return at == 0 || text[at - 1] == '\n';
}

}  // namespace

std::optional<double> parse_number(std::string_view digits) {
  const size_t last_dot = digits.rfind('.');
  const size_t last_comma = digits.rfind(',');
  size_t point = std::string_view::npos;
  if (last_dot != std::string_view::npos && last_comma != std::string_view::npos) {
    point = std::max(last_dot, last_comma);
  } else if (last_dot != std::string_view::npos || last_comma != std::string_view::npos) {
    const size_t only = last_dot != std::string_view::npos ? last_dot : last_comma;
    const char sign = digits[only];
    const bool several = digits.find(sign) != only;
    // Three digits after one sign make thousands ("1,299"), unless nothing but zero stands before ("0.125").
    const bool thousands = digits.size() - only - 1 == 3 && only <= 3 && digits[0] != '0';
    if (!several && !thousands) point = only;
  }
  double value = 0;
  double scale = 1;
  size_t seen = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (!digit(digits[i])) continue;
    if (++seen > 18) return std::nullopt;  // longer than any quantity: an id
    value = value * 10 + (digits[i] - '0');
    if (point != std::string_view::npos && i > point) scale *= 10;
  }
  if (seen == 0) return std::nullopt;
  return value / scale;
}

std::vector<Amount> find_amounts(std::string_view text) {
  std::vector<Amount> amounts;
  for (size_t at = 0; at < text.size() && amounts.size() < kAmountsMax;) {
    while (at < text.size() && !digit(text[at])) ++at;
    if (at >= text.size()) break;
    const size_t end = number_end(text, at);
    const char before = at > 0 ? text[at - 1] : ' ';
    const char after = end < text.size() ? text[end] : ' ';
    // Part of a word, an id, a version, a path: no quantity. A word after a hyphen is a unit ("30-day").
    const bool joined = letter(before) || ((before == '-' || before == '_' || before == '/' || before == '.') &&
                                           at > 1 && (letter(text[at - 2]) || digit(text[at - 2])));
    Amount amount;
    amount.start = static_cast<uint32_t>(at);
    amount.end = static_cast<uint32_t>(end);
    const std::optional<double> value = parse_number(text.substr(at, end - at));
    at = end;
    if (!value || after == '_') continue;
    amount.value = *value;
    look_before(text, amount);
    if (joined && amount.unit != Unit::kMoney) {
      const bool range = (before == '-' || before == '/') && amount.start > 1 && digit(text[amount.start - 2]);
      if (!range) continue;
    }
    look_after(text, amount);
    amount.list_number = amount.unit == Unit::kNone && amount.value < 100 && (after == '.' || after == ')') &&
                         at_line_start(text, amount.start);
    at = std::max<size_t>(at, amount.end);
    amounts.push_back(amount);
  }
  return amounts;
}

}  // namespace godseye::guard::text
