#include "fold.h"

#include "lookalikes.h"
#include "utf8.h"

#include <algorithm>
#include <array>
#include <string>

#include <godseye/base/assert.h>

#include <unicode/unorm2.h>

namespace godseye::guard {

namespace {

bool is_ascii_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_unicode_space(char32_t c) {
  return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000;
}
bool is_invisible(char32_t c) {
  return c == 0xAD || c == 0x34F || c == 0x61C || c == 0x115F || c == 0x1160 || c == 0x17B4 || c == 0x17B5 ||
         c == 0x180E || (c >= 0x200B && c <= 0x200F) || (c >= 0x2060 && c <= 0x206F) || c == 0x3164 || c == 0xFEFF ||
         c == 0xFFA0 || (c >= 0xFFF0 && c <= 0xFFFB);
}
bool is_mark(char32_t c) {
  return (c >= 0x300 && c <= 0x36F) || (c >= 0x483 && c <= 0x489) || (c >= 0x1AB0 && c <= 0x1AFF) ||
         (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20FF) || (c >= 0xFE20 && c <= 0xFE2F);
}
// Letters whose diacritics are dropped: Latin, Greek and Cyrillic blocks.
bool loses_marks(char32_t c) { return (c >= 0xC0 && c < 0x530) || (c >= 0x1E00 && c < 0x2000); }

struct Normalizers {
  const UNormalizer2* nfkc_fold;
  const UNormalizer2* nfd;
};

const Normalizers& normalizers() {
  static const Normalizers instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    Normalizers n{unorm2_getNFKCCasefoldInstance(&status), unorm2_getNFDInstance(&status)};
    GE_ASSERT(U_SUCCESS(status), "ICU carries its normalisation data");
    return n;
  }();
  return instance;
}

// First character of the canonical decomposition of `c`.
char32_t base_letter(char32_t c) {
  std::array<UChar, 8> buffer{};
  for (int depth = 0; depth < 3 && loses_marks(c); ++depth) {
    UErrorCode status = U_ZERO_ERROR;
    const int32_t length =
        unorm2_getDecomposition(normalizers().nfd, static_cast<UChar32>(c), buffer.data(), buffer.size(), &status);
    if (length <= 0 || U_FAILURE(status)) break;
    c = buffer[0];
  }
  return c;
}

void append_utf16(std::u16string& out, char32_t c) {
  if (c >= 0x10000) {
    out += static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10));
    out += static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF));
  } else {
    out += static_cast<char16_t>(c);
  }
}

class WordFolder {
 public:
  WordFolder(std::string& out, FoldFacts& facts, bool latin_text) : out_(out), facts_(facts), latin_text_(latin_text) {}

  void fold(std::string_view word) {
    wide_.clear();
    char32_t previous = 0;
    for (size_t i = 0; i < word.size();) {
      const utf8::Decoded decoded = utf8::decode(word, i);
      i += decoded.length;
      if (!decoded.valid) {
        ++facts_.invalid_bytes;
        append_utf16(wide_, 0xFFFD);
        continue;
      }
      take(decoded.code_point, previous);
      previous = decoded.code_point;
    }
    normalise();
    emit();
  }

 private:
  void take(char32_t c, char32_t previous) {
    if (c >= 0xE0020 && c <= 0xE007E) {
      ++facts_.tags;
      wide_ += static_cast<char16_t>(c - 0xE0000);
    } else if (c >= 0xE0100 && c <= 0xE01EF) {
      ++facts_.selectors;
    } else if ((c >= 0xE0000 && c <= 0xE007F) || (c >= 0xFE00 && c <= 0xFE0F)) {
      // language tag, cancel tag, variation selectors: nothing to see
    } else if (is_invisible(c)) {
      if (is_ascii_letter(previous)) ++facts_.invisibles;
    } else if ((c >= 0x202A && c <= 0x202E)) {
      if (c >= 0x202D) ++facts_.bidi_overrides;
    } else if (is_unicode_space(c) || c == 0x2028 || c == 0x2029 || c == 0x85) {
      wide_ += c == 0x2028 || c == 0x2029 || c == 0x85 ? u'\n' : u' ';
    } else if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
      ++facts_.controls;
    } else if (const char* ascii = always_ascii(c)) {
      if (c >= 0x1F000 || (c >= 0x250 && c < 0x2000)) ++facts_.styled;
      for (; *ascii != '\0'; ++ascii) wide_ += static_cast<char16_t>(*ascii);
    } else {
      if ((c >= 0x1D400 && c < 0x1D800) || (c >= 0xFF01 && c <= 0xFF5E) || (c >= 0x2460 && c < 0x2500)) ++facts_.styled;
      if (c < 0x80) {
        facts_.upper += c >= 'A' && c <= 'Z';
        facts_.letters += is_ascii_letter(c);
      }
      append_utf16(wide_, c);
    }
  }

  void normalise() {
    folded_.resize(wide_.size() * 2 + 32);
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = unorm2_normalize(normalizers().nfkc_fold, wide_.data(), static_cast<int32_t>(wide_.size()),
                                      folded_.data(), static_cast<int32_t>(folded_.size()), &status);
    if (status == U_BUFFER_OVERFLOW_ERROR) {
      folded_.resize(static_cast<size_t>(length));
      status = U_ZERO_ERROR;
      length = unorm2_normalize(normalizers().nfkc_fold, wide_.data(), static_cast<int32_t>(wide_.size()),
                                folded_.data(), static_cast<int32_t>(folded_.size()), &status);
    }
    folded_.resize(U_SUCCESS(status) && length > 0 ? static_cast<size_t>(length) : 0);
    points_.clear();
    for (size_t i = 0; i < folded_.size(); ++i) {
      char32_t c = folded_[i];
      if (c >= 0xD800 && c < 0xDC00 && i + 1 < folded_.size()) {
        c = 0x10000 + ((c - 0xD800) << 10) + (folded_[++i] - 0xDC00u);
      }
      if (is_mark(c)) continue;
      if (loses_marks(c)) c = base_letter(c);
      // Compatibility forms may unfold to characters that are read as ASCII.
      if (const char* ascii = c >= 0x80 ? always_ascii(c) : nullptr) {
        for (; *ascii != '\0'; ++ascii) points_ += static_cast<unsigned char>(*ascii);
      } else if (c >= 0x1F000 || (c >= 0x2190 && c < 0x2C00)) {
        points_ += U' ';  // pictures and symbols separate
      } else {
        points_ += c;
      }
    }
  }

  // Look-alikes are read as Latin in words that also have Latin letters, and in words of look-alikes alone when the
  // text around is Latin.
  void emit() {
    size_t latin = 0;
    size_t alike = 0;
    size_t other = 0;
    for (const char32_t c : points_) {
      if (is_ascii_letter(c)) {
        ++latin;
      } else if (looks_like(c) != '\0') {
        ++alike;
      } else if (c >= 0xC0) {
        ++other;
      }
    }
    const bool mixed = alike > 0 && ((latin > 0 && other <= latin) || (latin_text_ && other == 0));
    if (mixed) ++facts_.mixed_words;
    for (const char32_t c : points_) {
      const char ascii = mixed && c >= 0x80 ? looks_like(c) : '\0';
      utf8::append(out_, ascii != '\0' ? static_cast<unsigned char>(ascii) : c);
    }
  }

  std::string& out_;
  FoldFacts& facts_;
  bool latin_text_;
  std::u16string wide_;
  std::u16string folded_;
  std::u32string points_;
};

void fold_ascii(std::string_view word, std::string& out, FoldFacts& facts) {
  for (const char c : word) {
    if (c >= 'A' && c <= 'Z') {
      ++facts.upper;
      ++facts.letters;
      out += static_cast<char>(c + 32);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      ++facts.controls;
    } else {
      facts.letters += c >= 'a' && c <= 'z';
      out += c;
    }
  }
}

// More ASCII letters than other letters (each of which takes two bytes or more).
bool is_latin_text(std::string_view text) {
  size_t latin = 0;
  size_t high = 0;
  for (const char c : text) {
    latin += is_ascii_letter(static_cast<unsigned char>(c));
    high += static_cast<unsigned char>(c) >= 0x80;
  }
  return latin * 2 > high;
}

// Text of printable ASCII, line feeds and tabs, which nearly all text is: one pass that the compiler makes wide. False,
// and nothing written, if there is anything else.
bool fold_plain(std::string_view text, std::string& out, FoldFacts& facts) {
  uint8_t other = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool low = byte < 0x20;
    const bool line = (c == '\n') | (c == '\t');
    other |= static_cast<uint8_t>((low & !line) | (byte >= 0x7F));
  }
  if (other != 0) return false;
  const size_t begin = out.size();
  out.resize(begin + text.size());
  char* to = out.data() + begin;
  // Counted in bytes, added up before one can run over.
  constexpr size_t kPart = 255;
  for (size_t part = 0; part < text.size(); part += kPart) {
    const size_t end = std::min(text.size(), part + kPart);
    uint8_t upper = 0;
    uint8_t letters = 0;
    for (size_t i = part; i < end; ++i) {
      const auto c = static_cast<uint8_t>(text[i]);
      const bool is_upper = static_cast<uint8_t>(c - 'A') < 26;
      const auto lower = static_cast<uint8_t>(c | (is_upper ? 0x20 : 0));
      upper = static_cast<uint8_t>(upper + is_upper);
      letters = static_cast<uint8_t>(letters + (static_cast<uint8_t>(lower - 'a') < 26));
      to[i] = static_cast<char>(lower == '\t' ? ' ' : lower);
    }
    facts.upper += upper;
    facts.letters += letters;
  }
  return true;
}

}  // namespace

void fold(std::string_view text, std::string& out, FoldFacts& facts) {
  if (fold_plain(text, out, facts)) return;
  out.reserve(out.size() + text.size());
  WordFolder folder(out, facts, is_latin_text(text));
  for (size_t i = 0; i < text.size();) {
    if (is_space(text[i])) {
      out += text[i] == '\n' || text[i] == '\r' ? '\n' : ' ';
      i += text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n' ? 2 : 1;
      continue;
    }
    const size_t begin = i;
    bool ascii = true;
    for (; i < text.size() && !is_space(text[i]); ++i) ascii = ascii && static_cast<unsigned char>(text[i]) < 0x80;
    const std::string_view word = text.substr(begin, i - begin);
    if (ascii) {
      fold_ascii(word, out, facts);
    } else {
      folder.fold(word);
    }
  }
}

std::string collapse_space(std::string_view text) {
  const auto blank = [](char c) { return (c == ' ') | (c == '\n'); };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  uint8_t doubled = 0;
  for (size_t i = 1; i < text.size(); ++i) doubled |= static_cast<uint8_t>(blank(text[i]) & blank(text[i - 1]));
  if (doubled == 0) return std::string(text);
  std::string out;
  out.reserve(text.size());
  char pending = '\0';
  for (const char c : text) {
    if (c == ' ' || c == '\n') {
      if (pending != '\n') pending = c;
      continue;
    }
    if (pending != '\0' && !out.empty()) out += pending;
    pending = '\0';
    out += c;
  }
  return out;
}

}  // namespace godseye::guard
