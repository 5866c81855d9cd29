#include "pii/scan.h"
#include "pii/word_list.h"

#include <algorithm>
#include <array>
#include <cstring>

// Postal addresses by grammar: a street (a word that names a kind of street, before or after its proper name), a house
// number on either side, then as much of unit, post code, town, state and country as follows.
namespace godseye::guard::pii {

namespace {

constexpr size_t kNameWordsMax = 4;
constexpr size_t kNumberWithin = 64;  // characters from the start of a street to its number
constexpr WordList kStreetAfter(
    " street st road rd avenue ave av blvd boulevard drive dr lane ln court ct way place pl square sq terrace ter "
    "close crescent cres parkway pkwy "
    "highway hwy row walk gardens grove mews alley hill circle cir trail trl turnpike pike quay wharf path plaza loop "
    "green heights rise vale view "
    "strasse strase str weg platz allee gasse ring damm ufer straat laan weg plein gracht kade gatan gata vagen vej "
    "gade utca ut caddesi cad sokak sok bulvari ");
constexpr WordList kStreetBefore(
    " rue avenue boulevard place chemin allee quai impasse cours route via viale piazza corso largo vicolo calle "
    "avenida av plaza paseo camino "
    "carrera carretera ronda rua praca travessa alameda largo estrada ul ulica al aleja plac os rua strada bulevardul "
    "ulice namesti c/ ");
// These begin a street only with a capital: "An der Alster 5".
constexpr WordList kStreetBeforeCapital(" am an auf im zum zur ");
constexpr std::string_view kStreetEndings[] = {"strasse", "strase", "str",  "weg",   "platz",  "allee", "gasse",
                                               "ring",    "damm",   "ufer", "hof",   "straat", "laan",  "plein",
                                               "gracht",  "kade",   "dijk", "gatan", "vagen",  "veien", "gata",
                                               "gade",    "vej",    "tie",  "katu",  "steig",  "berg"};
constexpr std::array<bool, 256> kStreetLastLetters = [] {
  std::array<bool, 256> last{};
  for (const std::string_view ending : kStreetEndings) last[static_cast<uint8_t>(ending.back())] = true;
  return last;
}();
constexpr WordList kParticles(
    " de la le les du des del della delle di da do dos das van der den zu zum zur am im an auf the of st san santa l d "
    "y e ");
constexpr WordList kNotTown(
    " please is are can could will would thanks thank phone tel my i the and we it or but also email mail card ssn "
    "name not no if this that order "
    "which where when what how today tomorrow does do has have was to from with in on at by ");
constexpr WordList kPlaceWords(
    " live lives living address addresses ship shipping deliver delivered delivery send sent billing located home "
    "residence reside moved move house "
    "adresse wohne wohnt anschrift lieferadresse habite livrer direccion vivo enviar indirizzo abito spedire endereco "
    "moro adres woon mieszkam adresim "
    "oturuyorum postal mailing bor bo residing location office warehouse pickup to ");
constexpr WordList kUnits(
    " apt apartment suite ste unit flat floor fl room etage stock app appt piso planta interno int wohnung bus "
    "door ");
constexpr WordList kStates(
    " AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC SD TN TX UT VT VA WA WV "
    "WI WY DC NSW VIC QLD TAS ACT NT ON QC BC AB MB SK NS NB NL PE RM MI TO ");

struct Word {
  size_t begin = 0;
  size_t end = 0;
  bool empty() const { return begin == end; }
};

class Reader {
 public:
  explicit Reader(const PlainText& text) : text_(text) {}

  Word word_at(size_t i) const {
    Word word{i, i};
    while (word.end < size() &&
           (is_letter(chars()[word.end]) || (word.end > i && (chars()[word.end] == '\'' || chars()[word.end] == '-') &&
                                             word.end + 1 < size() && is_letter(chars()[word.end + 1])))) {
      ++word.end;
    }
    return word;
  }
  std::string_view lower(Word word) const {
    return std::string_view(text_.lower).substr(word.begin, word.end - word.begin);
  }
  bool capital(Word word) const {
    return !word.empty() && (is_upper(chars()[word.begin]) || chars()[word.begin] == kLetter);
  }
  const std::string& chars() const { return text_.chars; }
  size_t size() const { return text_.chars.size(); }
  char at(size_t i) const { return i < size() ? chars()[i] : '\0'; }
  size_t skip(size_t i, std::string_view set, size_t max) const {
    for (size_t n = 0; n < max && i < size() && set.find(chars()[i]) != std::string_view::npos; ++n) ++i;
    return i;
  }

  // "12", "12a", "12-14", "12/3": its end, or `i`.
  size_t house_number(size_t i) const {
    size_t end = i;
    while (end < size() && is_digit(chars()[end]) && end - i < 6) ++end;
    if (end == i || end - i > 5) return i;
    if (is_letter(at(end)) && !is_letter(at(end + 1)) && !is_digit(at(end + 1))) ++end;
    if ((at(end) == '-' || at(end) == '/') && is_digit(at(end + 1))) {
      size_t more = end + 1;
      while (is_digit(at(more))) ++more;
      if (more - end <= 5) end = more;
      if (is_letter(at(end)) && !is_letter(at(end + 1))) ++end;
    }
    return is_word_char(at(end)) ? i : end;
  }

  // A street from word `i` on, without its number: its end, or `i`. `sure` when a kind of street names it.
  size_t street(size_t i) const {
    Word first = word_at(i);
    if (first.empty() && is_digit(at(i))) {
      // "5th Ave", "42nd Street"
      const size_t digits = skip(i, "0123456789", 3);
      first = {i, word_at(digits).end};
      const std::string_view ordinal = std::string_view(text_.lower).substr(digits, first.end - digits);
      if (ordinal != "st" && ordinal != "nd" && ordinal != "rd" && ordinal != "th") return i;
    }
    if (first.empty()) return i;
    const bool before = kStreetBefore.has(lower(first)) || (capital(first) && kStreetBeforeCapital.has(lower(first)));
    if (!before && !capital(first) && !is_digit(at(i))) return i;
    size_t end = first.end;
    size_t found = before ? 0 : glued(first) ? end : i;
    size_t names = before ? 0 : 1;
    if (!before && kStreetAfter.has(lower(first)) && lower(first).size() > 3) found = i;  // "Street" alone is no street
    size_t at_word = end;
    for (size_t n = 0; n < kNameWordsMax; ++n) {
      const size_t next = skip(at_word, ".' ", 2);
      if (next == at_word || at(at_word) == '\n') break;
      const Word word = word_at(next);
      if (word.empty()) break;
      const bool kind = kStreetAfter.has(lower(word)) || glued(word);
      if (!capital(word) && !kParticles.has(lower(word)) && !kind) break;
      at_word = word.end;
      ++names;
      if (before && capital(word)) found = word.end;
      if (!before && kind && names >= 2) {
        found = word.end;
        if (at(found) == '.' && lower(word).size() <= 4) found += 1;
        break;
      }
      if (kNotTown.has(lower(word)) && !before) break;
    }
    if (before && found == 0) return i;
    if (found > i && at(found) == '.' && std::string_view(text_.lower).substr(i, found - i).ends_with("str")) ++found;
    // "Pennsylvania Ave NW"
    const Word direction = word_at(skip(found, " ", 1));
    const std::string_view letters = std::string_view(chars()).substr(direction.begin, direction.end - direction.begin);
    if (found > i && direction.begin > found && letters.find_first_not_of("NSEW") == std::string_view::npos &&
        !letters.empty() && letters.size() <= 2) {
      found = direction.end;
    }
    return found;
  }

  // Unit, post code, town, state, country after the street part; returns the new end and whether a town or code came.
  size_t tail(size_t end, bool& placed) const {
    for (int segment = 0; segment < 5; ++segment) {
      size_t next = skip(end, " ", 2);
      const bool comma =
          at(next) == ',' || at(next) == '\n' || at(next) == ';' || (at(next) == '-' && at(next + 1) == ' ');
      if (comma && at(next) == ';') break;
      if (comma) next = skip(next + 1, " \n", 3);
      const size_t after = part(next, comma, placed);
      if (after == next) break;
      end = after;
    }
    return end;
  }

 private:
  bool glued(Word word) const {
    const std::string_view text = lower(word);
    if (text.size() < 6 || !kStreetLastLetters[static_cast<uint8_t>(text.back())]) return false;
    return std::any_of(std::begin(kStreetEndings), std::end(kStreetEndings), [&](std::string_view ending) {
      return text.size() > ending.size() + 2 && text.ends_with(ending);
    });
  }

  // UK, Irish, Canadian and Dutch codes have letters: one or two groups of 2 to 4 capitals and digits with both kinds.
  size_t lettered_code(size_t i) const {
    const auto group = [&](size_t from) {
      size_t end = from;
      bool digit = false;
      bool letter = false;
      while (end < size() && (is_upper(chars()[end]) || is_digit(chars()[end])) && end - from < 7) {
        digit = digit || is_digit(chars()[end]);
        letter = letter || is_upper(chars()[end]);
        ++end;
      }
      return digit && letter && end - from >= 2 && !is_word_char(at(end)) ? end : from;
    };
    const size_t one = group(i);
    if (one == i) {
      // "1012 AB"
      size_t end = i;
      while (is_digit(at(end)) && end - i < 5) ++end;
      if (end - i == 4 && at(end) == ' ' && is_upper(at(end + 1)) && is_upper(at(end + 2)) &&
          !is_word_char(at(end + 3)))
        return end + 3;
      return i;
    }
    if (at(one) != ' ') return one;
    const size_t two = group(one + 1);
    return two == one + 1 ? one : two;
  }

  size_t digit_code(size_t i) const {
    size_t end = i;
    while (is_digit(at(end)) && end - i < 8) ++end;
    if (end - i == 3 && at(end) == ' ' && is_digit(at(end + 1)) && is_digit(at(end + 2)) && !is_word_char(at(end + 3)))
      return end + 3;
    if (end - i == 2 && at(end) == '-' && is_digit(at(end + 1)) && is_digit(at(end + 3)) && !is_digit(at(end + 4)))
      return end + 4;
    if (end - i == 4 && at(end) == '-' && is_digit(at(end + 1)) && is_digit(at(end + 3)) && !is_digit(at(end + 4)))
      return end + 4;
    if (end - i == 5 && at(end) == '-' && is_digit(at(end + 1)) && is_digit(at(end + 4)) && !is_digit(at(end + 5)))
      return end + 5;
    return end - i >= 4 && end - i <= 6 && !is_word_char(at(end)) ? end : i;
  }

  size_t town(size_t i) const {
    size_t end = i;
    for (size_t n = 0; n < 3; ++n) {
      const size_t next = n == 0 ? i : skip(end, " ", 1);
      if (n > 0 && next == end) break;
      const Word word = word_at(next);
      const bool particle = n > 0 && kParticles.has(lower(word));
      if (word.empty() || (!capital(word) && !particle) || kNotTown.has(lower(word)) || is_digit(at(word.end))) break;
      if (n > 0 && kStates.has(std::string_view(chars()).substr(word.begin, word.end - word.begin))) break;
      if (particle && !capital(word_at(skip(word.end, " ", 1)))) break;
      end = word.end;
    }
    return end;
  }

  // One part of the tail from `i`: its end, or `i`.
  size_t part(size_t i, bool comma, bool& placed) const {
    const Word word = word_at(i);
    if (kUnits.has(lower(word)) || at(i) == '#') {
      size_t end = skip(at(i) == '#' ? i + 1 : word.end, ". #", 3);
      const size_t start = end;
      while (is_word_char(at(end)) && end - start < 5) ++end;
      return end > start && (is_digit(at(start)) || end - start <= 2) ? end : i;
    }
    // "3º B"
    const size_t floor = skip(i, "0123456789", 2);
    if (comma && floor > i && at(floor) == kSymbol) {
      const Word door = word_at(skip(floor + 1, " ", 1));
      return !door.empty() && door.end - door.begin <= 2 ? door.end : floor + 1;
    }
    const size_t code = std::max(lettered_code(i), digit_code(i));
    if (code > i) {
      placed = true;
      const size_t next = skip(code, " ", 1);
      const size_t city = next > code ? town(next) : code;
      return city > next ? city : code;
    }
    if (kStates.has(std::string_view(chars()).substr(word.begin, word.end - word.begin)) &&
        (comma || is_digit(at(word.end + 1)))) {
      placed = true;
      return word.end;
    }
    if (!comma) return i;
    const size_t city = town(i);
    if (city > i) placed = true;
    return city;
  }

  const PlainText& text_;
};

void add(const PlainText& text, const Reader& reader, size_t begin, size_t end, bool number_first,
         std::vector<Candidate>& out) {
  bool placed = false;
  end = reader.tail(end, placed);
  const Context context = context_of(text, begin, begin, kPlaceWords, kThingWords);
  double confidence = placed ? 0.9 : 0.5;
  if (context == Context::kFor) confidence = std::max(confidence, 0.85);
  if (!placed && context != Context::kFor && !number_first) confidence = 0.45;
  if (confidence >= kPiiConfidenceMin) out.push_back({PiiType::kAddress, begin, end, confidence});
}

}  // namespace

void scan_address(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const Reader reader(text);
  if (at > 0 && (is_word_char(text.chars[at - 1]) || text.chars[at - 1] == '-' || text.chars[at - 1] == '#' ||
                 text.chars[at - 1] == '.'))
    return;
  if (is_digit(text.chars[at])) {
    const size_t number = reader.house_number(at);
    if (number == at) return;
    const size_t name = reader.skip(number, ", ", 2);
    if (name == number) return;
    const size_t street = reader.street(name);
    if (street > name) add(text, reader, at, street, true, out);
    return;
  }
  // Street first: its number is near, or there is none.
  const std::string_view ahead = std::string_view(text.chars).substr(at, kNumberWithin);
  if (std::none_of(ahead.begin(), ahead.end(), is_digit)) return;
  if (text.lower.compare(at, 3, "po ") == 0 || text.lower.compare(at, 4, "p.o.") == 0 ||
      text.lower.compare(at, 8, "postfach") == 0) {
    const size_t box = text.lower.find_first_of("0123456789", at);
    const bool named = box != std::string::npos && box - at <= 12 &&
                       (text.lower[at] == 'p' && (text.lower.find("box", at) < box || text.lower[at + 1] == 'o'));
    if (named) {
      size_t end = box;
      while (is_digit(reader.at(end))) ++end;
      if (text.lower.find("box", at) < box || text.lower.compare(at, 8, "postfach") == 0)
        add(text, reader, at, end, true, out);
    }
    return;
  }
  const size_t street = reader.street(at);
  if (street == at) return;
  size_t number_at = reader.skip(street, ", ", 2);
  if (reader.at(number_at) == 'n' &&
      (reader.at(number_at + 1) == '.' || reader.at(number_at + 1) == 'r' || reader.at(number_at + 1) == 'o')) {
    number_at = reader.skip(number_at, "nro. ", 5);
  }
  const size_t number = number_at > street ? reader.house_number(number_at) : street;
  if (number > number_at) add(text, reader, at, number, false, out);
}

}  // namespace godseye::guard::pii
