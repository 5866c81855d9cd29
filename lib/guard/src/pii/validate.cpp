#include "pii/validate.h"

#include "pii/plain_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace godseye::guard::pii {

namespace {

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

struct Issuer {
  int from;  // first six digits
  int to;
  uint32_t lengths;  // bit n: n digits
};
constexpr uint32_t bits(std::initializer_list<int> lengths) {
  uint32_t out = 0;
  for (const int n : lengths) out |= 1u << n;
  return out;
}
constexpr Issuer kIssuers[] = {
    {400000, 499999, bits({16, 19})},          // Visa (13 digits went out of use)
    {510000, 559999, bits({16})},              // Mastercard
    {222100, 272099, bits({16})},              // Mastercard
    {340000, 349999, bits({15})},              // American Express
    {370000, 379999, bits({15})},              //
    {601100, 601199, bits({16, 17, 18, 19})},  // Discover
    {644000, 659999, bits({16, 17, 18, 19})},  //
    {622126, 622925, bits({16, 17, 18, 19})},  // UnionPay and Discover
    {620000, 629999, bits({16, 17, 18, 19})},  // UnionPay
    {810000, 817199, bits({16, 17, 18, 19})},  //
    {352800, 358999, bits({16, 17, 18, 19})},  // JCB
    {300000, 305999, bits({14, 16})},          // Diners
    {309500, 309599, bits({14, 16})},          //
    {360000, 369999, bits({14})},              //
    {380000, 399999, bits({14, 16})},          //
    {500000, 509999, bits({16, 17, 18, 19})},  // Maestro
    {560000, 589999, bits({16, 17, 18, 19})},  //
    {670000, 679999, bits({16, 17, 18, 19})},  //
    {220000, 220499, bits({16})},              // Mir
    {979200, 979289, bits({16})},              // Troy
};

struct IbanCountry {
  char code[3];
  uint8_t length;
};
constexpr IbanCountry kIbanCountries[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22},
    {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27},
    {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27},
    {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22},
    {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32},
    {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19},
    {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
    {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24}, {"SC", 31},
    {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28}, {"TL", 23},
    {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}, {"YE", 30},
};

// Calling codes of one, two and three digits; the first digits decide, as in the numbering plan.
constexpr std::string_view kTwoDigitCodes =
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 "
    "91 92 93 94 95 98 ";

}  // namespace

bool luhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (size_t i = digits.size(); i-- > 0; twice = !twice) {
    int value = digits[i] - '0';
    if (twice) value = value > 4 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return !digits.empty() && sum % 10 == 0;
}

bool is_card(std::string_view digits) {
  if (digits.size() < 14 || digits.size() > 19 || !all_digits(digits) || !is_varied(digits, 2) || !luhn(digits))
    return false;
  const int prefix = number(digits.substr(0, 6));
  return std::any_of(std::begin(kIssuers), std::end(kIssuers), [&](const Issuer& issuer) {
    return prefix >= issuer.from && prefix <= issuer.to && ((issuer.lengths >> digits.size()) & 1) != 0;
  });
}

size_t iban_length(std::string_view country) {
  for (const IbanCountry& entry : kIbanCountries) {
    if (country == std::string_view(entry.code, 2)) return entry.length;
  }
  return 0;
}

bool is_iban(std::string_view text) {
  if (text.size() < 5 || text.size() != iban_length(text.substr(0, 2)) || !all_digits(text.substr(2, 2))) return false;
  int rest = 0;
  const auto feed = [&](char c) {
    const int value = is_digit(c) ? c - '0' : c - 'A' + 10;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  };
  for (const char c : text.substr(4)) {
    if (!is_digit(c) && !is_upper(c)) return false;
    feed(c);
  }
  for (const char c : text.substr(0, 4)) feed(c);
  return rest == 1;
}

bool is_us_ssn(std::string_view digits) {
  if (digits.size() != 9 || !all_digits(digits)) return false;
  const int area = number(digits.substr(0, 3));
  return area != 0 && area != 666 && area < 900 && digits.substr(3, 2) != "00" && digits.substr(5) != "0000" &&
         digits != "078051120" && digits != "123456789";
}

bool is_spanish_id(std::string_view text) {
  if (text.size() != 9 || !is_upper(text[8])) return false;
  std::string digits(text.substr(0, 8));
  if (digits[0] >= 'X' && digits[0] <= 'Z') digits[0] = static_cast<char>('0' + (digits[0] - 'X'));
  return all_digits(digits) && "TRWAGMYFPDXBNJZSQVHLCKE"[number(digits) % 23] == text[8];
}

bool is_italian_id(std::string_view text) {
  constexpr std::string_view kShape = "LLLLLLDDLDDLDDDL";
  constexpr int kOdd[] = {1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
  if (text.size() != 16) return false;
  int sum = 0;
  for (size_t i = 0; i < 16; ++i) {
    if (kShape[i] == 'L' ? !is_upper(text[i]) : !is_digit(text[i])) return false;
    if (i == 15) break;
    const int value = is_digit(text[i]) ? text[i] - '0' : text[i] - 'A';
    sum += i % 2 == 0 ? kOdd[value] : value;
  }
  return 'A' + sum % 26 == text[15];
}

bool is_brazilian_id(std::string_view digits) {
  if (digits.size() != 11 || !all_digits(digits) || !is_varied(digits, 2)) return false;
  for (size_t check = 9; check < 11; ++check) {
    int sum = 0;
    for (size_t i = 0; i < check; ++i) sum += (digits[i] - '0') * static_cast<int>(check + 1 - i);
    if (sum * 10 % 11 % 10 != digits[check] - '0') return false;
  }
  return true;
}

bool is_french_id(std::string_view digits) {
  if (digits.size() != 15 || !all_digits(digits) || (digits[0] != '1' && digits[0] != '2')) return false;
  const int month = number(digits.substr(3, 2));
  int64_t value = 0;
  for (const char c : digits.substr(0, 13)) value = value * 10 + (c - '0');
  return month >= 1 && month <= 12 && 97 - value % 97 == number(digits.substr(13));
}

bool is_polish_id(std::string_view digits) {
  constexpr int kWeights[] = {1, 3, 7, 9, 1, 3, 7, 9, 1, 3};
  if (digits.size() != 11 || !all_digits(digits)) return false;
  int sum = 0;
  for (size_t i = 0; i < 10; ++i) sum += kWeights[i] * (digits[i] - '0');
  const int month = number(digits.substr(2, 2)) % 20;
  const int day = number(digits.substr(4, 2));
  return (10 - sum % 10) % 10 == digits[10] - '0' && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

bool is_dutch_id(std::string_view digits) {
  if (digits.size() != 9 || !all_digits(digits)) return false;
  int sum = -(digits[8] - '0');
  for (size_t i = 0; i < 8; ++i) sum += static_cast<int>(9 - i) * (digits[i] - '0');
  return sum % 11 == 0 && digits != "000000000";
}

bool is_british_id(std::string_view text) {
  if (text.size() != 9 || !is_upper(text[0]) || !is_upper(text[1]) || !all_digits(text.substr(2, 6)) || text[8] < 'A' ||
      text[8] > 'D') {
    return false;
  }
  const std::string_view prefix = text.substr(0, 2);
  return std::string_view("DFIQUV").find(text[0]) == std::string_view::npos &&
         std::string_view("DFIOQUV").find(text[1]) == std::string_view::npos && prefix != "BG" && prefix != "GB" &&
         prefix != "NK" && prefix != "KN" && prefix != "TN" && prefix != "NT" && prefix != "ZZ";
}

size_t calling_code_length(std::string_view digits) {
  if (digits.size() < 3 || !all_digits(digits.substr(0, 3))) return 0;
  if (digits[0] == '1' || digits[0] == '7') return 1;
  const std::string two(digits.substr(0, 2));
  if (kTwoDigitCodes.find(two + ' ') != std::string_view::npos) return 2;
  // Three-digit codes fill the blocks that have no two-digit ones.
  for (const std::string_view block : {"21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50",
                                       "59", "67", "68", "69", "80", "85", "87", "88", "96", "97", "99"}) {
    if (two == block) return 3;
  }
  return 0;
}

bool is_varied(std::string_view text, size_t distinct_min) {
  std::array<bool, 256> seen{};
  size_t distinct = 0;
  for (const char c : text) {
    bool& mark = seen[static_cast<unsigned char>(c)];
    distinct += !mark;
    mark = true;
  }
  return distinct >= distinct_min;
}

}  // namespace godseye::guard::pii
