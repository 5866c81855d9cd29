#include "text/words.h"

#include "text/flat_map.h"
#include "utf8.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <godseye/base/hash.h>

namespace godseye::guard::text {

namespace {

constexpr std::string_view kStopWords =
    // English
    "a an the and or but if then than as at by for from in into of off on onto out over to up with without about "
    "after again all also am any are be been before being between both can could did do does doing down during each "
    "few had has have having he her here hers him his how i im ive id its it is just me more most my no nor not now "
    "only other our ours own same she should so some such that thats their them there these they this those through "
    "too under until very was we were what when where which while who whom why will would you your yours youre cant "
    "dont doesnt didnt isnt arent wasnt werent wont wouldnt couldnt shouldnt may might must shall us one because "
    "however therefore please yes there's get got let via per etc "
    // German
    "der die das den dem des ein eine einen einem einer eines und oder aber wenn als auch auf aus bei bis durch fur "
    "gegen hat haben ich ihr ihre ihnen im ist ja kann kein keine mit nach nicht noch nur ob ohne sehr sein sich sie "
    "sind so uber um unter vom von vor war was weil werden wie wir wird zu zum zur du er es man mehr dass diese dieser "
    "dieses "
    // French
    "le la les un une du et ou mais ne pas pour par sur dans avec sans ce cet cette ces est sont au aux je tu il elle "
    "nous vous ils elles que qui quoi dont plus votre vos notre nos mon ma mes son sa ses leur y en se si d l c n s j "
    // Spanish, Portuguese
    "el los las una unos unas y o pero con sin por para de del al es son esta este esto estos estas ser su sus lo le "
    "les mi tu nos que como mas muy ya no si ha han em um uma os as e ou mas com sem da do das dos na nos nas ao aos "
    "pelo pela seu sua seus nao sim foi ser tem "
    // Italian, Dutch
    "lo gli i uno ed ma non per con su da dal della delle dei di che chi cui piu sono essere ho hai abbiamo questo "
    "questa het een en of maar als dan dat die deze dit ik jij je u wij ze zij hij naar van voor met zonder op te om "
    "ook niet geen nog wel is zijn was waren bij door over uit tot";

FlatMap make_stop_words() {
  FlatMap map;
  for (size_t at = 0; at < kStopWords.size();) {
    const size_t end = std::min(kStopWords.find(' ', at), kStopWords.size());
    if (end > at) map.insert(word_hash(kStopWords.substr(at, end - at)), 1);
    at = end + 1;
  }
  return map;
}

const FlatMap& stop_words() {
  static const FlatMap map = make_stop_words();
  return map;
}

// Base letters of U+00C0 to U+017F, upper case as lower; '\1' to '\5' are written out below.
constexpr std::string_view kLatin =
    "aaaaaa\1ceeeeiiiidnooooo.ouuuuyt\2aaaaaa\1ceeeeiiiidnooooo.ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii\3\3jjkkklllllll"
    "lllnnnnnnnnnoooooo\4\4rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

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

bool is_abbreviation(std::string_view norm) {
  constexpr std::array<std::string_view, 24> kKnown = {"mr",  "mrs", "ms", "dr",  "prof", "st",  "no",     "nr",
                                                       "vs",  "eg",  "ie", "etc", "inc",  "ltd", "approx", "ca",
                                                       "bzw", "zb",  "jr", "sr",  "fig",  "art", "min",    "max"};
  return (norm.size() == 1 && norm[0] >= 'a') || std::find(kKnown.begin(), kKnown.end(), norm) != kKnown.end();
}

}  // namespace

uint64_t word_hash(std::string_view norm) { return base::hash64(norm); }

bool is_stop_word(std::string_view norm) { return stop_words().find(word_hash(norm)) != FlatMap::kNone; }

std::string_view stem_of(std::string_view norm, char (&buffer)[Words::kNormBytesMax]) {
  size_t size = std::min(norm.size(), sizeof buffer);
  std::memcpy(buffer, norm.data(), size);
  const auto ends = [&](std::string_view tail) {
    return size >= tail.size() + 3 && std::string_view(buffer, size).ends_with(tail);
  };
  if (ends("ies") && size > 5) {
    size -= 2;
  } else if (ends("ing") || ends("ied")) {
    size -= 3;
  } else if (ends("es") || ends("ed") || ends("ly")) {
    size -= 2;
  } else if (ends("s") && !ends("ss")) {
    size -= 1;
  }
  if (ends("e") || (ends("y") && size > 4)) --size;
  if (size > 3 && buffer[size - 1] == buffer[size - 2] && buffer[size - 1] >= 'a') --size;
  size = std::min<size_t>(size, 6);
  return {buffer, size};
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
    if (stop_words().find(word_.hash) != FlatMap::kNone) word_.flags |= Word::kStop;
    char buffer[Words::kNormBytesMax];
    const bool bare = (word_.flags & Word::kDigit) != 0;
    word_.stem = bare ? word_.hash : word_hash(stem_of(norm, buffer));
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
