#pragma once

#include <string>
#include <string_view>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// What can be said of a payment card without asking anybody. Pure. No error holds a digit of the number or the CVC.
namespace vcommerce::payment {

struct Card {
  std::string number;  // as typed
  int month = 0;
  int year = 0;
  std::string cvc;
};

// A card that passed: digits only, CVC checked and forgotten.
struct ValidCard {
  std::string number;
  int month = 0;
  int year = 0;
  std::string_view brand;  // static
  std::string last_four() const { return number.substr(number.size() - 4); }
};

// The brand by the number's first digits (`digits` holds nothing else): "visa", …; empty: none that we know.
std::string_view card_brand(std::string_view digits);
// The check digit of ISO/IEC 7812. Requires digits only.
bool luhn_valid(std::string_view digits);
// Good to the end of its month, wherever on Earth that is latest.
bool expired(int month, int year, base::WallTime now);
// kInvalidArgument names the field of the card: number, brand's length, Luhn, expiry, CVC.
base::Result<ValidCard> check_card(const Card& card, base::WallTime now);

}  // namespace vcommerce::payment
