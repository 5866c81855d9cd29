#include "language.h"
#include "pii/scan.h"
#include "pii/validate.h"
#include "pii/word_list.h"

#include <algorithm>
#include <array>
#include <bit>

// What is written in words: dates of birth, spelled numbers, names of people.
namespace godseye::guard::pii {

namespace {

constexpr WordList kBirthWords(
    " born birth birthday birthdate dob bday geboren geburtsdatum geburtstag naissance ne nee anniversaire nacido "
    "nacida naci nacimiento nato nata nascita "
    "nascido nascida nasci nascimento geboortedatum urodzony urodzona urodzenia dogum dogdum fodd fodelsedatum "
    "syntynyt narozen nascut ");
constexpr WordList kMonths(
    " january february march april may june july august september october november december jan feb mar apr jun jul "
    "aug sep sept oct nov dec januar februar "
    "marz maerz mai juni juli oktober dezember janvier fevrier mars avril juin juillet aout septembre octobre novembre "
    "decembre enero febrero marzo abril "
    "mayo junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio "
    "settembre ottobre dicembre janeiro "
    "fevereiro marco maio junho julho setembro outubro novembro dezembro januari februari maart mei augustus stycznia "
    "lutego marca kwietnia maja czerwca "
    "lipca sierpnia wrzesnia pazdziernika listopada grudnia ocak subat mart nisan mayis haziran temmuz agustos eylul "
    "ekim kasim aralik ");

char at_or_zero(const std::string& text, size_t i) { return i < text.size() ? text[i] : '\0'; }

size_t read_number(const std::string& text, size_t i, size_t digits_max, int& value) {
  const size_t start = i;
  value = 0;
  while (i < text.size() && is_digit(text[i]) && i - start < digits_max) value = value * 10 + (text[i++] - '0');
  return i;
}

bool is_year(int value, size_t digits) { return (digits == 4 && value >= 1900 && value <= 2025) || digits == 2; }

// "1955-07-21", "05/28/1972", "3.4.88": the end, or `at`.
size_t numeric_date(const std::string& text, size_t at) {
  int a = 0;
  int b = 0;
  int c = 0;
  const size_t one = read_number(text, at, 4, a);
  const char separator = at_or_zero(text, one);
  if (one == at || (separator != '-' && separator != '/' && separator != '.')) return at;
  size_t next = one + 1;
  if (separator == '.' && at_or_zero(text, next) == ' ') ++next;
  const size_t two = read_number(text, next, 2, b);
  if (two == next || at_or_zero(text, two) != separator) return at;
  next = two + 1;
  if (separator == '.' && at_or_zero(text, next) == ' ') ++next;
  const size_t three = read_number(text, next, 4, c);
  if (three == next || is_word_char(at_or_zero(text, three))) return at;
  if (one - at == 4) return is_year(a, 4) && b >= 1 && b <= 12 && c >= 1 && c <= 31 && three - next <= 2 ? three : at;
  const bool day_month = (a >= 1 && a <= 31 && b >= 1 && b <= 12) || (a >= 1 && a <= 12 && b >= 1 && b <= 31);
  return day_month && is_year(c, three - next) ? three : at;
}

constexpr std::array<bool, 256> kLetters = [] {
  std::array<bool, 256> letters{};
  for (size_t i = 0; i < letters.size(); ++i) letters[i] = is_letter(static_cast<char>(i));
  return letters;
}();

size_t word_end(const std::string& text, size_t i) {
  while (i < text.size() && kLetters[static_cast<uint8_t>(text[i])]) ++i;
  return i;
}

// "2 March 1982", "14. Juli 1982", "1st of May, 1990": the end, or `at`.
size_t day_month_year(const PlainText& text, size_t at) {
  const std::string& lower = text.lower;
  int day = 0;
  size_t i = read_number(lower, at, 2, day);
  if (i == at || day < 1 || day > 31) return at;
  for (const std::string_view ordinal : {"st", "nd", "rd", "th", "er", "."}) {
    if (lower.compare(i, ordinal.size(), ordinal) == 0) {
      i += ordinal.size();
      break;
    }
  }
  if (at_or_zero(lower, i) != ' ' && at_or_zero(lower, i) != '-') return at;
  ++i;
  for (const std::string_view of : {"of ", "de "}) {
    if (lower.compare(i, 3, of) == 0) i += 3;
  }
  const size_t end = word_end(lower, i);
  if (!kMonths.has(std::string_view(lower).substr(i, end - i))) return at;
  i = end;
  while (i < lower.size() && (lower[i] == ' ' || lower[i] == ',' || lower[i] == '.' || lower[i] == '-') && i - end < 2)
    ++i;
  if (lower.compare(i, 3, "de ") == 0) i += 3;
  int year = 0;
  const size_t year_end = read_number(lower, i, 4, year);
  return is_year(year, year_end - i) && year_end - i == 4 && !is_word_char(at_or_zero(lower, year_end)) ? year_end : at;
}

// "March 2, 1982": the end, or `at`.
size_t month_day_year(const PlainText& text, size_t at) {
  const std::string& lower = text.lower;
  size_t i = word_end(lower, at);
  if (at_or_zero(lower, i) != ' ' && at_or_zero(lower, i) != '.') return at;
  if (!is_digit(at_or_zero(lower, i + 1)) && !is_digit(at_or_zero(lower, i + 2))) return at;
  if (!kMonths.has(std::string_view(lower).substr(at, i - at))) return at;
  while (i < lower.size() && (lower[i] == ' ' || lower[i] == '.')) ++i;
  int day = 0;
  const size_t day_end = read_number(lower, i, 2, day);
  if (day_end == i || day < 1 || day > 31) return at;
  i = day_end;
  if (lower.compare(i, 2, "st") == 0 || lower.compare(i, 2, "nd") == 0 || lower.compare(i, 2, "rd") == 0 ||
      lower.compare(i, 2, "th") == 0)
    i += 2;
  const size_t gap = i;
  while (i < lower.size() && (lower[i] == ' ' || lower[i] == ',') && i - gap < 2) ++i;
  int year = 0;
  const size_t year_end = read_number(lower, i, 4, year);
  return i > gap && year_end - i == 4 && is_year(year, 4) && !is_word_char(at_or_zero(lower, year_end)) ? year_end : at;
}

struct Spelled {
  std::string_view word;
  char digit;
};
constexpr Spelled kSpelled[] = {{"zero", '0'},   {"oh", '0'},     {"o", '0'},    {"one", '1'},     {"two", '2'},
                                {"three", '3'},  {"four", '4'},   {"five", '5'}, {"six", '6'},     {"seven", '7'},
                                {"eight", '8'},  {"nine", '9'},   {"null", '0'}, {"eins", '1'},    {"zwei", '2'},
                                {"drei", '3'},   {"vier", '4'},   {"funf", '5'}, {"fuenf", '5'},   {"sechs", '6'},
                                {"sieben", '7'}, {"acht", '8'},   {"neun", '9'}, {"un", '1'},      {"deux", '2'},
                                {"trois", '3'},  {"quatre", '4'}, {"cinq", '5'}, {"sept", '7'},    {"huit", '8'},
                                {"neuf", '9'},   {"cero", '0'},   {"uno", '1'},  {"dos", '2'},     {"tres", '3'},
                                {"cuatro", '4'}, {"cinco", '5'},  {"seis", '6'}, {"siete", '7'},   {"ocho", '8'},
                                {"nueve", '9'},  {"due", '2'},    {"tre", '3'},  {"quattro", '4'}, {"cinque", '5'},
                                {"sei", '6'},    {"sette", '7'},  {"otto", '8'}, {"nove", '9'}};

constexpr size_t kSpelledLettersMax = 7;

// First letters of spelled digits (and of "double", "triple"), with the lengths that begin so.
constexpr std::array<uint16_t, 256> kSpelledLengths = [] {
  std::array<uint16_t, 256> lengths{};
  for (const Spelled& one : kSpelled)
    lengths[static_cast<uint8_t>(one.word.front())] |= static_cast<uint16_t>(1u << one.word.size());
  for (const std::string_view word : {"double", "triple"})
    lengths[static_cast<uint8_t>(word.front())] |= static_cast<uint16_t>(1u << word.size());
  return lengths;
}();

// Places in kSpelled, by first letter, as bits.
constexpr std::array<uint64_t, 256> kSpelledFrom = [] {
  static_assert(std::size(kSpelled) <= 64);
  std::array<uint64_t, 256> places{};
  for (size_t i = 0; i < std::size(kSpelled); ++i)
    places[static_cast<uint8_t>(kSpelled[i].word.front())] |= uint64_t{1} << i;
  return places;
}();

// The digit that `word` spells, or nothing.
const Spelled* find_spelled(std::string_view word) {
  if (word.empty() || word.size() > kSpelledLettersMax) return nullptr;
  for (uint64_t places = kSpelledFrom[static_cast<uint8_t>(word.front())]; places != 0; places &= places - 1) {
    const Spelled& one = kSpelled[std::countr_zero(places)];
    if (one.word == word) return &one;
  }
  return nullptr;
}

constexpr WordList kPhoneWords(
    " phone telephone tel call mobile cell number fax whatsapp text reach telefon nummer handy portable numero movil "
    "telefono ");

void try_spelled(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const std::string& lower = text.lower;
  const size_t first_end = word_end(lower, at);
  if (first_end - at > kSpelledLettersMax ||
      (kSpelledLengths[static_cast<uint8_t>(lower[at])] >> (first_end - at) & 1) == 0)
    return;
  std::string digits;
  size_t end = at;
  size_t repeat = 1;
  for (size_t i = at; i < lower.size() && digits.size() < 24;) {
    const size_t stop = word_end(lower, i);
    const std::string_view word = std::string_view(lower).substr(i, stop - i);
    const Spelled* spelled = find_spelled(word);
    if (word == "double") {
      repeat = 2;
    } else if (word == "triple") {
      repeat = 3;
    } else if (spelled != nullptr) {
      digits.append(repeat, spelled->digit);
      repeat = 1;
      end = stop;
    } else if (word.empty() && is_digit(lower[i]) && digits.size() >= 3) {
      size_t number = i;
      while (number < lower.size() && is_digit(lower[number])) digits += lower[number++];
      end = number;
      i = number;
      while (i < lower.size() && (lower[i] == ' ' || lower[i] == '-')) ++i;
      continue;
    } else {
      break;
    }
    i = stop;
    const size_t gap = i;
    while (i < lower.size() && (lower[i] == ' ' || lower[i] == '-' || lower[i] == ',' || lower[i] == '.') &&
           i - gap < 3)
      ++i;
    if (i == gap) break;
  }
  if (digits.size() < 7) return;
  if (is_card(digits)) {
    out.push_back({PiiType::kCreditCard, at, end, 0.9});
  } else if (digits.size() <= 15 &&
             (digits.size() >= 9 || context_of(text, at, end, kPhoneWords, kThingWords) == Context::kFor)) {
    out.push_back({PiiType::kPhone, at, end, 0.8});
  }
}

constexpr std::string_view kNameLeads[] = {
    "my name is ",   "name: ",        "customer ",   "placed by ", "mr. ",        "mrs. ",      "ms. ",
    "mr ",           "mrs ",          "ms ",         "dr. ",       "ich heisse ", "ich heise ", "mein name ist ",
    "je m'appelle ", "mi nombre es ", "me llamo ",   "mi chiamo ", "recipient: ", "attn: ",     "c/o ",
    "signed, ",      "full name is ", "i am called "};

// "Rick Nash": two or three capitalised words that are not common ones. The end, or `at`.
size_t person_name(const PlainText& text, size_t at) {
  size_t end = at;
  size_t i = at;
  for (size_t n = 0; n < 3; ++n) {
    const size_t stop = word_end(text.chars, i);
    const bool initial = stop - i == 1 && at_or_zero(text.chars, stop) == '.';
    if (stop == i || !(is_upper(text.chars[i]) || text.chars[i] == kLetter) || (stop - i < 2 && !initial)) break;
    const bool shouted = stop - i > 1 && is_upper(text.chars[i + 1]);
    if (shouted || is_digit(at_or_zero(text.chars, stop)) || at_or_zero(text.chars, stop) == '_') break;
    end = stop;
    i = initial ? stop + 1 : stop;
    if (at_or_zero(text.chars, i) == '-' || at_or_zero(text.chars, i) == '\'') {
      const size_t more = word_end(text.chars, i + 1);
      if (more > i + 1) end = i = more;
    }
    if (at_or_zero(text.chars, i) != ' ') break;
    ++i;
  }
  const bool two = std::find(text.chars.begin() + static_cast<std::ptrdiff_t>(at),
                             text.chars.begin() + static_cast<std::ptrdiff_t>(end),
                             ' ') != text.chars.begin() + static_cast<std::ptrdiff_t>(end);
  return two ? end : at;
}

void try_person(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  if (!is_upper(text.chars[at]) && text.chars[at] != kLetter) return;
  const bool first = at == 0 || text.chars[at - 1] == '\n';
  // Every lead ends in a blank.
  if (!first && text.chars[at - 1] != ' ') return;
  const std::string_view before = std::string_view(text.lower).substr(0, at);
  const bool led = std::any_of(std::begin(kNameLeads), std::end(kNameLeads), [&](std::string_view lead) {
    return before.size() >= lead.size() && before[before.size() - 2] == lead[lead.size() - 2] &&
           before.ends_with(lead) &&
           (before.size() == lead.size() || !is_word_char(before[before.size() - lead.size() - 1]));
  });
  if (!led && !first) return;
  const size_t end = person_name(text, at);
  if (end == at) return;
  if (led) {
    out.push_back({PiiType::kPerson, at, end, 0.7});
    return;
  }
  // "Rick Nash, phone ...": a name at the start of a line, followed by contact data.
  const std::string_view rest = std::string_view(text.lower).substr(end, 12);
  for (const std::string_view next : {", phone", ", tel", ", email", ", address", ", mobile"}) {
    if (rest.starts_with(next)) out.push_back({PiiType::kPerson, at, end, 0.7});
  }
}

}  // namespace

void scan_birth_date(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  if (at > 0 && (is_word_char(text.chars[at - 1]) ||
                 ((text.chars[at - 1] == '-' || text.chars[at - 1] == '/' || text.chars[at - 1] == '.') && at > 1 &&
                  is_digit(text.chars[at - 2]))))
    return;
  size_t end = at;
  if (is_digit(text.chars[at])) {
    end = numeric_date(text.lower, at);
    if (end == at) end = day_month_year(text, at);
  } else {
    end = month_day_year(text, at);
  }
  if (end > at && context_of(text, at, end, kBirthWords, kThingWords) == Context::kFor)
    out.push_back({PiiType::kDateOfBirth, at, end, 0.92});
}

void scan_words(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  try_spelled(text, at, out);
  try_person(text, at, out);
}

}  // namespace godseye::guard::pii
