#include "decode.h"

#include "fold.h"
#include "language.h"
#include "signs.h"
#include "utf8.h"
#include "views.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

// Every decoder below is one pass that copies `text` and replaces accepted runs. Short runs are not worth a decoder:
// below the minima a payload has no room for an instruction.
namespace godseye::guard {

namespace {

constexpr size_t kDecodedLettersMin = 6;
constexpr double kWordRateMin = 0.55;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// Does the decoded text read as language, or does it once its own disguise is undone?
bool reads(const std::string& decoded, int depth) {
  if (readable_rate(decoded) < 0.95) return false;
  FoldFacts facts;
  std::string folded;
  fold(decoded, folded, facts);
  const Language::Rate rate = Language::shipped().word_rate(folded);
  if (rate.letters >= kDecodedLettersMin && rate.words >= kWordRateMin) return true;
  size_t high = 0;
  for (const char c : decoded) high += static_cast<unsigned char>(c) >= 0x80;
  if (high * 2 > decoded.size() && high >= 12) return true;  // valid UTF-8 of another script does not happen by chance
  if (depth <= 0) return false;
  std::string inner = decoded;
  if (decode_runs(inner) != 0) return true;
  return unscramble(folded) != 0;
}

std::string decode_base64(std::string_view digits) {
  std::string out;
  out.reserve(digits.size() * 3 / 4);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : digits) {
    const int value = base64_value(c);
    if (value < 0) continue;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 0xFF);
    }
  }
  return out;
}

// End of the run of base64 digits from `at`; single line breaks between full lines belong to it.
size_t base64_end(std::string_view text, size_t at) {
  size_t i = at;
  size_t line = 0;
  while (i < text.size()) {
    if (base64_value(text[i]) >= 0) {
      ++line;
      ++i;
    } else if (line >= 60 && text[i] == '\n' && i + 1 < text.size() && base64_value(text[i + 1]) >= 0) {
      line = 0;
      ++i;
    } else {
      break;
    }
  }
  return i;
}

bool undo_base64(std::string& text, int depth) {
  std::string out;
  size_t copied = 0;
  bool found = false;
  for (size_t i = 0; i < text.size();) {
    if (base64_value(text[i]) < 0) {
      ++i;
      continue;
    }
    const size_t end = base64_end(text, i);
    const std::string_view run(text.data() + i, end - i);
    bool accepted = false;
    if (run.size() >= kBase64CharsMin) {
      // The first bytes tell pictures and keys from text before the rest is decoded.
      if (readable_rate(decode_base64(run.substr(0, 24)).substr(0, 15)) >= 0.9) {
        std::string decoded = decode_base64(run);
        decoded.resize(utf8::floor_boundary(decoded, decoded.size()));
        if (reads(decoded, depth)) {
          out.append(text, copied, i - copied);
          out += decoded;
          accepted = true;
        }
      }
    }
    i = end;
    while (accepted && i < text.size() && text[i] == '=') ++i;
    if (accepted) copied = i;
    found = found || accepted;
  }
  if (!found) return false;
  out.append(text, copied);
  text = std::move(out);
  return true;
}

// Pairs of hex digits, together or separated by one of " :,-", with or without 0x before each.
bool undo_hex(std::string& text, int depth) {
  std::string out;
  bool found = false;
  for (size_t i = 0; i < text.size();) {
    if (hex_value(text[i]) < 0 || (i > 0 && is_alnum(text[i - 1]) && text[i - 1] != 'x')) {
      out += text[i++];
      continue;
    }
    std::string decoded;
    size_t end = i;
    for (size_t at = i; at + 1 < text.size();) {
      if (text[at] == '0' && (text[at + 1] == 'x' || text[at + 1] == 'X')) at += 2;
      if (at + 1 >= text.size() || hex_value(text[at]) < 0 || hex_value(text[at + 1]) < 0) break;
      decoded += static_cast<char>(hex_value(text[at]) * 16 + hex_value(text[at + 1]));
      end = at + 2;
      at = end;
      if (at < text.size() && std::strchr(" :,-", text[at]) != nullptr) ++at;
    }
    const bool whole = end >= text.size() || !is_alnum(text[end]);
    if (whole && decoded.size() * 2 >= kHexDigitsMin && reads(decoded, depth)) {
      if (out.size() >= 2 && out.ends_with("0x")) out.resize(out.size() - 2);
      out += decoded;
      found = true;
      i = end;
    } else {
      const size_t skip = std::max(end, i + 1);
      out.append(text, i, skip - i);
      i = skip;
    }
  }
  if (found) text = std::move(out);
  return found;
}

bool undo_url(std::string& text) {
  std::string out;
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
      ++count;
    } else {
      out += text[i];
    }
  }
  if (count < 2) return false;
  text = std::move(out);
  return true;
}

// One HTML entity or backslash escape at `at`: its length in the text, 0 if there is none; the character in `c`.
size_t escape_at(std::string_view text, size_t at, char32_t& c) {
  constexpr struct {
    std::string_view name;
    char32_t c;
  } kEntities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&nbsp;", ' '}};
  const std::string_view rest = text.substr(at, 12);
  if (rest[0] == '&') {
    for (const auto& entity : kEntities) {
      if (rest.starts_with(entity.name)) return c = entity.c, entity.name.size();
    }
    if (rest.size() < 4 || rest[1] != '#') return 0;
    const bool hex = rest[2] == 'x' || rest[2] == 'X';
    c = 0;
    size_t i = hex ? 3 : 2;
    for (; i < rest.size() && hex_value(rest[i]) >= 0 && (hex || rest[i] <= '9') && c < 0x11000; ++i) {
      c = c * (hex ? 16 : 10) + static_cast<char32_t>(hex_value(rest[i]));
    }
    return i < rest.size() && rest[i] == ';' ? i + 1 : 0;
  }
  if (rest.size() < 4 || (rest[1] != 'u' && rest[1] != 'x')) return 0;
  const size_t digits = rest[1] == 'u' ? 4 : 2;
  if (rest.size() < 2 + digits) return 0;
  c = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (hex_value(rest[2 + i]) < 0) return 0;
    c = c * 16 + static_cast<char32_t>(hex_value(rest[2 + i]));
  }
  return 2 + digits;
}

bool undo_escapes(std::string& text) {
  std::string out;
  size_t count = 0;
  for (size_t i = 0; i < text.size();) {
    char32_t c = 0;
    const size_t length = text[i] == '&' || text[i] == '\\' ? escape_at(text, i, c) : 0;
    if (length == 0) {
      out += text[i++];
    } else {
      utf8::append(out, c == 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? 0xFFFD : c);
      i += length;
      ++count;
    }
  }
  if (count < 2) return false;
  text = std::move(out);
  return true;
}

// "73 103 110 111 114 101" and "01001001 01100111".
bool undo_codes(std::string& text, int depth) {
  std::string out;
  bool found = false;
  for (size_t i = 0; i < text.size();) {
    if (text[i] < '0' || text[i] > '9' || (i > 0 && is_alnum(text[i - 1]))) {
      out += text[i++];
      continue;
    }
    std::string decoded;
    size_t end = i;
    for (size_t at = i; at < text.size();) {
      size_t stop = at;
      while (stop < text.size() && text[stop] >= '0' && text[stop] <= '9') ++stop;
      const std::string_view digits(text.data() + at, stop - at);
      int value = 0;
      const bool binary = digits.size() == 8 && digits.find_first_not_of("01") == std::string_view::npos;
      if (!binary && (digits.empty() || digits.size() > 3)) break;
      for (const char c : digits) value = value * (binary ? 2 : 10) + (c - '0');
      if ((value < 32 && value != 10) || value > 126) break;
      decoded += static_cast<char>(value);
      end = stop;
      at = stop;
      while (at < text.size() && (text[at] == ' ' || text[at] == ',' || text[at] == ';')) ++at;
      if (at == stop) break;
    }
    if (decoded.size() >= kCodesMin && reads(decoded, depth)) {
      out += decoded;
      found = true;
      i = end;
    } else {
      size_t skip = i;
      while (skip < text.size() && text[skip] >= '0' && text[skip] <= '9') ++skip;
      out.append(text, i, skip - i);
      i = skip;
    }
  }
  if (found) text = std::move(out);
  return found;
}

constexpr std::array<std::string_view, 36> kMorse = {
    ".-",   "-...", "-.-.",  "-..",   ".",     "..-.",  "--.",   "....",  "..",    ".---",  "-.-",   ".-..",
    "--",   "-.",   "---",   ".--.",  "--.-",  ".-.",   "...",   "-",     "..-",   "...-",  ".--",   "-..-",
    "-.--", "--..", "-----", ".----", "..---", "...--", "....-", ".....", "-....", "--...", "---..", "----."};

bool undo_morse(std::string& text) {
  std::string decoded;
  size_t symbols = 0;
  size_t first = std::string::npos;
  size_t last = 0;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && (text[end] == '.' || text[end] == '-')) ++end;
    if (end == i) {
      if (text[i] == '/' || text[i] == '|' || text[i] == '\n') decoded += ' ';
      if (symbols > 0 && text[i] != ' ' && text[i] != '/' && text[i] != '|' && text[i] != '\n') {
        if (symbols >= kCodesMin) break;
        symbols = 0;
        decoded.clear();
        first = std::string::npos;
      }
      ++i;
      continue;
    }
    const auto* letter = std::find(kMorse.begin(), kMorse.end(), std::string_view(text).substr(i, end - i));
    if (letter != kMorse.end()) {
      const auto index = letter - kMorse.begin();
      decoded += static_cast<char>(index < 26 ? 'a' + index : '0' + (index - 26));
      if (first == std::string::npos) first = i;
      last = end;
      ++symbols;
    }
    i = end;
  }
  if (symbols < kCodesMin) return false;
  const Language::Rate rate = Language::shipped().word_rate(decoded);
  if (rate.letters < kDecodedLettersMin || rate.words < kWordRateMin) return false;
  text.replace(first, last - first, decoded);
  return true;
}

uint32_t decode_once(std::string& text, int depth) {
  uint32_t found = 0;
  EncodingSigns signs = encoding_signs(text);
  const auto took = [&](bool undone, uint32_t bit) {
    if (!undone) return;
    found |= bit;
    signs = encoding_signs(text);
  };
  if (signs.escapes) took(undo_escapes(text), kEscapes);
  if (signs.url) took(undo_url(text), kUrl);
  if (signs.base64) took(undo_base64(text, depth), kBase64);
  if (signs.hex) took(undo_hex(text, depth), kHex);
  if (signs.codes) took(undo_codes(text, depth), kCodes);
  if (signs.morse) took(undo_morse(text), kCodes);
  return found;
}

thread_local int nesting = 0;  // of decode_runs within itself, by way of `reads`

}  // namespace

uint32_t decode_runs(std::string& text) {
  if (nesting >= kDecodeDepthMax) return 0;
  ++nesting;
  uint32_t found = 0;
  for (int depth = kDecodeDepthMax - nesting; depth >= 0; --depth) {
    const uint32_t bits = decode_once(text, depth);
    found |= bits;
    if (bits == 0) break;
  }
  --nesting;
  return found;
}

}  // namespace godseye::guard
