#include "answer/facts.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace godseye::guard::answer {

const text::WordSet& negators() {
  static const text::WordSet set(
      "not no never without cannot cant dont doesnt didnt isnt arent wasnt wont wouldnt couldnt shouldnt neither nor "
      "nothing none nicht kein keine keinen keiner nie ohne weder pas jamais sans aucun aucune non nunca sin "
      "ningun ninguna niet geen nooit zonder mai senza nao nem");
  return set;
}
const text::WordSet& discount_words() {
  static const text::WordSet set(
      "discount discounts coupon coupons voucher vouchers promo cashback sale rebate bonus rabatt gutschein remise "
      "descuento sconto desconto korting");
  return set;
}
const text::WordSet& policy_words() {
  static const text::WordSet set(
      "refund refunds refunded warranty guarantee guaranteed lifetime moneyback cancel cancellation exchange return "
      "returns returned insured insurance policy policies garantie ruckgabe erstattung remboursement garantia "
      "devolucion rimborso restituzione");
  return set;
}
const text::WordSet& exact_words() {
  static const text::WordSet set(
      "monday tuesday wednesday thursday friday saturday sunday january february march april june july august "
      "september "
      "october november december black white red blue green yellow orange purple pink brown grey gray beige navy "
      "silver "
      "golden turquoise oak walnut beech pine birch maple ash steel aluminium aluminum brass copper titanium plastic "
      "leather cotton wool linen silk polyester nylon bamboo marble glass ceramic montag dienstag mittwoch donnerstag "
      "freitag samstag sonntag schwarz weiss rot blau grun gelb");
  return set;
}
const text::WordSet& courtesy_words() {
  static const text::WordSet set(
      "sorry afraid thanks thank happy glad help helps hope welcome feel free let know need nice day hello hi dear "
      "great good "
      "question questions ask asking further "
      "assistance anything else enjoy regards sure course certainly unfortunately information available mention "
      "mentioned say says found find provided leider gern danke");
  return set;
}

const text::WordSet& freebies() {
  static const text::WordSet set(
      "shipping delivery postage return returns gift gifts upgrade installation repair repairs replacement sample "
      "samples "
      "trial service wrapping express versand lieferung geschenk");
  return set;
}

int named_number(std::string_view norm) {
  static constexpr std::array<std::string_view, 13> kNames = {
      "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"};
  const auto found = std::find(kNames.begin(), kNames.end(), norm);
  return found == kNames.end() ? -1 : static_cast<int>(found - kNames.begin());
}

void Numbers::add(const text::Words& words) {
  for (const text::Amount& amount : text::find_amounts(words.text())) all_.push_back({amount.value, amount.unit});
  for (const text::Word& word : words.all()) {
    const int value = named_number(words.norm(word));
    if (value >= 0) all_.push_back({static_cast<double>(value), text::Unit::kNone});
  }
}

void Numbers::sort() {
  std::sort(all_.begin(), all_.end(), [](const Number& a, const Number& b) { return a.value < b.value; });
}

bool Numbers::has(double value) const {
  const auto at = std::lower_bound(all_.begin(), all_.end(), value - 1e-6,
                                   [](const Number& number, double wanted) { return number.value < wanted; });
  return at != all_.end() && at->value <= value + 1e-6;
}

bool Numbers::has_multiple(double value) const {
  return std::any_of(all_.begin(), all_.end(), [&](const Number& number) {
    if (number.unit != text::Unit::kMoney || number.value <= 0) return false;
    const double times = value / number.value;
    return times > 1.5 && times < 20.5 && std::fabs(times - std::round(times)) < 1e-9 && has(std::round(times));
  });
}

}  // namespace godseye::guard::answer
