#include "order_mail.h"

#include <algorithm>
#include <iterator>

#include <godseye/base/html_text.h>

#include <fmt/format.h>
#include <vcommerce/orders/checks.h>

namespace vcommerce::email {

using base::Error;
using base::ErrorCode;

namespace {

constexpr size_t kNameMax = 200;
constexpr size_t kAddressLinesMax = 12;

base::Status check_amount(const Money& money, std::string_view field) {
  base::Result<Money> checked = runtime::checked(money);
  if (!checked) return std::move(checked).error().within(field);
  return base::ok();
}

base::Status check_line(const OrderMail::Line& line) {
  if (base::Status good = check_text(line.name, "lines.name", kNameMax); !good) return good;
  if (base::Status good = check_text(line.size, "lines.size", 64, true); !good) return good;
  if (line.quantity < 1) return Error(ErrorCode::kInvalidArgument, "lines.quantity: is above zero");
  return check_amount(line.total, "lines.total");
}

std::string_view shipping_of(const OrderMail& order) { return order.express ? "Express shipping" : "Shipping"; }

std::string text_of(const OrderMail& order) {
  std::string out = fmt::format("Hello{}{},\n\nthank you for your order {}.\n\n", order.to.name.empty() ? "" : " ",
                                order.to.name, order.order_id);
  for (const OrderMail::Line& line : order.lines) {
    out += fmt::format("  {} x {}{}{}: {}\n", line.quantity, line.name, line.size.empty() ? "" : ", size ", line.size,
                       runtime::text(line.total));
  }
  out += fmt::format("\n  {}: {}\n  Total: {}\n\n", shipping_of(order), runtime::text(order.shipping),
                     runtime::text(order.total));
  if (!order.address.empty()) {
    out += "It goes to:\n";
    for (const std::string& line : order.address) out += "  " + line + "\n";
  }
  if (!order.tracking_id.empty()) out += "\nYour parcel's number: " + order.tracking_id + "\n";
  return out + "\nV-Commerce\n";
}

std::string html_of(const OrderMail& order) {
  std::string rows;
  for (const OrderMail::Line& line : order.lines) {
    rows += fmt::format("<tr><td>{} &times; {}{}{}</td><td align=\"right\">{}</td></tr>\n", line.quantity,
                        base::escape_html(line.name), line.size.empty() ? "" : ", size ", base::escape_html(line.size),
                        base::escape_html(runtime::text(line.total)));
  }
  std::string address;
  for (const std::string& line : order.address) address += base::escape_html(line) + "<br>\n";
  const std::string name = base::escape_html(order.to.name);
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Your order</title></head>\n"
      "<body style=\"font-family:sans-serif;color:#222\">\n<p>Hello{}{},</p>\n"
      "<p>thank you for your order <b>{}</b>.</p>\n<table cellpadding=\"4\">\n{}"
      "<tr><td>{}</td><td align=\"right\">{}</td></tr>\n"
      "<tr><td><b>Total</b></td><td align=\"right\"><b>{}</b></td></tr>\n</table>\n{}{}<p>V-Commerce</p>\n"
      "</body></html>\n",
      name.empty() ? "" : " ", name, base::escape_html(order.order_id), rows, shipping_of(order),
      base::escape_html(runtime::text(order.shipping)), base::escape_html(runtime::text(order.total)),
      address.empty() ? "" : "<p>It goes to:<br>\n" + address + "</p>\n",
      order.tracking_id.empty() ? "" : "<p>Your parcel's number: " + base::escape_html(order.tracking_id) + "</p>\n");
}

}  // namespace

base::Status check(const OrderMail& order) {
  if (base::Status good = check_address(order.to.address, "to_email"); !good) return good;
  if (base::Status good = check_text(order.to.name, "to_name", kNameMax, true); !good) return good;
  if (base::Status good = check_id(order.order_id, "order_id"); !good) return good;
  if (order.lines.empty()) return Error(ErrorCode::kInvalidArgument, "lines: are missing");
  if (order.lines.size() > kLinesMax) return Error(ErrorCode::kInvalidArgument, "lines: are 100 at most");
  for (const OrderMail::Line& line : order.lines) {
    if (base::Status good = check_line(line); !good) return good;
  }
  if (base::Status good = check_amount(order.shipping, "shipping"); !good) return good;
  if (base::Status good = check_amount(order.total, "total"); !good) return good;
  if (base::Status good = check_text(order.tracking_id, "tracking_id", 64, true); !good) return good;
  if (order.address.size() > kAddressLinesMax) return Error(ErrorCode::kInvalidArgument, "address: has too many lines");
  for (const std::string& line : order.address) {
    if (base::Status good = check_text(line, "address", kNameMax, true); !good) return good;
  }
  return base::ok();
}

Mail order_mail(const OrderMail& order, const Mailbox& from, const std::string& key) {
  std::string id;
  std::copy_if(key.begin(), key.end(), std::back_inserter(id), [](char c) { return c != '@' && c != ':' && c != '/'; });
  return {.from = from,
          .to = order.to,
          .subject = "Your order " + order.order_id,
          .text = text_of(order),
          .html = html_of(order),
          .id = id.empty() ? "order" : id};
}

}  // namespace vcommerce::email
