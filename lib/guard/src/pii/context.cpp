#include "pii/scan.h"

namespace godseye::guard::pii {

namespace {

constexpr size_t kBefore = 60;
constexpr size_t kAfter = 30;
constexpr std::string_view kFillers =
    " number no nr num id is was are the a my our your of with ends ending number's # code n numbers nummer numero ist "
    "est es ";

bool listed(std::string_view list, std::string_view word) {
  if (word.empty()) return false;
  for (size_t at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
    if (at > 0 && list[at - 1] == ' ' && at + word.size() < list.size() && list[at + word.size()] == ' ') return true;
  }
  return false;
}

}  // namespace

const std::string_view kThingWords =
    " order orders tracking sku ean isbn upc gtin item items ref reference invoice ticket version serial model product "
    "article part label "
    "release build firmware size sizes range price total code voucher coupon gift batch lot case parcel shipment "
    "bestellung artikel commande "
    "pedido ordine zamowienie sendungsnummer bestellnummer imei asin tracker transaction quantity qty section chapter "
    "page pages ";

Context context_of(const PlainText& text, size_t begin, size_t end, std::string_view words, std::string_view against) {
  const std::string_view lower = text.lower;
  const size_t from = begin > kBefore ? begin - kBefore : 0;
  bool direct = true;  // only fillers so far
  size_t i = begin;
  while (i > from) {
    size_t stop = i;
    while (stop > from && !is_word_char(lower[stop - 1])) {
      const char c = lower[stop - 1];
      if (c == '\n' || c == ';' || c == '!' || c == '?') direct = false;
      --stop;
    }
    size_t start = stop;
    while (start > from && is_word_char(lower[start - 1])) --start;
    if (start == stop) break;
    const std::string_view word = lower.substr(start, stop - start);
    if (listed(words, word)) return Context::kFor;
    if (direct && listed(against, word)) return Context::kAgainst;
    direct = direct && (listed(kFillers, word) || listed(against, word));
    i = start;
  }
  const size_t limit = std::min(lower.size(), end + kAfter);
  for (i = end; i < limit;) {
    while (i < limit && !is_word_char(lower[i])) {
      if (lower[i] == '\n' || lower[i] == ';') return Context::kNone;
      ++i;
    }
    const size_t start = i;
    while (i < limit && is_word_char(lower[i])) ++i;
    if (listed(words, lower.substr(start, i - start))) return Context::kFor;
  }
  return Context::kNone;
}

}  // namespace godseye::guard::pii
