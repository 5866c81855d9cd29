#include "pii/scan.h"
#include "pii/validate.h"
#include "pii/word_list.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace godseye::guard::pii {

namespace {

constexpr WordList kKeyWords(
    " key apikey api_key token secret password passwd pwd bearer authorization auth access_token secret_key "
    "client_secret access_key private_key "
    "credential credentials app_key appkey apitoken webhook ");
constexpr WordList kPassportWords(
    " passport passports passnummer reisepass pass passeport pasaporte passaporto passaporte paspoort paspoortnummer "
    "paszport paszportu pasaport pas passnr ");
constexpr WordList kIdWords(
    " dni nie nif nino ni insurance codice fiscale national identity id ausweis personalausweis driver license licence "
    "fuhrerschein ");

struct KeyShape {
  std::string_view prefix;
  size_t min;  // characters after the prefix
  size_t max;
  std::string_view more;  // allowed besides letters and digits
};
constexpr KeyShape kKeyShapes[] = {
    {"sk-proj-", 20, 200, "-_"},
    {"sk-ant-", 20, 200, "-_"},
    {"sk-or-", 20, 120, "-_"},
    {"sk_live_", 16, 120, ""},
    {"sk_test_", 16, 120, ""},
    {"rk_live_", 16, 120, ""},
    {"rk_test_", 16, 120, ""},
    {"pk_live_", 16, 120, ""},
    {"pk_test_", 16, 120, ""},
    {"whsec_", 16, 120, "+/="},
    {"sk-", 20, 200, "-_"},
    {"AKIA", 16, 16, ""},
    {"ASIA", 16, 16, ""},
    {"AIza", 30, 45, "-_"},
    {"ghp_", 30, 255, ""},
    {"gho_", 30, 255, ""},
    {"ghu_", 30, 255, ""},
    {"ghs_", 30, 255, ""},
    {"ghr_", 30, 255, ""},
    {"github_pat_", 20, 255, "_"},
    {"glpat-", 18, 64, "-_"},
    {"gldt-", 18, 64, "-_"},
    {"xoxb-", 10, 200, "-"},
    {"xoxp-", 10, 200, "-"},
    {"xoxa-", 10, 200, "-"},
    {"xoxr-", 10, 200, "-"},
    {"xoxs-", 10, 200, "-"},
    {"xapp-", 10, 200, "-"},
    {"hf_", 30, 60, ""},
    {"npm_", 30, 60, ""},
    {"pypi-", 50, 250, "-_"},
    {"SG.", 40, 90, "-_."},
    {"ya29.", 20, 250, "-_"},
    {"dop_v1_", 40, 80, ""},
    {"shpat_", 24, 64, ""},
    {"shpss_", 24, 64, ""},
    {"shpca_", 24, 64, ""},
    {"shppa_", 24, 64, ""},
    {"sq0atp-", 20, 40, "-_"},
    {"sq0csp-", 30, 60, "-_"},
    {"EAACEdEose0cBA", 10, 200, ""},
    {"key-", 32, 32, ""},
    {"dapi", 32, 34, "-"},
    {"r8_", 30, 50, ""},
    {"gsk_", 40, 60, ""},
    {"pplx-", 40, 60, ""},
    {"nvapi-", 40, 90, "-_"},
    {"lin_api_", 30, 60, ""},
    {"AGE-SECRET-KEY-1", 40, 70, ""},
    {"figd_", 30, 60, "-_"},
    {"PMAK-", 40, 80, "-"},
    {"secret_", 30, 60, ""},
    {"ntn_", 30, 60, ""},
    {"tfp_", 30, 60, "_"},
    {"sntrys_", 40, 200, "-_=+/"},
    {"vercel_", 20, 60, ""},
    {"AC", 32, 32, "#"},
    {"SK", 32, 32, "#"},
};

bool allowed(char c, std::string_view more) {
  return is_digit(c) || is_upper(c) || is_lower(c) || more.find(c) != std::string_view::npos;
}

constexpr size_t kTokenLookedAt = 40;  // characters of a token that decide what is tried
constexpr size_t kKeyCharsMin = 14;    // shortest key shape
constexpr size_t kAnnouncedKeyCharsMin = 20;

enum TokenKind : uint8_t { kTokenOther, kTokenDigit, kTokenBlank };
constexpr std::array<TokenKind, 256> kTokenKinds = [] {
  std::array<TokenKind, 256> kinds{};
  for (size_t c = '0'; c <= '9'; ++c) kinds[c] = kTokenDigit;
  kinds[' '] = kinds['\n'] = kTokenBlank;
  return kinds;
}();

double entropy(std::string_view text) {
  int counts[256] = {};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    const double p = count / static_cast<double>(text.size());
    bits -= p * std::log2(p);
  }
  return bits;
}

bool try_key_shape(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const std::string_view rest = std::string_view(text.chars).substr(at);
  for (const KeyShape& shape : kKeyShapes) {
    if (rest.front() != shape.prefix.front() || !rest.starts_with(shape.prefix)) continue;
    const bool hex_only = shape.more == "#";
    size_t end = shape.prefix.size();
    while (end < rest.size() && allowed(rest[end], hex_only ? "" : shape.more)) ++end;
    while (end > shape.prefix.size() && (rest[end - 1] == '-' || rest[end - 1] == '.' || rest[end - 1] == '_')) --end;
    const std::string_view body = rest.substr(shape.prefix.size(), end - shape.prefix.size());
    if (body.size() < shape.min || body.size() > shape.max || !is_varied(body, 7)) continue;
    if (hex_only && body.find_first_not_of("0123456789abcdef") != std::string_view::npos) continue;
    if (shape.prefix.size() == 4 && shape.max == 16 &&
        body.find_first_of("abcdefghijklmnopqrstuvwxyz") != std::string_view::npos)
      continue;
    // Product slugs ("sk-running-shoes-blue-size") have words, keys have digits or mixed case.
    const bool has_digit = body.find_first_of("0123456789") != std::string_view::npos;
    if (!has_digit && entropy(body) < 3.8) continue;
    out.push_back({PiiType::kApiKey, at, at + end, 0.97});
    return true;
  }
  return false;
}

// "eyJ....eyJ....signature"
bool try_json_web_token(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const std::string_view rest = std::string_view(text.chars).substr(at);
  if (!rest.starts_with("eyJ")) return false;
  size_t end = 0;
  int dots = 0;
  while (end < rest.size() && (allowed(rest[end], "-_") || (rest[end] == '.' && dots < 2))) dots += rest[end++] == '.';
  if (dots < 2 || end < 40) return false;
  out.push_back({PiiType::kApiKey, at, at + end, 0.97});
  return true;
}

bool try_private_key(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const std::string_view rest = std::string_view(text.chars).substr(at);
  if (!rest.starts_with("-----BEGIN ")) return false;
  const size_t label = rest.substr(0, 60).find("PRIVATE KEY");
  if (label == std::string_view::npos) return false;
  const size_t tail = rest.substr(0, 8192).find("-----END ");
  const size_t end = tail == std::string_view::npos ? std::min<size_t>(rest.size(), label + 11)
                                                    : std::min(rest.size(), rest.find("-----", tail + 9) + 5);
  out.push_back({PiiType::kApiKey, at, at + std::min(end, rest.size()), 0.98});
  return true;
}

// A long varied token right after "api_key=", "token:", "secret is", "Bearer".
void try_announced_key(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const std::string_view rest = std::string_view(text.chars).substr(at);
  size_t end = 0;
  while (end < rest.size() && end < 256 && allowed(rest[end], "-_.+/=~")) ++end;
  while (end > 0 && (rest[end - 1] == '.' || rest[end - 1] == '-')) --end;
  if (end < kAnnouncedKeyCharsMin) return;
  const std::string_view body = rest.substr(0, end);
  const bool digit = body.find_first_of("0123456789") != std::string_view::npos;
  const bool letter = std::any_of(body.begin(), body.end(), [](char c) { return is_upper(c) || is_lower(c); });
  if (!digit || !letter || entropy(body) < 3.2 || body.find("//") != std::string_view::npos) return;
  // The announcing word must stand directly before: within twelve characters, only "is", "=", ":" and quotes between.
  size_t i = at;
  while (i > 0 && at - i < 8 && !is_word_char(text.lower[i - 1]) && text.lower[i - 1] != '\n') --i;
  size_t start = i;
  while (start > 0 && (is_word_char(text.lower[start - 1]) || text.lower[start - 1] == '-')) --start;
  std::string word = text.lower.substr(start, i - start);
  if (word == "is" || word == "value") {
    i = start > 0 ? start - 1 : 0;
    start = i;
    while (start > 0 && is_word_char(text.lower[start - 1])) --start;
    word = text.lower.substr(start, i - start);
  }
  std::replace(word.begin(), word.end(), '-', '_');
  const bool announces = kKeyWords.has(word) || word.ends_with("_key") || word.ends_with("_token") ||
                         word.ends_with("_secret") || word.ends_with("apikey");
  if (announces && !word.empty()) out.push_back({PiiType::kApiKey, at, at + end, 0.85});
}

void try_iban(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const std::string& chars = text.chars;
  if (at + 15 > chars.size() || !is_letter(chars[at]) || !is_letter(chars[at + 1]) || chars[at] == kLetter ||
      chars[at + 1] == kLetter)
    return;
  std::string value;
  size_t end = at;
  size_t length = 0;
  for (size_t i = at; i < chars.size() && value.size() < 34; ++i) {
    const char c = chars[i];
    if (is_digit(c) || is_upper(c) || is_lower(c)) {
      value += is_lower(c) ? static_cast<char>(c - 32) : c;
      end = i + 1;
      if (value.size() == 2 && (length = iban_length(value)) == 0) return;
      if (value.size() == 4 && (!is_digit(value[2]) || !is_digit(value[3]))) return;
      if (value.size() == length) break;
    } else if ((c == ' ' || c == '-' || c == '.') && value.size() >= 2 && i + 1 < chars.size() &&
               is_word_char(chars[i + 1])) {
      continue;
    } else {
      break;
    }
  }
  const bool whole = end >= chars.size() || !is_word_char(chars[end]);
  if (value.size() == length && whole && is_iban(value)) out.push_back({PiiType::kIban, at, end, 0.98});
}

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

void try_ipv6(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const std::string& chars = text.chars;
  size_t groups = 0;
  size_t longest = 0;
  size_t i = at;
  bool gap = false;
  while (i < chars.size()) {
    const size_t start = i;
    while (i < chars.size() && is_hex(chars[i]) && i - start < 5) ++i;
    if (i - start > 4) return;
    if (i > start) {
      ++groups;
      longest = std::max(longest, i - start);
    }
    if (i + 1 < chars.size() && chars[i] == ':' && chars[i + 1] == ':') {
      if (gap) return;
      gap = true;
      i += 2;
      continue;
    }
    if (i > start && i + 1 < chars.size() && chars[i] == ':' && is_hex(chars[i + 1])) {
      ++i;
      continue;
    }
    break;
  }
  if (i < chars.size() && (is_word_char(chars[i]) || chars[i] == ':') &&
      !(chars[i] == ':' && (i + 1 >= chars.size() || chars[i + 1] == ' ')))
    return;
  if (!((groups == 8 && !gap) || (gap && groups >= 2 && groups < 8 && longest >= 3))) return;
  out.push_back({PiiType::kIpAddress, at, i, 0.9});
}

void try_passport(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const std::string& chars = text.chars;
  size_t end = at;
  size_t digits = 0;
  while (end < chars.size() && (is_upper(chars[end]) || is_digit(chars[end]))) digits += is_digit(chars[end++]);
  if (end < chars.size() && is_word_char(chars[end])) return;
  if (end - at < 6 || end - at > 9 || digits == 0) return;
  if (context_of(text, at, at, kPassportWords, kThingWords) == Context::kFor)
    out.push_back({PiiType::kPassport, at, end, 0.9});
}

void try_lettered_id(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const std::string& chars = text.chars;
  std::string value;
  size_t end = at;
  for (size_t i = at; i < chars.size() && value.size() < 17 && i - at < 24; ++i) {
    if (is_upper(chars[i]) || is_digit(chars[i])) {
      value += chars[i];
      end = i + 1;
      const bool whole = end >= chars.size() || !is_word_char(chars[end]);
      if (!whole || value.size() < 9) continue;
      const Context context = context_of(text, at, end, kIdWords, kThingWords);
      const bool announced = context == Context::kFor;
      if (is_italian_id(value)) out.push_back({PiiType::kNationalId, at, end, 0.95});
      if (context == Context::kAgainst) continue;
      if (is_spanish_id(value) && (announced || end - at == 9))
        out.push_back({PiiType::kNationalId, at, end, announced ? 0.95 : 0.7});
      if (is_british_id(value) && (announced || end - at == 13))
        out.push_back({PiiType::kNationalId, at, end, announced ? 0.95 : 0.7});
    } else if (!(chars[i] == ' ' || chars[i] == '-') || value.empty()) {
      break;
    }
  }
}

}  // namespace

void scan_code(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const std::string& chars = text.chars;
  const char before = at > 0 ? chars[at - 1] : ' ';
  if (chars[at] == '-') {
    try_private_key(text, at, out);
    return;
  }
  if (is_word_char(before)) return;
  // Most words are short and without digits: everything below is ruled out by a look at the token.
  size_t end = at;
  size_t first_digit = std::string::npos;
  const size_t limit = std::min(chars.size(), at + kTokenLookedAt);
  while (end < limit && kTokenKinds[static_cast<uint8_t>(chars[end])] == kTokenOther) ++end;
  if (end < limit && kTokenKinds[static_cast<uint8_t>(chars[end])] == kTokenDigit) {
    first_digit = end - at;
    while (end < limit && kTokenKinds[static_cast<uint8_t>(chars[end])] != kTokenBlank) ++end;
  }
  if (end - at >= kKeyCharsMin && (try_key_shape(text, at, out) || try_json_web_token(text, at, out))) return;
  if (end - at >= kAnnouncedKeyCharsMin) try_announced_key(text, at, out);
  if (first_digit == 2) try_iban(text, at, out);
  if (is_hex(chars[at]) && before != ':' && before != '.' && end - at >= 5 &&
      std::string_view(chars).substr(at, 5).find(':') != std::string_view::npos)
    try_ipv6(text, at, out);
  if (is_upper(chars[at]) || is_digit(chars[at])) {
    if (first_digit != std::string::npos) try_passport(text, at, out);
    if (is_digit(chars[at]) || first_digit <= 6 ||
        (end - at == 2 && end + 1 < chars.size() && is_digit(chars[end + 1])))
      try_lettered_id(text, at, out);
  }
}

}  // namespace godseye::guard::pii
