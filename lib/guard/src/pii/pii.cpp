#include "pii/scan.h"
#include "utf8.h"

#include <algorithm>
#include <array>

#include <godseye/guard/pii.h>

namespace godseye::guard {

namespace {

using pii::Candidate;
using pii::PlainText;

constexpr size_t kPieceBytes = 64 * 1024;  // memory is bounded by scanning in pieces
constexpr size_t kPieceOverlap = 512;      // longest entity that is found across a cut
constexpr size_t kKeptBytes = 16 * 1024;   // of scratch memory, by thread

// Lower wins between candidates of one length and confidence: the one with the stricter check.
int priority(PiiType type) {
  switch (type) {
    case PiiType::kApiKey:
      return 0;
    case PiiType::kIban:
      return 1;
    case PiiType::kCreditCard:
      return 2;
    case PiiType::kEmail:
      return 3;
    case PiiType::kUsSsn:
      return 4;
    case PiiType::kPassport:
      return 5;
    case PiiType::kNationalId:
      return 6;
    case PiiType::kIpAddress:
      return 7;
    case PiiType::kDateOfBirth:
      return 8;
    case PiiType::kAddress:
      return 9;
    case PiiType::kPhone:
      return 10;
    case PiiType::kPerson:
      return 11;
  }
  return 12;
}

constexpr size_t kNumberWithin = 64;  // characters from the start of an address to its number

// What a character may begin. Nothing begins inside a word.
enum Kind : uint8_t { kNothing, kWordLetter, kWordDigit, kWordOther, kMailSign, kPlus, kDash };
constexpr std::array<Kind, 256> kKinds = [] {
  std::array<Kind, 256> kinds{};
  for (size_t i = 0; i < kinds.size(); ++i) {
    const char c = static_cast<char>(i);
    if (pii::is_letter(c)) kinds[i] = kWordLetter;
    if (pii::is_digit(c)) kinds[i] = kWordDigit;
    if (c == '_') kinds[i] = kWordOther;
    if (c == '@' || c == '[' || c == '(' || c == '{' || c == '<') kinds[i] = kMailSign;
    if (c == '+') kinds[i] = kPlus;
    if (c == '-') kinds[i] = kDash;
  }
  return kinds;
}();
Kind kind_of(char c) { return kKinds[static_cast<uint8_t>(c)]; }
constexpr std::array<bool, 256> kInWord = [] {
  std::array<bool, 256> in{};
  for (size_t i = 0; i < in.size(); ++i)
    in[i] = kKinds[i] == kWordLetter || kKinds[i] == kWordDigit || kKinds[i] == kWordOther;
  return in;
}();
bool in_word(char c) { return kInWord[static_cast<uint8_t>(c)]; }

void scan(const PlainText& text, std::vector<Candidate>& out) {
  const std::string& chars = text.chars;
  size_t digit = 0;  // the first digit from here on: addresses and dates in words need one near
  for (size_t i = 0; i < chars.size(); ++i) {
    const Kind kind = kind_of(chars[i]);
    if (kind == kNothing) continue;
    if (kind == kMailSign) {
      pii::scan_email(text, i, out);
      continue;
    }
    if (kind == kPlus) {
      pii::scan_number(text, i, out);
      continue;
    }
    if (kind == kDash) {
      if (chars.compare(i, 5, "-----") == 0) pii::scan_code(text, i, out);
      continue;
    }
    if (kind == kWordDigit) {
      pii::scan_number(text, i, out);
      pii::scan_code(text, i, out);
      pii::scan_birth_date(text, i, out);
      pii::scan_address(text, i, out);
    } else if (kind == kWordLetter) {
      for (digit = std::max(digit, i); digit < chars.size() && kind_of(chars[digit]) != kWordDigit;) ++digit;
      pii::scan_code(text, i, out);
      pii::scan_words(text, i, out);
      if (digit - i < kNumberWithin && digit < chars.size()) {
        pii::scan_birth_date(text, i, out);
        pii::scan_address(text, i, out);
      }
      if (text.lower[i] == 'a' && text.lower.compare(i, 3, "at ") == 0) pii::scan_email(text, i, out);
    }
    while (i + 1 < chars.size() && in_word(chars[i + 1])) ++i;
  }
}

// Longest first, then surer, then stricter; what overlaps a chosen one goes.
std::vector<Candidate> without_overlaps(std::vector<Candidate>& found) {
  std::sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
    const bool a_checked = a.confidence >= 0.95;
    const bool b_checked = b.confidence >= 0.95;
    if (a_checked != b_checked) return a_checked;
    const size_t a_length = a.end - a.begin;
    const size_t b_length = b.end - b.begin;
    if (a_length != b_length) return a_length > b_length;
    if (a.confidence != b.confidence) return a.confidence > b.confidence;
    if (priority(a.type) != priority(b.type)) return priority(a.type) < priority(b.type);
    return a.begin < b.begin;
  });
  // Kept ones by start, so that each check is a binary search.
  std::vector<Candidate> kept;
  for (const Candidate& candidate : found) {
    const auto after = std::lower_bound(kept.begin(), kept.end(), candidate.begin,
                                        [](const Candidate& k, size_t begin) { return k.begin < begin; });
    if (after != kept.end() && after->begin < candidate.end) continue;
    if (after != kept.begin() && std::prev(after)->end > candidate.begin) continue;
    kept.insert(after, candidate);
  }
  return kept;
}

}  // namespace

std::string_view pii_type_name(PiiType type) {
  constexpr std::string_view kNames[] = {"EMAIL",    "PHONE",       "CREDIT_CARD",   "IBAN",
                                         "US_SSN",   "NATIONAL_ID", "IP_ADDRESS",    "ADDRESS",
                                         "PASSPORT", "API_KEY",     "DATE_OF_BIRTH", "PERSON"};
  return kNames[static_cast<size_t>(type)];
}

std::vector<PiiEntity> find_pii(std::string_view text) {
  text = text.substr(0, utf8::floor_boundary(text, kPiiTextBytesMax));
  std::vector<PiiEntity> entities;
  thread_local PlainText plain;
  thread_local std::vector<Candidate> found;
  size_t done = 0;  // entities that begin before this byte were reported by an earlier piece
  for (size_t at = 0; at < text.size() && entities.size() < kPiiEntitiesMax;) {
    const std::string_view piece = text.substr(at, utf8::floor_boundary(text.substr(at), kPieceBytes));
    const bool last = at + piece.size() >= text.size();
    pii::plain_text(piece, plain);
    found.clear();
    scan(plain, found);
    const size_t step = last ? piece.size() : utf8::floor_boundary(piece, piece.size() - kPieceOverlap);
    size_t next_done = at + step;
    for (const Candidate& candidate : without_overlaps(found)) {
      const size_t start = at + plain.start_of(candidate.begin);
      const size_t end = at + plain.end_of(candidate.end - 1);
      if (start < done || start >= at + step || entities.size() >= kPiiEntitiesMax) continue;
      entities.push_back({candidate.type, start, end, candidate.confidence});
      next_done = std::max(next_done, end);
    }
    done = next_done;
    at += step;
  }
  // The memory of an ordinary text is kept for the next one.
  if (plain.chars.capacity() > kKeptBytes) plain = PlainText();
  return entities;
}

std::string redact(std::string_view text, const std::vector<PiiEntity>& entities) {
  std::string out;
  size_t at = 0;
  for (const PiiEntity& entity : entities) {
    if (entity.start < at || entity.end > text.size() || entity.end <= entity.start) continue;
    out += text.substr(at, entity.start - at);
    out += '[';
    out += pii_type_name(entity.type);
    out += ']';
    at = entity.end;
  }
  out += text.substr(at);
  return out;
}

}  // namespace godseye::guard
