#include "products/claims.h"

#include "text/amounts.h"
#include "text/word_set.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace godseye::guard::products {

namespace {

using text::Amount;
using text::Gap;
using text::Word;
using text::Words;
using text::WordSet;

// Sums that are no price of the thing itself, by the words before or after them.
const WordSet& other_sum_before() {
  static const WordSet set(
      "save saves saving savings discount shipping delivery postage over above below budget spend spending exceeding "
      "minimum voucher coupon credit deposit fee fees cashback originally was instead total together both between up "
      "down tax vat refund refunded extra additional plus bundle pair versand rabatt statt gesamt livraison remise "
      "envio "
      "descuento worth everything altogether limit than under within max maximum spent paid rrp msrp uvp");
  return set;
}
const WordSet& other_sum_after() {
  static const WordSet set(
      "off discount shipping delivery cheaper budget extra credit voucher gift coupon savings saved deposit fee total "
      "altogether each rabatt gunstiger less month monthly");
  return set;
}
const WordSet& about_words() {
  static const WordSet set("about around roughly approximately approx nearly almost circa ca ungefahr environ");
  return set;
}
const WordSet& price_words() {
  static const WordSet set(
      "cost costs price priced pricing retails sells selling available only at for just preis kostet prix coute precio "
      "cuesta prezzo costa it its this that");
  return set;
}

const WordSet& piece_words() {
  static const WordSet set("piece pieces unit units item items remaining of them stuck pairs");
  return set;
}

class Reader {
 public:
  Reader(const Words& words, const std::vector<Mention>& mentions)
      : words_(words), mentions_(mentions), said_(mentions.size()) {}

  std::vector<Said> run() {
    if (mentions_.empty()) return {};
    for (const Amount& amount : text::find_amounts(words_.text())) {
      if (amount.unit == text::Unit::kMoney) take_price(amount);
    }
    take_stock();
    return std::move(said_);
  }

 private:
  // The first word that ends after byte `at`.
  size_t word_at(size_t at) const {
    const auto found = std::upper_bound(words_.all().begin(), words_.all().end(), at,
                                        [](size_t byte, const Word& word) { return byte < word.end; });
    return static_cast<size_t>(found - words_.all().begin());
  }
  uint32_t sentence_of(const Mention& mention) const { return words_[mention.first].sentence; }

  void take_price(const Amount& amount) {
    const size_t first = word_at(amount.start);
    if (first >= words_.size()) return;
    size_t after = first;
    while (after < words_.size() && words_[after].start < amount.end) ++after;
    bool about = false;
    for (size_t k = first; k-- > 0 && first - k <= 3;) {
      // Back to the last comma; the sign of the currency is none.
      if (words_[k + 1].gap >= (k + 1 == first ? Gap::kSentence : Gap::kSign)) break;
      if (other_sum_before().has(words_[k])) return;
      // "was $60, now $49": the sum before is the other one.
      if (words_[k].is(Word::kDigit)) break;
      about = about || about_words().has(words_[k]);
    }
    for (size_t k = after; k < words_.size() && k < after + 2; ++k) {
      if (words_[k].gap >= Gap::kSign) break;
      if (other_sum_after().has(words_[k])) return;
    }
    const size_t mention = owner(first);
    if (mention == mentions_.size() || said_[mention].price) return;
    SaidPrice price;
    price.value = amount.value;
    price.about = about;
    price.whole = std::floor(amount.value) == amount.value;
    price.dollar = amount.dollar;
    price.currency = amount.code();
    said_[mention].price = std::move(price);
  }

  // The mention that a claim at `word` is about; mentions_.size() when it is not clear.
  size_t owner(size_t word) const {
    const uint32_t sentence = words_[word].sentence;
    size_t before = mentions_.size();
    size_t behind = mentions_.size();
    for (size_t i = 0; i < mentions_.size(); ++i) {
      if (mentions_[i].last <= word)
        before = i;
      else if (behind == mentions_.size())
        behind = i;
    }
    if (before != mentions_.size() && sentence_of(mentions_[before]) == sentence) {
      // "for $20 you get the Lamp" after another mention: the nearer side of a comma.
      return before;
    }
    if (behind != mentions_.size() && sentence_of(mentions_[behind]) == sentence && mentions_[behind].first - word <= 6)
      return behind;
    if (before == mentions_.size()) return before;
    // The next sentence goes on about it: "It costs $20", "Price: $20", or the next line of a list item.
    const uint32_t distance = sentence - sentence_of(mentions_[before]);
    const text::Sentence& here = words_.sentences()[sentence];
    for (size_t k = here.first; k < std::min<size_t>(here.last, here.first + 3); ++k) {
      if (price_words().has(words_[k])) return distance <= 3 ? before : mentions_.size();
    }
    return distance <= 1 && word - here.first <= 2 ? before : mentions_.size();
  }

  bool phrase(size_t at, std::initializer_list<std::string_view> parts) const {
    for (const std::string_view part : parts) {
      if (at >= words_.size() || words_.norm(at) != part) return false;
      ++at;
    }
    return true;
  }

  bool negated(size_t at) const {
    for (size_t k = at; k-- > 0 && at - k <= 3;) {
      if (words_[k + 1].gap >= Gap::kSentence) return false;
      const std::string_view norm = words_.norm(k);
      if (norm == "not" || norm == "no" || norm == "isnt" || norm == "arent" || norm == "never" || norm == "longer" ||
          norm == "nicht" || norm == "wasnt")
        return true;
    }
    return false;
  }

  // What a sentence says about stock at word `i`.
  std::optional<bool> stock_word(size_t i) const {
    if (phrase(i, {"out", "of", "stock"}) || phrase(i, {"sold", "out"}) || phrase(i, {"nicht", "vorratig"}) ||
        phrase(i, {"rupture", "de", "stock"}) || phrase(i, {"agotado"}) || phrase(i, {"ausverkauft"}))
      return negated(i);
    const std::string_view norm = words_.norm(i);
    if (norm == "unavailable" || norm == "backordered" || norm == "discontinued") return negated(i);
    if (phrase(i, {"in", "stock"})) return !negated(i);
    if (phrase(i, {"ready", "to", "ship"}) || phrase(i, {"auf", "lager"}) || phrase(i, {"en", "stock"}))
      return !negated(i);
    if (norm == "available") {
      if (negated(i)) return false;
      // "available in black", "available for $20" say something else; "available now" says it.
      const bool now = phrase(i + 1, {"now"}) || phrase(i + 1, {"immediately"}) || phrase(i + 1, {"today"}) ||
                       phrase(i + 1, {"for", "immediate"}) || phrase(i + 1, {"right", "now"});
      const bool ends = i + 1 >= words_.size() || words_[i + 1].gap > Gap::kSign;
      if (now || ends) return true;
    }
    return std::nullopt;
  }

  std::optional<int64_t> pieces(size_t i) const {
    // "3 left", "5 in stock", "5 pieces in stock"; not "KN-370 is in stock".
    if (i > 0 && joined(i) && piece_words().has(words_[i - 1])) --i;
    if (i == 0 || !joined(i)) return std::nullopt;
    const Word& word = words_[i - 1];
    if (!word.is(Word::kDigit) || word.is(Word::kLetter) || word.norm_size > 7 || word.gap == Gap::kTight)
      return std::nullopt;
    for (const Mention& mention : mentions_) {
      if (i - 1 >= mention.first && i - 1 < mention.last) return std::nullopt;
    }
    const std::optional<double> number = text::parse_number(words_.norm(i - 1));
    if (!number || std::floor(*number) != *number) return std::nullopt;
    return static_cast<int64_t>(*number);
  }
  bool joined(size_t i) const { return i < words_.size() && words_[i].gap <= Gap::kSpace; }

  void take_stock() {
    for (size_t i = 0; i < words_.size(); ++i) {
      std::optional<bool> in_stock = stock_word(i);
      std::optional<int64_t> left;
      if (!in_stock && words_.norm(i) == "left" && i > 0) {
        left = pieces(i);
        if (left) in_stock = *left > 0;
      } else if (in_stock && *in_stock) {
        left = pieces(i);
        if (left && *left == 0) in_stock = false;
      }
      if (!in_stock) continue;
      const size_t mention = stock_owner(i);
      if (mention == mentions_.size()) continue;
      // The first word about it counts; "3 left" may still say how many.
      std::optional<SaidStock>& said = said_[mention].stock;
      if (!said)
        said = SaidStock{*in_stock, left};
      else if (!said->left && said->in_stock)
        said->left = left;
    }
  }

  size_t stock_owner(size_t word) const {
    const uint32_t sentence = words_[word].sentence;
    size_t before = mentions_.size();
    size_t behind = mentions_.size();
    size_t in_last = 0;
    for (size_t i = 0; i < mentions_.size(); ++i) {
      if (mentions_[i].last <= word)
        before = i;
      else if (behind == mentions_.size())
        behind = i;
      in_last += sentence > 0 && sentence_of(mentions_[i]) == sentence - 1;
    }
    if (before != mentions_.size() && sentence_of(mentions_[before]) == sentence) return before;
    if (behind != mentions_.size() && sentence_of(mentions_[behind]) == sentence) return behind;
    // "It is in stock." after a sentence about one product.
    const std::string_view first = words_.norm(words_.sentences()[sentence].first);
    const bool goes_on = first == "it" || first == "its" || first == "this" || first == "currently" || first == "in" ||
                         first == "only" || first == "stock" || first == "availability" || first == "sold" ||
                         first == "out";
    return before != mentions_.size() && goes_on && in_last == 1 ? before : mentions_.size();
  }

  const Words& words_;
  const std::vector<Mention>& mentions_;
  std::vector<Said> said_;
};

bool is_dollar(std::string_view code) {
  return code.size() == 3 &&
         (code == "USD" || code == "CAD" || code == "AUD" || code == "NZD" || code == "SGD" || code == "HKD");
}

}  // namespace

std::vector<Said> read_claims(const Words& words, const std::vector<Mention>& mentions) {
  return Reader(words, mentions).run();
}

bool price_agrees(const SaidPrice& said, const Product& product) {
  if (!product.price) return true;
  if (!product.currency.empty()) {
    const bool same = said.dollar ? is_dollar(product.currency) : said.currency == product.currency;
    if (!same) return true;
  }
  const double price = *product.price;
  const double off = std::fabs(said.value - price);
  if (off < 0.0051) return true;
  if (said.about) return off <= std::max(1.0, 0.06 * price);
  // "It costs $50" of 49.99: rounding, not a wrong price.
  return said.whole && off < 1 && (std::ceil(price) == said.value || std::floor(price) == said.value);
}

bool stock_agrees(const SaidStock& said, const Product& product) {
  if (!product.stock) return true;
  if (said.in_stock != (*product.stock > 0)) return false;
  return !said.left || *said.left == *product.stock;
}

}  // namespace godseye::guard::products
