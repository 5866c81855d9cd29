#include "text/words.h"

#include "utf8.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <godseye/base/hash.h>

namespace godseye::guard::text {

namespace {

// Base letters of U+00C0 to U+017F, upper case as lower; '\1' to '\5' are written out below.
constexpr std::string_view kLatin =
    "aaaaaa\1ceeeeiiiidnooooo.ouuuuyt\2aaaaaa\1ceeeeiiiidnooooo.ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii\3\3jjkkklllllll"
    "lllnnnnnnnnnoooooo\4\4rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

// ASCII letters and digits by kind; 0 for everything else.
constexpr uint8_t kPlainLower = 1;
constexpr uint8_t kPlainUpper = 2;
constexpr uint8_t kPlainDigit = 4;
constexpr std::array<uint8_t, 256> kPlainKind = [] {
  std::array<uint8_t, 256> kinds{};
  for (size_t c = 0; c < 128; ++c) {
    if (c >= 'a' && c <= 'z') kinds[c] = kPlainLower;
    if (c >= 'A' && c <= 'Z') kinds[c] = kPlainUpper;
    if (c >= '0' && c <= '9') kinds[c] = kPlainDigit;
  }
  return kinds;
}();

struct Letter {
  char32_t lower = 0;  // 0: not part of a word
  bool upper = false;
  bool digit = false;
  bool alone = false;  // a word of its own
};

bool is_sign(char32_t c) {
  return (c >= 0x2000 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3004) || (c >= 0x3008 && c <= 0x3020) ||
         (c >= 0xFE10 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF0F) || (c >= 0xFF1A && c <= 0xFF20) ||
         (c >= 0xFF3B && c <= 0xFF40) || (c >= 0xFF5B && c <= 0xFF65) || (c >= 0xE000 && c <= 0xF8FF) ||
         (c >= 0x1F000 && c <= 0x1FAFF) || c >= 0xE0000 || c == 0xFFFD || (c >= 0x80 && c < 0xC0) || c == 0xD7 ||
         c == 0xF7 || c == 0x060C || c == 0x061B || c == 0x061F || c == 0x0964 || c == 0x0965;
}

bool is_invisible(char32_t c) {
  return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) ||
         c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0000 && c <= 0xE01EF) || (c >= 0x300 && c <= 0x36F);
}

Letter classify(char32_t c) {
  if (c < 0x80) {
    if (c >= 'a' && c <= 'z') return {c, false, false, false};
    if (c >= 'A' && c <= 'Z') return {c + 32, true, false, false};
    if (c >= '0' && c <= '9') return {c, false, true, false};
    return {};
  }
  if (c >= 0xFF10 && c <= 0xFF19) return {c - 0xFF10 + '0', false, true, false};
  if (c >= 0xFF21 && c <= 0xFF3A) return {c - 0xFF21 + 'a', true, false, false};
  if (c >= 0xFF41 && c <= 0xFF5A) return {c - 0xFF41 + 'a', false, false, false};
  if (c >= 0x660 && c <= 0x669) return {c - 0x660 + '0', false, true, false};
  if (is_sign(c)) return {};
  if (c >= 0xC0 && c <= 0xDE) return {c, true, false, false};
  if (c >= 0x100 && c <= 0x17F) return {c, (c % 2 == 0) == (c < 0x139 || (c > 0x148 && c < 0x179)), false, false};
  if (c >= 0x391 && c <= 0x3A9) return {c + 32, true, false, false};
  if (c >= 0x410 && c <= 0x42F) return {c + 32, true, false, false};
  if (c >= 0x400 && c <= 0x40F) return {c + 80, true, false, false};
  if ((c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) || (c >= 0x20000 && c <= 0x3FFFF))
    return {c, false, false, true};
  return {c, false, false, false};
}

void append_folded(std::string& out, char32_t c) {
  if (c >= 0xC0 && c <= 0x17F && c - 0xC0 < kLatin.size()) {
    const char base = kLatin[c - 0xC0];
    switch (base) {
      case '\1':
        out += "ae";
        return;
      case '\2':
        out += "ss";
        return;
      case '\3':
        out += "ij";
        return;
      case '\4':
        out += "oe";
        return;
      case '.':
        return;
      default:
        out += base;
        return;
    }
  }
  utf8::append(out, c);
}

// A word of up to eight bytes as a number.
constexpr uint64_t packed(std::string_view word) {
  uint64_t out = 0;
  for (const char c : word) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

bool is_abbreviation(std::string_view norm) {
  constexpr size_t kBytesMax = 6;
  static constexpr std::array<uint64_t, 24> kKnown = {
      packed("mr"),  packed("mrs"), packed("ms"),     packed("dr"),  packed("prof"), packed("st"),
      packed("no"),  packed("nr"),  packed("vs"),     packed("eg"),  packed("ie"),   packed("etc"),
      packed("inc"), packed("ltd"), packed("approx"), packed("ca"),  packed("bzw"),  packed("zb"),
      packed("jr"),  packed("sr"),  packed("fig"),    packed("art"), packed("min"),  packed("max")};
  if (norm.size() > kBytesMax) return false;
  return (norm.size() == 1 && norm[0] >= 'a') || std::find(kKnown.begin(), kKnown.end(), packed(norm)) != kKnown.end();
}

}  // namespace

uint64_t word_hash(std::string_view norm) { return base::hash64(norm); }

std::string_view stem_of(std::string_view norm) {
  size_t size = std::min(norm.size(), Words::kNormBytesMax);
  // An ending counts when three letters stand before it.
  const auto ends = [&](std::string_view tail) {
    return size >= tail.size() + 3 && norm[size - 1] == tail.back() &&
           (tail.size() < 2 || norm[size - 2] == tail[tail.size() - 2]) &&
           (tail.size() < 3 || norm[size - 3] == tail[tail.size() - 3]);
  };
  if (ends("ies")) {
    size -= 2;
  } else if (ends("ing") || ends("ied")) {
    size -= 3;
  } else if (ends("es") || ends("ed") || ends("ly")) {
    size -= 2;
  } else if (ends("s") && !ends("ss")) {
    size -= 1;
  }
  if (ends("e") || (ends("y") && size > 4)) --size;
  if (size > 3 && norm[size - 1] == norm[size - 2] && norm[size - 1] >= 'a') --size;
  return norm.substr(0, std::min<size_t>(size, 6));
}

// Walks the bytes once; keeps the word being read and what was seen since the last one.
class Cutter {
 public:
  explicit Cutter(Words& out) : out_(out), text_(out.text_) {}

  void run() {
    out_.words_.reserve(text_.size() / 6 + 4);
    out_.norms_.reserve(text_.size() + 8);
    size_t at = 0;
    while (at < text_.size() && out_.words_.size() < Words::kWordsMax) {
      const auto byte = static_cast<unsigned char>(text_[at]);
      if (kPlainKind[byte] != 0) {
        at = add_plain(at);
        continue;
      }
      if (byte == ' ') {  // the usual thing between two words
        if (open_) finish_word(at);
        gap_ = std::max(gap_, Gap::kSpace);
        ++at;
        continue;
      }
      const utf8::Decoded decoded = byte < 0x80 ? utf8::Decoded{byte, 1, true} : utf8::decode(text_, at);
      take(decoded.valid ? decoded.code_point : U' ', at, decoded.length);
      at += decoded.length;
    }
    finish_word(at);
    end_sentence(at);
  }

 private:
  void take(char32_t c, size_t at, size_t length) {
    if (is_invisible(c)) return;
    const Letter letter = classify(c);
    if (letter.lower != 0) {
      if (letter.alone) finish_word(at);
      add(letter, at, at + length);
      if (letter.alone) finish_word(at + length);
      return;
    }
    if (open_) {
      // "don't", "49.99", "1,299": one word.
      const char next = at + length < text_.size() ? text_[at + length] : ' ';
      const bool apostrophe = c == '\'' || c == 0x2019;
      if (apostrophe && (word_.flags & Word::kLetter) != 0 && classify(static_cast<unsigned char>(next)).lower != 0 &&
          static_cast<unsigned char>(next) < 0x80) {
        apostrophe_at_ = out_.norms_.size();
        return;
      }
      if ((c == '.' || c == ',') && last_digit_ && next >= '0' && next <= '9') {
        out_.norms_ += static_cast<char>(c);
        last_digit_ = false;
        return;
      }
      finish_word(at);
    }
    between(c, at, length);
  }

  void add(const Letter& letter, size_t at, size_t end) {
    if (!open_) start_word(at);
    if (out_.norms_.size() - word_.norm_at < Words::kNormBytesMax - 4) append_folded(out_.norms_, letter.lower);
    last_digit_ = letter.digit;
    word_.flags |= letter.digit ? Word::kDigit : Word::kLetter;
    if (letter.alone) word_.flags |= Word::kScript;
    if (letter.upper) ++uppers_;
    if (!letter.digit) ++letters_;
    if (letter.upper && letters_ == 1) word_.flags |= Word::kCapital;
    word_.end = static_cast<uint32_t>(end);
  }

  // The ASCII letters and digits from `at` on: what `add` does with each, in one go.
  size_t add_plain(size_t at) {
    if (!open_) start_word(at);
    uint8_t seen = 0;
    uint8_t kind = 0;
    size_t end = at;
    for (; end < text_.size() && (kind = kPlainKind[static_cast<unsigned char>(text_[end])]) != 0; ++end) seen |= kind;
    const std::string_view run = text_.substr(at, end - at);
    append_norm(run, (seen & kPlainUpper) != 0);
    if ((seen & ~kPlainLower) == 0) {
      letters_ += static_cast<uint32_t>(run.size());
    } else {
      count_letters(run);
    }
    last_digit_ = kPlainKind[static_cast<unsigned char>(run.back())] == kPlainDigit;
    if ((seen & kPlainDigit) != 0) word_.flags |= Word::kDigit;
    if ((seen & (kPlainLower | kPlainUpper)) != 0) word_.flags |= Word::kLetter;
    word_.end = static_cast<uint32_t>(end);
    return end;
  }

  void count_letters(std::string_view run) {
    for (const char c : run) {
      const uint8_t kind = kPlainKind[static_cast<unsigned char>(c)];
      if (kind == kPlainUpper) ++uppers_;
      if (kind != kPlainDigit && ++letters_ == 1 && kind == kPlainUpper) word_.flags |= Word::kCapital;
    }
  }

  // As much as there is room for, in lower case.
  void append_norm(std::string_view run, bool has_upper) {
    std::string& norms = out_.norms_;
    const size_t begin = norms.size();
    const size_t room_end = word_.norm_at + Words::kNormBytesMax - 4;
    if (begin >= room_end) return;
    norms.append(run.substr(0, room_end - begin));
    if (!has_upper) return;
    for (size_t i = begin; i < norms.size(); ++i) {
      if (kPlainKind[static_cast<unsigned char>(norms[i])] == kPlainUpper) norms[i] |= 0x20;
    }
  }

  void start_word(size_t at) {
    open_ = true;
    word_ = Word();
    word_.start = static_cast<uint32_t>(at);
    word_.end = word_.start;
    word_.norm_at = static_cast<uint32_t>(out_.norms_.size());
    uppers_ = letters_ = 0;
    apostrophe_at_ = 0;
    // A sign that may end a sentence does so before a capital, a digit, another script or a new line.
    if (stop_ != 0 && gap_ >= Gap::kSpace) {
      const bool lower = text_[at] >= 'a' && text_[at] <= 'z';
      if (!lower || gap_ == Gap::kLine || stop_ != '.') gap_ = std::max(gap_, Gap::kSentence);
    }
    if (out_.words_.empty()) gap_ = Gap::kLine;
    if (gap_ >= Gap::kSentence)
      end_sentence(stop_ != 0 ? stop_end_ : (out_.words_.empty() ? 0 : out_.words_.back().end));
    word_.gap = gap_;
    if (hyphen_ && gap_ == Gap::kTight) word_.flags |= Word::kHyphen;
    word_.sentence = static_cast<uint32_t>(out_.sentences_.size());
    gap_ = Gap::kTight;
    stop_ = 0;
    hyphen_ = false;
    newlines_ = 0;
  }

  void finish_word(size_t) {
    if (!open_) return;
    open_ = false;
    std::string& norms = out_.norms_;
    // "lamp's" is about a lamp.
    if (apostrophe_at_ != 0 && norms.size() == apostrophe_at_ + 1 && norms.back() == 's') norms.pop_back();
    word_.norm_size = static_cast<uint8_t>(norms.size() - word_.norm_at);
    if (letters_ >= 2 && uppers_ == letters_) word_.flags |= Word::kUpper;
    const std::string_view norm = std::string_view(norms).substr(word_.norm_at);
    word_.hash = word_hash(norm);
    word_.classes = word_classes(word_.hash);
    if ((word_.classes & kStopWord) != 0) word_.flags |= Word::kStop;
    word_.stem = word_.hash;
    if ((word_.flags & Word::kDigit) == 0) {
      const std::string_view stem = stem_of(norm);
      if (stem.size() != norm.size()) word_.stem = word_hash(stem);
    }
    out_.words_.push_back(word_);
  }

  void between(char32_t c, size_t at, size_t length) {
    const auto raise = [&](Gap gap) { gap_ = std::max(gap_, gap); };
    switch (c) {
      case '\n':
      case 0x2028:
      case 0x2029:
        // A wrapped line goes on in lower case; anything else starts anew.
        ++newlines_;
        if (newlines_ > 1 || !continues_after(at + length)) raise(Gap::kLine);
        raise(Gap::kSpace);
        return;
      case ' ':
      case '\t':
      case '\r':
      case 0xA0:
      case 0x202F:
      case 0x3000:
        raise(Gap::kSpace);
        return;
      case '.':
      case '!':
      case '?':
      case 0x2026:
      case 0x3002:
      case 0xFF01:
      case 0xFF1F:
      case 0x061F:
      case 0x0964:
        if (c == '.' && !out_.words_.empty() && is_abbreviation(out_.norm(out_.words_.back()))) return;
        if (stop_ == 0 || stop_ == ':')
          stop_ = c == '!' || c == 0xFF01 ? '!' : (c == '?' || c == 0xFF1F || c == 0x061F) ? '?' : '.';
        stop_end_ = at + length;
        if (c >= 0x2026) raise(Gap::kSentence);
        return;
      case '-':
      case '_':
      case 0x2010:
      case 0x2011:
        if (gap_ == Gap::kTight)
          hyphen_ = true;
        else
          raise(Gap::kSign);
        return;
      case '&':
      case '+':
      case '/':
      case '\'':
        return;
      default:
        raise(Gap::kSign);
    }
  }

  // True when the text after a line feed goes on with a small letter.
  bool continues_after(size_t at) const {
    while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
    return at < text_.size() && text_[at] >= 'a' && text_[at] <= 'z';
  }

  void end_sentence(size_t end) {
    const size_t first = out_.sentences_.empty() ? 0 : out_.sentences_.back().last;
    if (first == out_.words_.size()) return;
    Sentence sentence;
    sentence.first = static_cast<uint32_t>(first);
    sentence.last = static_cast<uint32_t>(out_.words_.size());
    sentence.start = out_.words_[first].start;
    sentence.end = static_cast<uint32_t>(std::max<size_t>(end, out_.words_.back().end));
    sentence.close = stop_;
    out_.sentences_.push_back(sentence);
  }

  Words& out_;
  std::string_view text_;
  Word word_;
  Gap gap_ = Gap::kLine;
  bool open_ = false;
  bool last_digit_ = false;
  bool hyphen_ = false;
  char stop_ = 0;
  size_t stop_end_ = 0;
  size_t apostrophe_at_ = 0;
  uint32_t uppers_ = 0;
  uint32_t letters_ = 0;
  uint32_t newlines_ = 0;
};

Words::Words(std::string_view text) : text_(text.substr(0, UINT32_MAX / 2)) { Cutter(*this).run(); }

}  // namespace godseye::guard::text
