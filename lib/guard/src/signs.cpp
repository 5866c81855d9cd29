#include "signs.h"

#include <array>
#include <cstdint>

namespace godseye::guard {

namespace {

using Table = std::array<uint8_t, 256>;

constexpr uint8_t kBase64Run = 1;
constexpr uint8_t kHexRun = 2;
constexpr uint8_t kCodeRun = 4;
constexpr uint8_t kMorseRun = 8;

constexpr void mark(Table& table, std::string_view characters, uint8_t bit) {
  for (const char c : characters) table[static_cast<unsigned char>(c)] |= bit;
}

// What can stand inside a run of each encoding.
constexpr Table kRuns = [] {
  Table table{};
  for (char c = 'a'; c <= 'z'; ++c) mark(table, {&c, 1}, kBase64Run);
  for (char c = 'A'; c <= 'Z'; ++c) mark(table, {&c, 1}, kBase64Run);
  mark(table, "0123456789", kBase64Run | kHexRun | kCodeRun);
  mark(table, "+-/_", kBase64Run);
  mark(table, "abcdefABCDEFxX :,-", kHexRun);
  mark(table, " ,;", kCodeRun);
  mark(table, ".- /|\n", kMorseRun);
  return table;
}();

// Whether `length` positions in a row are `in`. A run that long covers every length-th position, so most are skipped.
template <typename In>
bool has_run(size_t size, size_t length, In in) {
  for (size_t i = length - 1; i < size;) {
    if (!in(i)) {
      i += length;
      continue;
    }
    size_t begin = i;
    while (begin > 0 && i - begin < length && in(begin - 1)) --begin;
    size_t end = i + 1;
    while (end < size && end - begin < length && in(end)) ++end;
    if (end - begin >= length) return true;
    i = end + length;  // `end` is outside: the next run covers this one
  }
  return false;
}

constexpr uint8_t kBlank = 1;
constexpr uint8_t kJoint = 2;
constexpr uint8_t kCut = 4;
constexpr uint8_t kStandIn = 8;

constexpr Table kTokens = [] {
  Table table{};
  mark(table, " \n", kBlank);
  mark(table, "._-*~|+,", kJoint);
  mark(table, "-.*_~`", kCut);
  mark(table, "01|!34@5$697+82(", kStandIn);
  return table;
}();

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

EncodingSigns encoding_signs(std::string_view text) {
  const auto run = [&](uint8_t bit, size_t length) {
    return has_run(text.size(), length,
                   [&](size_t i) { return (kRuns[static_cast<unsigned char>(text[i])] & bit) != 0; });
  };
  EncodingSigns signs;
  signs.escapes = text.find('&') != std::string_view::npos || text.find('\\') != std::string_view::npos;
  signs.url = text.find('%') != std::string_view::npos;
  signs.base64 = run(kBase64Run, kBase64CharsMin);
  signs.hex = run(kHexRun, kHexDigitsMin);
  signs.codes = run(kCodeRun, 3 * kCodesMin - 1);  // two digits each, a sign between
  signs.morse = run(kMorseRun, 2 * kCodesMin - 1);
  return signs;
}

// A stretch in which no two characters touch that are neither blanks nor joints. The bytes of one character touch.
bool may_be_spaced(std::string_view text) {
  const auto solid = [&](size_t i) {
    return (kTokens[static_cast<unsigned char>(text[i])] & (kBlank | kJoint)) == 0 && text[i] != '/';
  };
  const auto apart = [&](size_t i) {
    return i > 0 && (!solid(i) || !solid(i - 1) || (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80);
  };
  return has_run(text.size(), 2 * kSpacedLettersMin - 2, apart);
}

bool mixes_leet(std::string_view token) {
  constexpr std::string_view kAfter = ".,?:;\"')!";
  constexpr std::string_view kBefore = "\"'(";
  while (!token.empty() && kAfter.find(token.back()) != std::string_view::npos) token.remove_suffix(1);
  while (!token.empty() && kBefore.find(token.front()) != std::string_view::npos) token.remove_prefix(1);
  bool letter = false;
  bool stand_in = false;
  for (const char c : token) {
    letter = letter || is_lower(c);
    stand_in = stand_in || (kTokens[static_cast<unsigned char>(c)] & kStandIn) != 0;
  }
  return letter && stand_in;
}

TokenSigns token_signs(std::string_view text) {
  TokenSigns signs;
  size_t joints = 0;
  size_t spaces = 0;
  size_t begin = 0;
  bool stand_in = false;
  const auto close = [&](size_t end) {
    signs.cuts = signs.cuts || end - begin >= kJoinedLettersMin;
    if (stand_in && !signs.leet) signs.leet = mixes_leet(text.substr(begin, end - begin));
    stand_in = false;
    begin = end + 1;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const uint8_t kind = kTokens[static_cast<unsigned char>(text[i])];
    if (kind == 0) continue;
    if (kind == kBlank) {
      ++spaces;
      close(i);
      continue;
    }
    stand_in = stand_in || (kind & kStandIn) != 0;
    if (i == begin || i + 1 >= text.size()) continue;
    joints += (kind & kJoint) != 0 && is_lower(text[i - 1]) && is_lower(text[i + 1]);
    signs.cuts = signs.cuts || ((kind & kCut) != 0 && text[i + 1] != ' ' && text[i + 1] != '\n');
  }
  close(text.size());
  signs.joints = joints >= kJointsMin && joints >= spaces * 2;
  return signs;
}

}  // namespace godseye::guard
