#include "language.h"
#include "pii/scan.h"
#include "pii/word_list.h"

#include <algorithm>

namespace godseye::guard::pii {

namespace {

constexpr size_t kLocalMax = 64;
constexpr WordList kMailWords(
    " mail email e-mail write contact reach mailto address me send adresse correo courriel posta adres poczta ");
constexpr WordList kFileEndings(
    " png jpg jpeg gif webp svg css js ts py cpp html htm json xml pdf zip txt md exe dll so csv mp3 mp4 ");
constexpr WordList kPlaceholderLocals(
    " name user username you your youremail your.email email example firstname firstname.lastname someone somebody "
    "local ");
constexpr WordList kPlaceholderDomains(
    " domain email company yourdomain yourcompany mail website site server provider host ");

constexpr WordList kNoWords("");

bool in_list(const WordList& list, std::string_view word) { return list.has(word); }

bool is_local_char(char c) {
  return is_digit(c) || is_upper(c) || is_lower(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-' ||
         c == '\'' || c == kLetter;
}

size_t local_start(const PlainText& text, size_t end) {
  size_t start = end;
  while (start > 0 && end - start < kLocalMax && is_local_char(text.chars[start - 1])) --start;
  while (start < end && !is_digit(text.chars[start]) && !is_letter(text.chars[start])) ++start;
  return start;
}

// A stretch of `text` that stands for `sign` ("." or "@"): its end, or `at` when there is none.
size_t read_sign(const PlainText& text, size_t at, std::string_view sign, std::string_view word) {
  const std::string_view lower = text.lower;
  size_t i = at;
  while (i < lower.size() && lower[i] == ' ' && i - at < 2) ++i;
  const bool spaced = i > at;
  const char open = i < lower.size() ? lower[i] : ' ';
  const bool bracket = open == '[' || open == '(' || open == '{' || open == '<';
  if (bracket) ++i;
  if (bracket && i < lower.size() && lower[i] == ' ') ++i;
  if (lower.substr(i).starts_with(word) &&
      (bracket || (spaced && i + word.size() < lower.size() && lower[i + word.size()] == ' '))) {
    i += word.size();
  } else if (lower.substr(i).starts_with(sign) && (bracket || spaced || sign == "@" || sign == ".")) {
    i += sign.size();
  } else {
    return at;
  }
  if (bracket) {
    if (i < lower.size() && lower[i] == ' ') ++i;
    if (i >= lower.size() || (lower[i] != ']' && lower[i] != ')' && lower[i] != '}' && lower[i] != '>')) return at;
    ++i;
  }
  if (spaced || bracket) {
    while (i < lower.size() && lower[i] == ' ' && i - at < 10) ++i;
  }
  return i;
}

struct Domain {
  size_t end = 0;  // 0: none
  std::string name;
  std::string top;
  size_t labels = 0;
};

Domain read_domain(const PlainText& text, size_t at, bool disguised) {
  Domain out;
  size_t i = at;
  while (out.labels < 6) {
    const size_t start = i;
    while (i < text.lower.size() &&
           (is_digit(text.lower[i]) || is_lower(text.lower[i]) || text.lower[i] == kLetter ||
            (text.lower[i] == '-' && i > start)) &&
           i - start < 64)
      ++i;
    if (i == start) break;
    std::string label = text.lower.substr(start, i - start);
    const bool letters = std::all_of(label.begin(), label.end(), [](char c) { return is_lower(c) || c == kLetter; });
    ++out.labels;
    if (out.labels == 1) out.name = label;
    // A later label that can be a top-level domain ends the address so far.
    if (out.labels >= 2 && (letters || label.starts_with("xn--")) && label.size() >= 2 && label.size() <= 18) {
      out.end = i;
      out.top = label;
    }
    const size_t next =
        disguised ? read_sign(text, i, ".", "dot") : (i < text.lower.size() && text.lower[i] == '.' ? i + 1 : i);
    if (next == i) break;
    if (disguised && out.end != 0 && next - i == 2 && text.lower[i] == '.') break;  // a full stop and a new sentence
    i = next;
  }
  return out;
}

bool is_placeholder(std::string_view local, const Domain& domain) {
  return in_list(kPlaceholderLocals, local) && (in_list(kPlaceholderDomains, domain.name) || domain.name == "example");
}

}  // namespace

void scan_email(const PlainText& text, size_t at, std::vector<Candidate>& out) {
  const char sign = text.chars[at];
  if (sign == '@') {
    const size_t begin = local_start(text, at);
    if (begin < at && text.chars[at - 1] != '.') {
      const Domain domain = read_domain(text, at + 1, false);
      const bool file = domain.labels == 2 && in_list(kFileEndings, domain.top) && (is_digit(domain.name[0]));
      if (domain.end != 0 && !file && !is_placeholder(std::string_view(text.lower).substr(begin, at - begin), domain)) {
        out.push_back({PiiType::kEmail, begin, domain.end, 0.98});
        return;
      }
    }
  }
  // "name at host dot com", "name[at]host(dot)com", "name @ host . com"
  size_t local_end = at;
  if (sign != '@' && at + 2 < text.lower.size() && text.lower.compare(at, 2, "at") != 0 && sign != '[' && sign != '(' &&
      sign != '{' && sign != '<')
    return;
  while (local_end > 0 && text.chars[local_end - 1] == ' ' && at - local_end < 2) --local_end;
  const size_t begin = local_start(text, local_end);
  if (begin >= local_end) return;
  const size_t domain_at = read_sign(text, local_end, "@", "at");
  if (domain_at == local_end) return;
  const Domain domain = read_domain(text, domain_at, true);
  if (domain.end == 0 || in_list(kFileEndings, domain.top)) return;
  std::string local = text.lower.substr(begin, local_end - begin);
  if (is_placeholder(local, domain)) return;
  const bool spelled = text.lower.substr(domain_at, domain.end - domain_at).find("dot") != std::string::npos;
  const bool bracketed =
      text.chars[at] == '[' || text.chars[at] == '(' || text.chars[at] == '{' || text.chars[at] == '<';
  const bool plain_word = Language::shipped().is_word(local);
  if (!bracketed && !(spelled || sign == '@')) return;
  if (plain_word && !bracketed && context_of(text, begin, domain.end, kMailWords, kNoWords) != Context::kFor) return;
  out.push_back({PiiType::kEmail, begin, domain.end, plain_word ? 0.6 : 0.85});
}

}  // namespace godseye::guard::pii
