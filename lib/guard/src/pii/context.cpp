#include "pii/scan.h"
#include "pii/word_list.h"

namespace godseye::guard::pii {

namespace {

constexpr size_t kBefore = 60;
constexpr size_t kAfter = 30;
constexpr WordList kFillers(
    " number no nr num id is was are the a my our your of with ends ending number's # code n numbers nummer numero ist "
    "est es ");

}  // namespace

constinit const WordList kThingWords(
    " order orders tracking sku ean isbn upc gtin item items ref reference invoice ticket version serial model product "
    "article part label "
    "release build firmware size sizes range price total code voucher coupon gift batch lot case parcel shipment "
    "bestellung artikel commande "
    "pedido ordine zamowienie sendungsnummer bestellnummer imei asin tracker transaction quantity qty section chapter "
    "page pages ");

Context context_of(const PlainText& text, size_t begin, size_t end, const WordList& words, const WordList& against) {
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
    if (words.has(word)) return Context::kFor;
    if (direct && against.has(word)) return Context::kAgainst;
    direct = direct && (kFillers.has(word) || against.has(word));
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
    if (words.has(lower.substr(start, i - start))) return Context::kFor;
  }
  return Context::kNone;
}

}  // namespace godseye::guard::pii
