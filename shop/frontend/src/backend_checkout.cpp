#include "backend_call.h"
#include "backends.h"
#include "refusal.h"

#include <vcommerce/v1/checkout.grpc.pb.h>

namespace vcommerce::frontend {
namespace {

constexpr char kService[] = "checkoutservice";

std::string state_of(v1::Order::State state) {
  switch (state) {
    case v1::Order::PROCESSING:
      return "processing";
    case v1::Order::CONFIRMED:
      return "confirmed";
    case v1::Order::COMPLETED:
      return "completed";
    case v1::Order::CANCELLING:
      return "cancelling";
    case v1::Order::CANCELLED:
      return "cancelled";
    default:
      return "unknown";
  }
}

Order order_of(const v1::Order& from) {
  Order order{.id = from.order_id(),
              .state = state_of(from.state()),
              .items_total = money_of(from.items_total()),
              .shipping_total = money_of(from.shipping_total()),
              .total = money_of(from.total()),
              .tracking_id = from.tracking_id(),
              .card_brand = from.card_brand(),
              .card_last_four = from.card_last_four(),
              .failure = from.failure(),
              .placed_unix_ms = from.placed_unix_ms(),
              .email = from.email(),
              .name = from.name(),
              .address = {.street = from.address().street(),
                          .city = from.address().city(),
                          .region = from.address().region(),
                          .postal_code = from.address().postal_code(),
                          .country = from.address().country()},
              .express = from.express()};
  for (const v1::OrderLine& line : from.lines()) {
    order.lines.push_back({line.product_id(), line.variant(), line.quantity(), line.name(), money_of(line.total())});
  }
  return order;
}

v1::PlaceOrderRequest request_of(const OrderRequest& from) {
  v1::PlaceOrderRequest request;
  request.set_idempotency_key(from.key);
  request.set_cart_id(from.cart);
  request.set_currency_code(from.currency);
  request.set_name(from.name);
  request.set_email(from.email);
  v1::Address& address = *request.mutable_address();
  address.set_name(from.name);
  address.set_street(from.address.street);
  address.set_city(from.address.city);
  address.set_region(from.address.region);
  address.set_postal_code(from.address.postal_code);
  address.set_country(from.address.country);
  v1::CreditCard& card = *request.mutable_card();
  card.set_number(from.card.number);
  card.set_expiration_month(from.card.expiration_month);
  card.set_expiration_year(from.card.expiration_year);
  card.set_cvc(from.card.cvc);
  request.set_express(from.express);
  return request;
}

// What checkout refuses, it says in sentences for the customer.
base::Error error_of_checkout(const grpc::Status& status, std::string_view service) {
  if (status.error_code() != grpc::StatusCode::FAILED_PRECONDITION) return error_of(status, service);
  return {base::ErrorCode::kAlreadyExists, refusal_text(status.error_message())};
}

class Backend final : public Checkout {
 public:
  explicit Backend(runtime::Context& context)
      : checkout_(v1::CheckoutService::NewStub(
                      context.channel(kService, {.timeout = kPlaceOrderWait,
                                                 .retry_safe = {"vcommerce.v1.CheckoutService/GetOrder",
                                                                "vcommerce.v1.CheckoutService/ListOrders"}})),
                  kService, error_of_checkout) {}

  base::Result<Order> place(const OrderRequest& order) override {
    const auto answer = checkout_.ask(&Stub::PlaceOrder, request_of(order), kPlaceOrderWait);
    if (!answer) return answer.error();
    return order_of(*answer);
  }

  base::Result<Order> order(const std::string& id, const std::string& cart) override {
    v1::GetOrderRequest request;
    request.set_order_id(id);
    request.set_cart_id(cart);
    const auto answer = checkout_.ask(&Stub::GetOrder, request, kNeededWait);
    if (!answer) return answer.error();
    return order_of(*answer);
  }

  base::Result<std::vector<Order>> orders(const std::string& cart) override {
    v1::ListOrdersRequest request;
    request.set_cart_id(cart);
    const auto answer = checkout_.ask(&Stub::ListOrders, request, kNeededWait);
    if (!answer) return answer.error();
    std::vector<Order> orders;
    for (const v1::Order& one : answer->orders()) orders.push_back(order_of(one));
    return orders;
  }

 private:
  using Stub = v1::CheckoutService::Stub;

  Neighbour<v1::CheckoutService> checkout_;
};

}  // namespace

std::unique_ptr<Checkout> checkout_backend(runtime::Context& context) { return std::make_unique<Backend>(context); }

}  // namespace vcommerce::frontend
