#include "answer/token_pieces.h"
#include "answer/token_weights.h"
#include "language.h"
#include "utf8.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <godseye/guard/tokens.h>

namespace godseye::guard {

namespace answer {

namespace {

enum class Class : uint8_t {
  kLetter,
  kAccented,
  kCyrillic,
  kHan,
  kKana,
  kScript,
  kDigit,
  kSpace,
  kSign,
  kSymbol,
  kEmoji,
  kBad
};

Class class_of(const utf8::Decoded& decoded) {
  const char32_t c = decoded.code_point;
  if (!decoded.valid) return Class::kBad;
  if (c < 0x80) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Class::kLetter;
    if (c >= '0' && c <= '9') return Class::kDigit;
    return c <= ' ' ? Class::kSpace : Class::kSign;
  }
  if (c >= 0x10000) return c >= 0x20000 && c <= 0x3FFFF ? Class::kHan : Class::kEmoji;
  if (c < 0xC0 || c == 0xD7 || c == 0xF7) return Class::kSymbol;
  if (c < 0x250 || (c >= 0x1E00 && c < 0x1F00)) return Class::kAccented;
  if (c >= 0x370 && c < 0x530) return Class::kCyrillic;
  if (c >= 0x2000 && c < 0x2C00) return Class::kSymbol;
  if ((c >= 0x3400 && c < 0xA000) || (c >= 0xF900 && c < 0xFB00)) return Class::kHan;
  if ((c >= 0x3040 && c < 0x3100) || (c >= 0xAC00 && c < 0xD7B0)) return Class::kKana;
  if ((c >= 0x3000 && c < 0x3040) || (c >= 0xFF00 && c < 0xFFF0)) return Class::kSymbol;
  return Class::kScript;
}

bool is_word(Class one) { return one == Class::kLetter || one == Class::kAccented; }

// Counts one word of Latin letters, text[begin, end).
void count_word(std::string_view word, bool accented, size_t letters, PieceCounts& counts) {
  bool capital = false;
  for (size_t i = 0; i < word.size(); ++i) {
    const bool upper = word[i] >= 'A' && word[i] <= 'Z';
    capital = capital || upper;
    counts[kMixedCase] += upper && i > 0 && word[i - 1] >= 'a' && word[i - 1] <= 'z';
  }
  counts[kCapitalWords] += capital;
  const auto beyond = [&](size_t first) { return static_cast<double>(letters > first ? letters - first : 0); };
  if (accented) {
    counts[kAccentedWords] += 1;
    counts[kAccentedLetters] += beyond(3);
    return;
  }
  char lower[16];
  if (word.size() <= sizeof lower) {
    for (size_t i = 0; i < word.size(); ++i) lower[i] = static_cast<char>(word[i] | 0x20);
    if (word.size() <= 2 || Language::shipped().is_word({lower, word.size()})) {
      counts[kKnownWords] += 1;
      return;
    }
  }
  counts[kOtherWords] += 1;
  counts[kOtherLetters] += beyond(4);
  counts[kLongLetters] += beyond(9);
}

}  // namespace

PieceCounts count_pieces(std::string_view text) {
  PieceCounts counts{};
  for (size_t at = 0; at < text.size();) {
    const utf8::Decoded first = utf8::decode(text, at);
    const Class kind = class_of(first);
    // The run of characters that belong together.
    size_t end = at + first.length;
    size_t characters = 1;
    bool accented = kind == Class::kAccented;
    while (end < text.size()) {
      const utf8::Decoded next = utf8::decode(text, end);
      const Class next_kind = class_of(next);
      if (is_word(kind) ? !is_word(next_kind) : next_kind != kind) break;
      accented = accented || next_kind == Class::kAccented;
      end += next.length;
      ++characters;
    }
    const auto n = static_cast<double>(characters);
    const std::string_view run = text.substr(at, end - at);
    switch (kind) {
      case Class::kLetter:
      case Class::kAccented:
        count_word(run, accented, characters, counts);
        break;
      case Class::kDigit:
        counts[kDigits] += n;
        counts[kDigitGroups] += std::ceil(n / 3);
        break;
      case Class::kSpace:
        // One space goes with the word behind it.
        if (run.find('\n') != std::string_view::npos)
          counts[kLineBreaks] += 1;
        else if (characters > 1 || run != " ")
          counts[kSpaces] += 1;
        break;
      case Class::kSign:
        counts[kSigns] += 1;
        counts[kSignExtras] += n - 1;
        break;
      case Class::kCyrillic:
        counts[kCyrillic] += n;
        break;
      case Class::kHan:
        counts[kHan] += n;
        break;
      case Class::kKana:
        counts[kKana] += n;
        break;
      case Class::kScript:
        counts[kOtherScripts] += n;
        break;
      case Class::kSymbol:
        counts[kSymbols] += n;
        break;
      case Class::kEmoji:
        counts[kEmoji] += n;
        break;
      case Class::kBad:
        counts[kBadBytes] += n;
        break;
    }
    at = end;
  }
  return counts;
}

}  // namespace answer

std::string_view token_family_name(TokenFamily family) {
  constexpr std::array<std::string_view, kTokenFamilies> kNames = {"gpt",   "gpt-old", "claude", "gemini",
                                                                   "llama", "mistral", "other"};
  return kNames[static_cast<size_t>(family) % kTokenFamilies];
}

TokenFamily token_family(std::string_view model) {
  std::string name(model.substr(0, 256));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  if (has("claude") || has("anthropic")) return TokenFamily::kClaude;
  if (has("gemini") || has("gemma") || has("palm")) return TokenFamily::kGemini;
  if (has("mistral") || has("mixtral") || has("llama-2") || has("llama2") || has("codestral") || has("ministral"))
    return TokenFamily::kMistral;
  if (has("llama")) return TokenFamily::kLlama;
  const bool open_ai = has("gpt") || has("davinci") || has("embedding-3") || has("embedding-ada") || has("chatgpt");
  if (has("gpt-4o") || has("gpt-4.1") || has("gpt-4.5") || has("gpt-5") || has("gpt-oss") || has("chatgpt-4o"))
    return TokenFamily::kGpt;
  if (open_ai && (has("gpt-4") || has("gpt-3") || has("gpt-35") || has("embedding") || has("davinci")))
    return TokenFamily::kGptOld;
  if (open_ai) return TokenFamily::kGpt;
  // "o1", "o3-mini", "openai/o4": the letter stands alone.
  const size_t slash = name.rfind('/');
  const std::string_view base = std::string_view(name).substr(slash == std::string::npos ? 0 : slash + 1);
  if (base.size() >= 2 && base[0] == 'o' && base[1] >= '1' && base[1] <= '9' && (base.size() == 2 || base[2] == '-'))
    return TokenFamily::kGpt;
  return TokenFamily::kOther;
}

uint64_t estimate_tokens(std::string_view text, TokenFamily family) {
  if (text.empty()) return 0;
  const answer::PieceCounts counts = answer::count_pieces(text);
  const auto& weights = answer::kTokenWeights[static_cast<size_t>(family) % kTokenFamilies];
  double sum = 0;
  for (size_t i = 0; i < counts.size(); ++i) sum += counts[i] * weights[i];
  return std::max<uint64_t>(1, static_cast<uint64_t>(std::llround(sum)));
}

uint64_t estimate_tokens(std::string_view text, std::string_view model) {
  return estimate_tokens(text, token_family(model));
}

double token_error(TokenFamily family) { return answer::kTokenErrors[static_cast<size_t>(family) % kTokenFamilies]; }

}  // namespace godseye::guard
