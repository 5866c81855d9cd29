#include "fold.h"
#include "instructions.h"
#include "text/flat_map.h"
#include "utf8.h"

#include <algorithm>
#include <array>
#include <string>

#include <godseye/base/hash.h>
#include <godseye/guard/leak.h>

namespace godseye::guard {
namespace {

struct Word {
  uint64_t hash = 0;
  size_t start = 0;  // bytes of the text as it came in
  size_t end = 0;
};

constexpr std::array<bool, 128> kAsciiSeparator = [] {
  std::array<bool, 128> separator{};
  for (size_t c = 0; c < separator.size(); ++c) {
    separator[c] = !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
  }
  return separator;
}();

bool is_separator(char32_t c) {
  if (c < 0x80) return kAsciiSeparator[c];
  // General punctuation, spaces, CJK punctuation, fullwidth punctuation: what separates words in any script.
  return c == 0xA0 || c == 0xAB || c == 0xBB || (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x3003) ||
         c == 0xFEFF || c == 0xFFFD;
}

// Characters of scripts that write no spaces are words of their own.
bool stands_alone(char32_t c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0x0E00 && c <= 0x0E7F);
}

std::string folded(std::string_view text) {
  std::string out;
  FoldFacts facts;
  fold(text, out, facts);
  return out;
}

// Plain ASCII, as most texts are: folding is lower case, and every sign separates.
std::vector<Word> plain_words_of(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(c | (static_cast<uint8_t>(c - 'A') < 26 ? 0x20 : 0));
  const auto in_word = [&](size_t i) { return !is_separator(static_cast<unsigned char>(lower[i])); };
  std::vector<Word> out;
  out.reserve(text.size() / 5 + 4);
  for (size_t i = 0; i < lower.size();) {
    if (!in_word(i)) {
      ++i;
      continue;
    }
    const size_t start = i;
    while (i < lower.size() && in_word(i)) ++i;
    out.push_back({base::hash64(std::string_view(lower).substr(start, i - start)), start, i});
  }
  return out;
}

std::vector<Word> words_of(std::string_view text) {
  uint8_t all = 0;
  for (const char c : text) all |= static_cast<uint8_t>(c);
  if (all < 0x80) return plain_words_of(text);
  std::vector<Word> out;
  size_t start = 0;
  const auto finish = [&](size_t end) {
    if (end > start) out.push_back({base::hash64(folded(text.substr(start, end - start))), start, end});
  };
  for (size_t at = 0; at < text.size();) {
    const utf8::Decoded c = utf8::decode(text, at);
    const size_t next = at + c.length;
    if (is_separator(c.code_point)) {
      finish(at);
      start = next;
    } else if (stands_alone(c.code_point)) {
      finish(at);
      start = at;
      finish(next);
      start = next;
    }
    at = next;
  }
  finish(text.size());
  return out;
}

// Letters and digits of the folded text: separators, case and width cannot hide a canary.
std::string squeezed(std::string_view text) {
  const std::string plain = folded(text);
  std::string out;
  for (size_t at = 0; at < plain.size();) {
    const utf8::Decoded c = utf8::decode(plain, at);
    if (!is_separator(c.code_point)) out.append(plain, at, c.length);
    at += c.length;
  }
  return out;
}

std::string hex_of(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<uint8_t>(c) >> 4];
    out += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return out;
}

// What stands for `bytes` inside a longer base64 text when `offset` bytes come before it: whole groups only, so the
// first and last characters that mix with neighbours are left out.
std::string base64_core(std::string_view bytes, size_t offset) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const size_t skip = (3 - offset % 3) % 3;
  std::string out;
  for (size_t at = skip; at + 3 <= bytes.size(); at += 3) {
    const uint32_t group = static_cast<uint32_t>(static_cast<uint8_t>(bytes[at])) << 16 |
                           static_cast<uint32_t>(static_cast<uint8_t>(bytes[at + 1])) << 8 |
                           static_cast<uint8_t>(bytes[at + 2]);
    for (int shift = 18; shift >= 0; shift -= 6) out += kAlphabet[(group >> shift) & 63];
  }
  return out;
}

bool canary_came_out(std::string_view canary, std::string_view answer, const std::string& answer_squeezed) {
  const std::string plain = squeezed(canary);
  if (plain.size() < kCanaryCharactersMin) return false;
  const auto has = [&](const std::string& form) { return answer_squeezed.find(form) != std::string::npos; };
  const std::string reversed(plain.rbegin(), plain.rend());
  if (has(plain) || has(reversed) || has(hex_of(canary))) return true;
  for (size_t offset = 0; offset < 3; ++offset) {
    const std::string core = base64_core(canary, offset);
    if (core.size() >= 8 && answer.find(core) != std::string_view::npos) return true;
  }
  return false;
}

// Every run of `length` words of the prompt, by the hash of its words; the position of its first word.
text::FlatMap shingles_of(const std::vector<Word>& words, size_t length) {
  text::FlatMap out;
  out.reserve(words.size());
  for (size_t i = 0; i + length <= words.size(); ++i) {
    uint64_t hash = 0;
    for (size_t k = 0; k < length; ++k) hash = hash * 0x9E3779B97F4A7C15ull + words[i + k].hash;
    out.insert(hash, static_cast<uint32_t>(i));
  }
  return out;
}

// Rules out most words that a text does not have, by some bits of their hashes.
class WordFilter {
 public:
  explicit WordFilter(const std::vector<Word>& words) {
    for (const Word& word : words) bits_[word.hash / 64 % kBlocks] |= uint64_t{1} << word.hash % 64;
  }
  bool may_have(const Word& word) const { return (bits_[word.hash / 64 % kBlocks] >> word.hash % 64 & 1) != 0; }

 private:
  static constexpr size_t kBlocks = 64;
  std::array<uint64_t, kBlocks> bits_{};
};

struct Run {
  size_t first = 0;  // word of the answer
  size_t words = 0;
  size_t prompt_first = 0;
};

// Runs of at least `length` words that both have, the longest from each place on.
std::vector<Run> shared_runs(const std::vector<Word>& answer, const std::vector<Word>& prompt,
                             const WordFilter& in_prompt, size_t length) {
  std::vector<Run> out;
  if (length > answer.size() || length > prompt.size()) return out;
  const text::FlatMap shingles = shingles_of(prompt, length);
  for (size_t i = 0; i + length <= answer.size();) {
    uint64_t hash = 0;
    size_t k = 0;
    for (; k < length && in_prompt.may_have(answer[i + k]); ++k)
      hash = hash * 0x9E3779B97F4A7C15ull + answer[i + k].hash;
    if (k < length) {
      i += k + 1;  // no run has that word
      continue;
    }
    const uint32_t found = shingles.find(hash);
    if (found == text::FlatMap::kNone) {
      ++i;
      continue;
    }
    size_t run = length;
    while (i + run < answer.size() && found + run < prompt.size() && answer[i + run].hash == prompt[found + run].hash)
      ++run;
    out.push_back({i, run, found});
    i += run;
  }
  return out;
}

// For each word of the prompt whether it stands in an order to the assistant.
std::vector<bool> in_instructions(std::string_view prompt, const std::vector<Word>& words) {
  const text::Words cut(prompt);
  const std::vector<bool> orders = instruction_sentences(cut);
  std::vector<bool> out(words.size(), true);  // what was not read is not given away
  size_t sentence = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    while (sentence + 1 < orders.size() && cut.sentences()[sentence + 1].start <= words[i].start) ++sentence;
    if (sentence < orders.size() && words[i].start < cut.sentences()[sentence].end) out[i] = orders[sentence];
  }
  return out;
}

}  // namespace

LeakReport find_leaks(std::string_view answer, std::string_view system_prompt,
                      const std::vector<std::string_view>& canaries) {
  answer = answer.substr(0, utf8::floor_boundary(answer, kLeakTextBytesMax));
  system_prompt = system_prompt.substr(0, utf8::floor_boundary(system_prompt, kLeakTextBytesMax));
  LeakReport out;
  if (!canaries.empty()) {
    const std::string plain = squeezed(answer);
    for (size_t i = 0; i < canaries.size(); ++i) {
      if (canary_came_out(canaries[i], answer, plain)) out.canaries.push_back(i);
    }
  }
  const std::vector<Word> said = words_of(answer);
  const std::vector<Word> secret = words_of(system_prompt);
  const WordFilter in_secret(secret);
  for (size_t length = kLeakWordsMin; length >= 1 && out.longest_run == 0; length = length / 2) {
    for (const Run& run : shared_runs(said, secret, in_secret, length))
      out.longest_run = std::max(out.longest_run, run.words);
  }
  if (out.longest_run < kLeakWordsMin) {
    out.leaked = !out.canaries.empty();
    return out;
  }
  const std::vector<bool> orders = in_instructions(system_prompt, secret);
  std::vector<bool> leaked(secret.size());
  for (const Run& run : shared_runs(said, secret, in_secret, kLeakWordsMin)) {
    const auto first = orders.begin() + static_cast<ptrdiff_t>(run.prompt_first);
    const auto ordered = static_cast<size_t>(std::count(first, first + static_cast<ptrdiff_t>(run.words), true));
    if (ordered < kLeakWordsMin) {
      ++out.quoted_facts;
      continue;
    }
    std::fill_n(leaked.begin() + static_cast<ptrdiff_t>(run.prompt_first), run.words, true);
    if (out.passages.size() < kLeakPassagesMax)
      out.passages.push_back({said[run.first].start, said[run.first + run.words - 1].end, run.words});
  }
  if (!secret.empty())
    out.overlap =
        static_cast<double>(std::count(leaked.begin(), leaked.end(), true)) / static_cast<double>(secret.size());
  out.leaked = !out.canaries.empty() || !out.passages.empty();
  return out;
}

}  // namespace godseye::guard
