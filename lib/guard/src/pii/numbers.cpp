#include "pii/scan.h"
#include "pii/validate.h"
#include "pii/word_list.h"

#include <algorithm>
#include <array>

namespace godseye::guard::pii {

namespace {

constexpr WordList kPhoneWords(
    " phone phones telephone tel call calling mobile cell cellphone whatsapp sms text fax contact reach ring dial "
    "hotline landline handy "
    "telefon telefonnummer rufnummer mobil rufen anrufen erreichbar telephone portable appeler appelez telefono movil "
    "celular llamar llame "
    "llamame cellulare chiamare chiamami telefone ligar ligue telemovel bel bellen telefoonnummer mobiel zadzwon "
    "dzwonic komorka telefonu cep "
    "ara ringa telefonnumer numer signal viber telegram ");
constexpr WordList kMineWords(" my mine me meine mein mon mi mio meu moj mijn ");
constexpr WordList kCardWords(
    " card cards credit debit visa mastercard amex maestro pay paid charge charged kreditkarte karte carte tarjeta "
    "carta cartao kaart karta kart "
    "payment billing pan ");
constexpr WordList kSsnWords(" ssn social security taxpayer tin ");
constexpr WordList kIpWords(
    " ip ipv4 ips from connect connected connecting connection host server address login logged request ping client "
    "gateway dns addr ");
constexpr WordList kVersionWords(
    " version v ver release build firmware update item label code order tracking product status section kernel driver "
    "chapter sku part model ");
constexpr WordList kIdWords(
    " pesel bsn burgerservicenummer sofinummer cpf nir insee secu sin sozialversicherungsnummer steuer steuerid "
    "steuernummer personnummer aadhaar "
    "nino ni insurance national identity dni nie codice fiscale id ");

constexpr size_t kDigitsMax = 24;

// Digits from `at` with single separators between them.
struct Digits {
  std::string value;
  std::array<size_t, kDigitsMax> position{};  // of each digit
  std::string groups;                         // lengths of the groups: "3-2-4"
};

bool is_separator(char c) { return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')'; }

Digits read_digits(const PlainText& text, size_t at) {
  Digits out;
  const std::string& chars = text.chars;
  size_t i = at;
  size_t gap = 0;
  while (i < chars.size() && out.value.size() < kDigitsMax) {
    if (is_digit(chars[i])) {
      out.position[out.value.size()] = i;
      out.value += chars[i];
      gap = 0;
    } else if (is_separator(chars[i]) && gap < 2 && !out.value.empty()) {
      ++gap;
    } else {
      break;
    }
    ++i;
  }
  return out;
}

bool ends_number(const PlainText& text, size_t end) {
  if (end >= text.chars.size()) return true;
  const char c = text.chars[end];
  if (is_word_char(c)) return false;
  const bool joins = c == '-' || c == '.' || c == '/' || c == ',' || c == ':' || c == '@';
  return !(joins && end + 1 < text.chars.size() && is_word_char(text.chars[end + 1]) && c != '/' && c != ':' &&
           c != ',' && c != '.') &&
         !((c == '.' || c == ',' || c == '/') && end + 1 < text.chars.size() && is_digit(text.chars[end + 1]));
}

bool starts_number(const PlainText& text, size_t at) {
  if (at == 0) return true;
  const char c = text.chars[at - 1];
  if (is_word_char(c) || c == '#' || c == '@' || c == '$' || c == '%') return false;
  return !((c == '-' || c == '.' || c == '/' || c == ',' || c == '+') && at >= 2 && is_word_char(text.chars[at - 2]));
}

std::string groups_of(const Digits& digits, size_t count) {
  std::string out;
  size_t run = 0;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0 && digits.position[i] != digits.position[i - 1] + 1) {
      out += static_cast<char>('0' + std::min<size_t>(run, 9));
      run = 0;
    }
    ++run;
  }
  out += static_cast<char>('0' + std::min<size_t>(run, 9));
  return out;
}

// The one character that separates the groups, '\0' for none, '?' for several kinds.
char separator_of(const PlainText& text, const Digits& digits, size_t count) {
  char out = '\0';
  for (size_t i = 1; i < count; ++i) {
    for (size_t k = digits.position[i - 1] + 1; k < digits.position[i]; ++k) {
      if (out != '\0' && out != text.chars[k]) return '?';
      out = text.chars[k];
    }
  }
  return out;
}

void try_card(const PlainText& text, size_t at, const Digits& digits, std::vector<Candidate>& out) {
  for (size_t count = std::min<size_t>(19, digits.value.size()); count >= 14; --count) {
    const size_t end = digits.position[count - 1] + 1;
    const bool whole = end >= text.chars.size() || !is_word_char(text.chars[end]);
    if (!whole || !is_card(std::string_view(digits.value).substr(0, count)) || separator_of(text, digits, count) == '?')
      continue;
    const std::string groups = groups_of(digits, count);
    const Context context = context_of(text, at, end, kCardWords, kThingWords);
    // A long number in one piece behind "tracking" passes the check digit once in ten times.
    if (context == Context::kAgainst && groups.size() == 1 && count != 16 && count != 15) continue;
    if (context == Context::kAgainst && groups.size() == 1) {
      out.push_back({PiiType::kCreditCard, at, end, 0.55});
    } else {
      out.push_back({PiiType::kCreditCard, at, end, context == Context::kFor ? 0.99 : 0.9});
    }
    return;
  }
}

void try_ssn(const PlainText& text, size_t at, const Digits& digits, std::vector<Candidate>& out) {
  if (digits.value.size() < 9) return;
  const size_t end = digits.position[8] + 1;
  if (!ends_number(text, end) || !is_us_ssn(std::string_view(digits.value).substr(0, 9))) return;
  const std::string groups = groups_of(digits, 9);
  const Context context = context_of(text, at, end, kSsnWords, kThingWords);
  const char separator = separator_of(text, digits, 9);
  if (groups == "324" && (separator == '-' || ((separator == ' ' || separator == '.') && context == Context::kFor))) {
    if (context != Context::kAgainst) out.push_back({PiiType::kUsSsn, at, end, context == Context::kFor ? 0.97 : 0.75});
  } else if (groups == "9" && context == Context::kFor) {
    out.push_back({PiiType::kUsSsn, at, end, 0.85});
  }
}

void try_national_id(const PlainText& text, size_t at, const Digits& digits, std::vector<Candidate>& out) {
  const std::string_view value = digits.value;
  const auto add = [&](size_t count, bool needs_context) {
    const size_t end = digits.position[count - 1] + 1;
    if (!ends_number(text, end)) return;
    const Context context = context_of(text, at, end, kIdWords, kThingWords);
    if (context == Context::kAgainst || (needs_context && context != Context::kFor)) return;
    out.push_back({PiiType::kNationalId, at, end, context == Context::kFor ? 0.95 : 0.7});
  };
  if (value.size() >= 15 && is_french_id(value.substr(0, 15))) return add(15, groups_of(digits, 15).size() == 1);
  if (value.size() >= 11) {
    const std::string groups = groups_of(digits, 11);
    if (groups == "3332" && is_brazilian_id(value.substr(0, 11))) return add(11, false);
    if (is_brazilian_id(value.substr(0, 11)) || is_polish_id(value.substr(0, 11))) return add(11, true);
  }
  if (value.size() >= 9 && (is_dutch_id(value.substr(0, 9)) || luhn(value.substr(0, 9)))) add(9, true);
}

void add_phone(const PlainText& text, size_t begin, size_t end, double base, double against,
               std::vector<Candidate>& out) {
  Context context = context_of(text, begin, end, kPhoneWords, kThingWords);
  if (context == Context::kNone && context_of(text, begin, begin, kMineWords, kThingWords) == Context::kFor)
    base += 0.1;
  const double confidence = context == Context::kFor ? 0.95 : context == Context::kAgainst ? against : base;
  if (confidence >= kPiiConfidenceMin) out.push_back({PiiType::kPhone, begin, end, std::min(confidence, 0.97)});
}

// "+49 30 95466534", "0049 30 ...", "+1 (353) 838-3586".
void try_international(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const bool plus = text.chars[at] == '+';
  size_t first = plus ? at + 1 : at + 2;
  while (first < text.chars.size() && (text.chars[first] == ' ' || text.chars[first] == '(')) ++first;
  const Digits digits = read_digits(text, first);
  const size_t code = calling_code_length(digits.value);
  if (code == 0) return;
  // The longest stretch that ends a number within the plan's fifteen digits.
  for (size_t count = std::min<size_t>(15, digits.value.size()); count >= code + 6; --count) {
    const size_t end = digits.position[count - 1] + 1;
    if (end < text.chars.size() && is_digit(text.chars[end])) continue;
    if (end < text.chars.size() && is_letter(text.chars[end])) continue;
    if (count < digits.value.size() && digits.position[count] - end < 2 && count >= 12) {
      // More digits follow: a card or another number after it, not ours to split.
    }
    add_phone(text, at, end, plus ? 0.9 : 0.5, plus ? 0.6 : 0.2, out);
    return;
  }
}

// National forms: North American 3-3-4, and numbers with a leading zero in groups.
void try_national(const PlainText& text, size_t at, const Digits& digits, std::vector<Candidate>& out) {
  const std::string& chars = text.chars;
  const size_t begin = at > 0 && chars[at - 1] == '(' ? at - 1 : at;
  const std::string_view value = digits.value;
  for (const size_t skip : {size_t{0}, size_t{1}}) {
    if (value.size() < 10 + skip || (skip == 1 && value[0] != '1')) continue;
    const size_t end = digits.position[9 + skip] + 1;
    if (!ends_number(text, end)) continue;
    const std::string groups = groups_of(digits, 10 + skip);
    const bool shape = groups == (skip == 1 ? "1334" : "334");
    const bool area = value[skip] >= '2' && (value[skip + 3] >= '2' || begin != at);
    if (shape && value[skip] != '0') return add_phone(text, begin, end, area ? 0.75 : 0.6, 0.3, out);
    if (groups == "9" || groups.size() == 1) {
      if (value[0] != '0') return add_phone(text, begin, end, 0.3, 0.1, out);
    }
  }
  if (value.size() >= 9 && value[0] == '0' && value[1] != '0') {
    for (size_t count = std::min<size_t>(12, value.size()); count >= 9; --count) {
      const size_t end = digits.position[count - 1] + 1;
      if (!ends_number(text, end)) continue;
      const bool grouped = groups_of(digits, count).size() > 1;
      return add_phone(text, begin, end, grouped ? 0.6 : 0.35, 0.2, out);
    }
  }
  // Anything of seven to twelve digits that the words call a phone number.
  for (size_t count = std::min<size_t>(12, value.size()); count >= 7; --count) {
    const size_t end = digits.position[count - 1] + 1;
    if (ends_number(text, end) && context_of(text, begin, begin, kPhoneWords, kThingWords) == Context::kFor) {
      out.push_back({PiiType::kPhone, begin, end, 0.7});
      return;
    }
  }
}

void try_ipv4(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const std::string& chars = text.chars;
  size_t i = at;
  int large = 0;
  for (int octet = 0; octet < 4; ++octet) {
    int value = 0;
    const size_t start = i;
    while (i < chars.size() && is_digit(chars[i]) && i - start < 4) value = value * 10 + (chars[i++] - '0');
    if (i == start || value > 255 || (i - start > 1 && chars[start] == '0')) return;
    large += value >= 20;
    if (octet < 3) {
      if (i >= chars.size() || chars[i] != '.') return;
      ++i;
    }
  }
  if (i < chars.size() &&
      (is_word_char(chars[i]) || (chars[i] == '.' && i + 1 < chars.size() && is_digit(chars[i + 1]))))
    return;
  const Context context = context_of(text, at, at, kIpWords, kVersionWords);
  const double confidence = context == Context::kFor       ? 0.95
                            : context == Context::kAgainst ? 0.3
                            : large >= 2                   ? 0.7
                                                           : 0.4;
  if (confidence >= kPiiConfidenceMin) out.push_back({PiiType::kIpAddress, at, i, confidence});
}

}  // namespace

void scan_number(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const char c = text.chars[at];
  if (c == '+') {
    if (at == 0 || !is_word_char(text.chars[at - 1])) try_international(text, at, out);
    return;
  }
  if (!is_digit(c) || !starts_number(text, at)) return;
  const Digits digits = read_digits(text, at);
  if (digits.value.size() >= 14) try_card(text, at, digits, out);
  if (digits.value.size() >= 9) {
    try_ssn(text, at, digits, out);
    try_national_id(text, at, digits, out);
  }
  if (digits.value.size() >= 10 && c == '0' && digits.value[1] == '0' && digits.position[1] == at + 1)
    try_international(text, at, out);
  if (digits.value.size() >= 7) try_national(text, at, digits, out);
  if (digits.value.size() >= 4) try_ipv4(text, at, out);
}

}  // namespace godseye::guard::pii
