#pragma once

#include <string>
#include <string_view>

// Why an order did not happen, in words for the person who wanted it. Pure.
namespace vcommerce::frontend {

// From checkoutservice's "order o-1 was cancelled: the card was declined (insufficient_funds)": without the order's
// number, which means nothing to anybody yet, and with the decline reasons of paymentservice as sentences. Other texts
// as they are.
std::string refusal_text(std::string_view message);

}  // namespace vcommerce::frontend
