#include "refusal.h"

#include <array>
#include <utility>

namespace vcommerce::frontend {
namespace {

constexpr std::string_view kCancelled = " was cancelled: ";
constexpr std::string_view kDeclined = "the card was declined (";
// Of paymentservice and the bank (shop/payment/README.md). What checks for fraud is not told in detail.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kReasons{{
    {"card_declined)", "your bank declined the card"},
    {"insufficient_funds)", "your bank declined the card: there is not enough money on it"},
    {"expired_card)", "the card has expired"},
    {"card_velocity)", "the card was used very often just now; try again in some minutes, or take another one"},
    {"user_velocity)", "there were many payments just now; try again in some minutes"},
    {"user_cards)", "many cards were tried just now; try again in some minutes"},
}};

}  // namespace

std::string refusal_text(std::string_view message) {
  if (const size_t prefix = message.find(kCancelled);
      prefix != std::string_view::npos && message.starts_with("order ")) {
    message.remove_prefix(prefix + kCancelled.size());
  }
  if (!message.starts_with(kDeclined)) return std::string(message);
  for (const auto& [reason, words] : kReasons) {
    if (message.substr(kDeclined.size()) == reason) return std::string(words) + ". Nothing was charged.";
  }
  return "the card was declined. Nothing was charged.";
}

}  // namespace vcommerce::frontend
