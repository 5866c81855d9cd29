#include "decode.h"
#include "language.h"
#include "signs.h"
#include "utf8.h"
#include "views.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

// Undoing what is done to letters rather than bytes. All of it works on folded text and asks the language test.
namespace godseye::guard {

namespace {

constexpr size_t kSegmentLettersMin = 10;  // for alphabet shifts and reversal
constexpr double kGain = 0.3;              // how much better the undone text must read
constexpr double kPlainPairs = -2.45;      // at or above, letter pairs look like language already
constexpr size_t kShiftBytesMax = 8192;    // text tried for alphabet shifts, per call

bool is_lower(char c) { return static_cast<unsigned char>(c - 'a') < 26; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\n'; }
bool is_joint(char c) { return std::strchr("._-*~|+/,", c) != nullptr && c != '\0'; }

// --- letters pulled apart -------------------------------------------------------------------------------------------

// A run of single characters from `at`: joined letters in `joined` (a space where the gap was wider), number of
// characters in `letters`. Returns the end of the run.
size_t spaced_run(std::string_view text, size_t at, std::string& joined, size_t& letters) {
  joined.clear();
  letters = 0;
  size_t i = at;
  size_t end = at;
  char joint = '\0';
  while (i < text.size() && !is_blank(text[i])) {
    const size_t length = utf8::decode(text, i).length;
    const size_t next = i + length;
    if (next < text.size() && !is_blank(text[next]) && !is_joint(text[next])) break;  // a word, not a letter
    if (next < text.size() && joint != '\0' && !is_blank(text[next]) && text[next] != joint) break;
    joined.append(text, i, length);
    ++letters;
    end = next;
    if (next >= text.size()) break;
    if (joint == '\0') joint = is_blank(text[next]) ? ' ' : text[next];
    size_t gap = next;
    while (gap < text.size() && (is_blank(text[gap]) || text[gap] == joint)) ++gap;
    if (gap - next > 1) joined += ' ';
    i = gap;
  }
  while (!joined.empty() && joined.back() == ' ') joined.pop_back();
  return end;
}

bool undo_spacing(std::string& text) {
  if (!may_be_spaced(text)) return false;
  const Language& language = Language::shipped();
  std::string out;
  std::string joined;
  bool found = false;
  for (size_t i = 0; i < text.size();) {
    const bool word_start = !is_blank(text[i]) && (i == 0 || is_blank(text[i - 1]));
    size_t letters = 0;
    const size_t end = word_start ? spaced_run(text, i, joined, letters) : i;
    if (letters < kSpacedLettersMin) {
      out += text[i++];
      continue;
    }
    if (joined.find(' ') == std::string::npos && joined.size() >= 8) {
      const std::string split = language.split_words(joined);
      if (!split.empty()) joined = split;
    }
    out += joined;
    found = true;
    i = end;
  }
  if (!found) return false;
  const Language::Rate rate = language.word_rate(out);
  if (rate.letters < 8 || rate.words < 0.4) return false;
  text = std::move(out);
  return true;
}

// --- words joined by punctuation, words cut by it, words run together -----------------------------------------------

// Addresses are joined words by nature.
bool is_address(std::string_view token) {
  return token.find("://") != std::string_view::npos || token.find("www.") != std::string_view::npos ||
         token.find('@') != std::string_view::npos;
}

bool undo_joints(std::string& text) {
  size_t joints = 0;
  size_t spaces = 0;
  std::string out = text;
  for (size_t i = 0; i < text.size();) {
    if (is_blank(text[i])) {
      ++spaces;
      ++i;
      continue;
    }
    size_t end = i;
    while (end < text.size() && !is_blank(text[end])) ++end;
    const bool address = is_address(std::string_view(text).substr(i, end - i));
    for (size_t k = i + 1; k < end && !address; ++k) {
      if (!is_joint(text[k]) || text[k] == '/') continue;
      joints += is_lower(text[k - 1]) && k + 1 < end && is_lower(text[k + 1]);
      out[k] = ' ';
    }
    i = end;
  }
  if (joints < kJointsMin || joints < spaces * 2 || Language::shipped().word_rate(out).words < 0.5) return false;
  text = std::move(out);
  return true;
}

// One cut word is a slip or a name ("web-socket-server") in a long text; two close together are a disguise.
constexpr size_t kShortTokens = 60;
constexpr size_t kCutsNear = 6;

// "ig-no-re" and "ignoreallpreviousinstructions", token by token.
bool undo_cuts(std::string& text) {
  const Language& language = Language::shipped();
  std::string out;
  size_t found = 0;
  size_t tokens = 0;
  size_t last_found = 0;
  bool close_together = false;
  const auto count = [&] {
    close_together = close_together || (found > 0 && tokens - last_found <= kCutsNear);
    last_found = tokens;
    ++found;
  };
  for (size_t i = 0; i < text.size();) {
    if (is_blank(text[i])) {
      out += text[i++];
      continue;
    }
    size_t end = i;
    while (end < text.size() && !is_blank(text[end])) ++end;
    const std::string_view token(text.data() + i, end - i);
    i = end;
    ++tokens;
    if (token.size() < kJoinedLettersMin && token.find_first_of("-.*_~`") >= token.size() - 1) {
      out += token;
      continue;
    }
    std::string letters;
    size_t cuts = 0;
    bool known_part = false;
    bool plain = token.size() <= 64;
    size_t part = 0;
    for (size_t k = 0; plain && k < token.size(); ++k) {
      if (is_lower(token[k])) {
        letters += token[k];
      } else if ((std::strchr("-.*_~`", token[k]) != nullptr || (token[k] == '\'' && cuts > 0)) && k > 0 &&
                 k + 1 < token.size()) {
        ++cuts;
        known_part =
            known_part || (letters.size() - part > 3 && language.is_word(std::string_view(letters).substr(part)));
        part = letters.size();
      } else if (k + 1 < token.size() || is_digit(token[k])) {
        plain = false;
      }
    }
    if (plain && cuts > 0 && letters.size() >= 5 && !known_part && language.is_word(letters)) {
      out += letters;
      count();
    } else if (plain && cuts == 0 && letters.size() >= kJoinedLettersMin && !language.is_word(letters)) {
      const std::string split = language.split_words(letters);
      const size_t words = static_cast<size_t>(std::count(split.begin(), split.end(), ' ')) + 1;
      if (words >= 3 && split.size() >= words * 4) {
        out += split;
        count();
      } else {
        out += token;
      }
    } else {
      out += token;
    }
  }
  if (found == 0 || (tokens > kShortTokens && !close_together)) return false;
  text = std::move(out);
  return true;
}

// --- leetspeak
// --------------------------------------------------------------------------------------------------------

char leet_letter(char c, char for_one) {
  switch (c) {
    case '0':
      return 'o';
    case '1':
      return for_one;
    case '|':
      return for_one;
    case '!':
      return 'i';
    case '3':
      return 'e';
    case '4':
    case '@':
      return 'a';
    case '5':
    case '$':
      return 's';
    case '6':
    case '9':
      return 'g';
    case '7':
    case '+':
      return 't';
    case '8':
      return 'b';
    case '2':
      return 'z';
    case '(':
      return 'c';
    default:
      return '\0';
  }
}

struct LeetToken {
  std::string text;     // what it would be
  bool word = false;    // a common word
  bool mixed = false;   // has letters and stand-ins
  bool digits = false;  // stand-ins alone
};

LeetToken read_leet(std::string_view token) {
  LeetToken best;
  size_t begin = 0;
  size_t end = token.size();
  while (end > begin && std::strchr(".,?:;\"')!", token[end - 1]) != nullptr) --end;
  while (begin < end && std::strchr("\"'(", token[begin]) != nullptr) ++begin;
  const std::string_view core = token.substr(begin, end - begin);
  size_t letters = 0;
  size_t stand_ins = 0;
  for (const char c : core) {
    letters += is_lower(c);
    stand_ins += leet_letter(c, 'i') != '\0';
  }
  if (core.empty() || core.size() > 24 || stand_ins == 0) return best;
  for (const char one : {'i', 'l'}) {
    std::string mapped;
    for (const char c : core) {
      const char letter = leet_letter(c, one);
      mapped += letter != '\0' ? letter : c;
    }
    std::string bare = mapped;
    std::erase(bare, '\'');
    const bool word = Language::shipped().is_word(bare);
    if (best.text.empty() || (word && !best.word)) {
      best.text = std::string(token.substr(0, begin)) + mapped + std::string(token.substr(end));
      best.word = word;
    }
  }
  best.mixed = letters > 0;
  best.digits = letters == 0 && stand_ins == core.size();
  if (!best.word && best.mixed) {
    best.mixed = core.size() >= 5 && letters * 3 >= core.size() && Language::shipped().pair_score(best.text) > -2.6;
    if (!best.mixed) best.text.clear();
  }
  return best;
}

// Calls f(token) for each stretch of `text` that is blank or not blank.
template <typename F>
void each_token(std::string_view text, F f) {
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    const bool blank = is_blank(text[i]);
    while (end < text.size() && is_blank(text[end]) == blank) ++end;
    f(text.substr(i, end - i), blank);
    i = end;
  }
}

bool undo_leet(std::string& text) {
  size_t tokens = 0;
  size_t strong = 0;
  size_t letters_strong = 0;
  each_token(text, [&](std::string_view token, bool blank) {
    tokens += !blank;
    if (blank || token.size() < 3 || !mixes_leet(token)) return;
    const LeetToken leet = read_leet(token);
    if (!leet.mixed || !leet.word) return;
    ++strong;
    letters_strong = std::max(letters_strong, token.size());
  });
  if (strong < 2 && !(strong == 1 && letters_strong >= 6)) return false;
  const bool dense = strong * 4 >= tokens;
  std::string out;
  each_token(text, [&](std::string_view token, bool blank) {
    const LeetToken leet = blank ? LeetToken{} : read_leet(token);
    const bool use = !leet.text.empty() && (leet.mixed || (dense && leet.digits && leet.word));
    out += use ? std::string_view(leet.text) : token;
  });
  if (out == text) return false;
  text = std::move(out);
  return true;
}

// --- alphabets turned, texts turned round
// -----------------------------------------------------------------------------

std::string shifted(std::string_view text, int shift) {
  std::string out(text);
  for (char& c : out) {
    if (is_lower(c)) c = static_cast<char>('a' + (c - 'a' + shift) % 26);
  }
  return out;
}

std::string mirrored_alphabet(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (is_lower(c)) c = static_cast<char>('z' - (c - 'a'));
  }
  return out;
}

std::string turned_round(std::string_view text) {
  std::string out;
  for (size_t end = text.size(); end > 0;) {
    size_t begin = end - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
    out.append(text, begin, end - begin);
    end = begin;
  }
  return out;
}

std::string words_turned_round(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    const bool letter = is_lower(text[i]);
    while (end < text.size() && is_lower(text[end]) == letter) ++end;
    out += letter ? turned_round(text.substr(i, end - i)) : std::string(text.substr(i, end - i));
    i = end;
  }
  return out;
}

// The undone form of one stretch of text and how; empty when nothing reads better.
// `raw` is the stretch's own word_rate.
std::string undo_stretch(std::string_view stretch, const Language::Rate& raw, uint32_t& how) {
  const Language& language = Language::shipped();
  if (raw.letters < kSegmentLettersMin || raw.words > 0.5) return {};
  const double raw_pairs = language.pair_score(stretch);
  const auto better = [&](const std::string& candidate) {
    const double words = language.word_rate(candidate).words;
    return words >= 0.6 && words >= raw.words + kGain;
  };
  std::string reversed = turned_round(stretch);
  if (better(reversed)) {
    how |= kReversed;
    return reversed + "\n" + words_turned_round(stretch);
  }
  if (raw_pairs > kPlainPairs) return {};
  const Language::Pairs counted = language.count_pairs(stretch);
  int best_shift = 13;
  double best_pairs = language.shifted_pair_score(counted, 13) + 0.3;  // ROT13 is the usual one
  for (int shift = 1; shift < 26; ++shift) {
    const double pairs = language.shifted_pair_score(counted, shift);
    if (pairs > best_pairs) {
      best_pairs = pairs;
      best_shift = shift;
    }
  }
  for (std::string candidate : {shifted(stretch, best_shift), mirrored_alphabet(stretch)}) {
    if (better(candidate)) {
      how |= kRotated;
      return candidate;
    }
  }
  const std::string both = turned_round(shifted(stretch, 13));
  if (better(both)) {
    how |= kRotated | kReversed;
    return both;
  }
  return {};
}

// The part of `segment` from its first unknown word to its last: the plain words around a payload stay plain.
std::string_view unknown_part(std::string_view segment) {
  const Language& language = Language::shipped();
  size_t first = std::string_view::npos;
  size_t last = 0;
  for (size_t i = 0; i < segment.size();) {
    size_t end = i;
    while (end < segment.size() && is_lower(segment[end])) ++end;
    if (end == i) {
      ++i;
      continue;
    }
    if (!language.is_word(segment.substr(i, end - i))) {
      first = std::min(first, i);
      last = end;
    }
    i = end;
  }
  return first == std::string_view::npos ? std::string_view() : segment.substr(first, last - first);
}

constexpr std::array<bool, 256> kEndsSegment = [] {
  std::array<bool, 256> ends{};
  for (const unsigned char c : {'\n', ':', '"', '`'}) ends[c] = true;
  return ends;
}();

// word_rate of `part`, the unknown_part of `segment`, whose own rate is `whole`. Around it stand known words alone:
// what the part has is what is left, unless apostrophes make words of which only the beginning is known.
Language::Rate rate_of_part(std::string_view segment, std::string_view part, const Language::Rate& whole) {
  if (part.empty()) return {};
  if (segment.size() > Language::kLookedAt || segment.find('\'') != std::string_view::npos) {
    return Language::shipped().word_rate(part);
  }
  const auto begin = static_cast<size_t>(part.data() - segment.data());
  const auto letters = [](std::string_view text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), is_lower));
  };
  const size_t around = letters(segment.substr(0, begin)) + letters(segment.substr(begin + part.size()));
  Language::Rate rate{.letters = whole.letters - around, .known = whole.known - around};
  if (rate.letters > 0) rate.words = static_cast<double>(rate.known) / static_cast<double>(rate.letters);
  return rate;
}

uint32_t undo_rotation(std::string& text) {
  uint32_t how = 0;
  std::string out;
  size_t copied = 0;
  size_t tried = 0;
  for (size_t i = 0; i < text.size() && tried < kShiftBytesMax;) {
    size_t end = i;
    while (end < text.size() && !kEndsSegment[static_cast<unsigned char>(text[end])]) ++end;
    const std::string_view segment(text.data() + i, end - i);
    i = end + 1;
    const Language::Rate rate = Language::shipped().word_rate(segment);
    if (rate.letters < kSegmentLettersMin || rate.words >= 0.8) continue;
    tried += segment.size();
    std::string_view part = segment;
    std::string undone = undo_stretch(segment, rate, how);
    if (undone.empty()) {
      part = unknown_part(segment);
      if (part.size() < segment.size()) undone = undo_stretch(part, rate_of_part(segment, part, rate), how);
    }
    if (undone.empty()) continue;
    const auto begin = static_cast<size_t>(part.data() - text.data());
    out.append(text, copied, begin - copied);
    out += undone;
    copied = begin + part.size();
  }
  if (how == 0) return 0;
  out.append(text, copied);
  text = std::move(out);
  return how;
}

}  // namespace

uint32_t unscramble(std::string& text) {
  uint32_t found = 0;
  if (undo_spacing(text)) found |= kSpaced;
  TokenSigns signs = token_signs(text);
  const auto took = [&](bool undone, uint32_t bit) {
    if (!undone) return;
    found |= bit;
    signs = token_signs(text);
  };
  if (signs.joints) took(undo_joints(text), kSpaced);
  if (signs.leet) took(undo_leet(text), kLeet);
  if (signs.cuts) took(undo_cuts(text), kSpaced);
  return found | undo_rotation(text);
}

}  // namespace godseye::guard
