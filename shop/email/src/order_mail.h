#pragma once

#include "mime.h"

#include <string>
#include <vector>

#include <vcommerce/runtime/money.h>

// What a customer reads after an order, as text and as HTML. Pure. Everything that came from outside (names, products,
// addresses) is data: escaped in HTML, without line breaks of its own in text.
namespace vcommerce::email {

using runtime::Money;

struct OrderMail {
  struct Line {
    std::string name;
    std::string size;
    int64_t quantity = 0;
    Money total;
  };
  Mailbox to;
  std::string order_id;
  std::vector<Line> lines;
  Money shipping;
  Money total;
  std::string tracking_id;  // may be empty
  bool express = false;
  std::vector<std::string> address;  // a line each
};

inline constexpr size_t kLinesMax = 100;

// kInvalidArgument names the field: addresses, texts, amounts, more than kLinesMax lines.
base::Status check(const OrderMail& order);
// Requires check(). `key` becomes the Message-ID.
Mail order_mail(const OrderMail& order, const Mailbox& from, const std::string& key);

}  // namespace vcommerce::email
