#include "grpc_neighbours.h"

#include <type_traits>

#include <vcommerce/orders/status.h>
#include <vcommerce/runtime/money_proto.h>
#include <vcommerce/v1/cart.grpc.pb.h>
#include <vcommerce/v1/currency.grpc.pb.h>
#include <vcommerce/v1/email.grpc.pb.h>
#include <vcommerce/v1/payment.grpc.pb.h>
#include <vcommerce/v1/product_catalog.grpc.pb.h>
#include <vcommerce/v1/recommendation.grpc.pb.h>
#include <vcommerce/v1/shipping.grpc.pb.h>

namespace vcommerce::checkout {
namespace {

using base::Error;
using base::ErrorCode;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kTimeout{2500};
// Longer than paymentservice's own patience with its gateway and the questions after it.
constexpr std::chrono::milliseconds kPaymentTimeout{8000};

void fill(const Address& from, v1::Address& to) {
  to.set_name(from.name);
  to.set_street(from.street);
  to.set_city(from.city);
  to.set_region(from.region);
  to.set_postal_code(from.postal_code);
  to.set_country(from.country);
}

template <typename Request>
void fill_items(const Order& order, Request& request) {
  for (const Line& line : order.lines) {
    v1::ShippedItem& item = *request.add_items();
    item.set_product_id(line.product_id);
    item.set_quantity(static_cast<int32_t>(line.quantity));
    item.set_weight_grams(static_cast<int32_t>(line.weight_grams));
  }
}

class GrpcNeighbours final : public Neighbours {
 public:
  explicit GrpcNeighbours(runtime::Context& context)
      : cart_(v1::CartService::NewStub(channel(context, "cartservice", {"vcommerce.v1.CartService"}, kTimeout))),
        catalogue_(v1::ProductCatalogService::NewStub(
            channel(context, "productcatalogservice", {"vcommerce.v1.ProductCatalogService"}, kTimeout))),
        currency_(v1::CurrencyService::NewStub(
            channel(context, "currencyservice", {"vcommerce.v1.CurrencyService"}, kTimeout))),
        payment_(v1::PaymentService::NewStub(
            channel(context, "paymentservice", {"vcommerce.v1.PaymentService"}, kPaymentTimeout))),
        shipping_(v1::ShippingService::NewStub(
            channel(context, "shippingservice", {"vcommerce.v1.ShippingService"}, kTimeout))),
        email_(v1::EmailService::NewStub(channel(context, "emailservice", {"vcommerce.v1.EmailService"}, kTimeout))) {
    // A shop may do without it.
    if (context.knows("recommendationservice")) {
      recommendation_ = v1::RecommendationService::NewStub(
          channel(context, "recommendationservice", {"vcommerce.v1.RecommendationService"}, kTimeout));
    }
  }

  base::Result<std::vector<CartItem>> cart(const std::string& cart_id) override {
    v1::GetCartRequest request;
    request.set_cart_id(cart_id);
    v1::Cart answer;
    if (base::Status done = call("the cart", *cart_, &v1::CartService::Stub::GetCart, request, answer); !done) {
      return std::move(done).error();
    }
    std::vector<CartItem> items;
    for (const v1::CartItem& item : answer.items())
      items.push_back({item.product_id(), item.variant(), item.quantity()});
    return items;
  }

  base::Result<std::vector<Money>> convert(const std::vector<Money>& amounts, const std::string& currency) override {
    v1::ConvertAllRequest request;
    for (const Money& amount : amounts) *request.add_amounts() = runtime::to_proto(amount);
    request.set_to_currency(currency);
    v1::ConvertAllResponse answer;
    if (base::Status done =
            call("the currency service", *currency_, &v1::CurrencyService::Stub::ConvertAll, request, answer);
        !done) {
      return std::move(done).error();
    }
    std::vector<Money> converted;
    for (const v1::Money& amount : answer.amounts()) {
      base::Result<Money> one = runtime::from_proto(amount);
      if (!one) return std::move(one).error().within("a converted amount");
      converted.push_back(*std::move(one));
    }
    return converted;
  }

  base::Result<SavedCard> save_card(const CardInput& card) override {
    v1::SaveCardRequest request;
    request.mutable_card()->set_number(card.number);
    request.mutable_card()->set_expiration_month(card.month);
    request.mutable_card()->set_expiration_year(card.year);
    request.mutable_card()->set_cvc(card.cvc);
    v1::SavedCard answer;
    if (base::Status done = call("payment", *payment_, &v1::PaymentService::Stub::SaveCard, request, answer); !done) {
      return std::move(done).error();
    }
    return SavedCard{answer.token(), answer.brand(), answer.last_four()};
  }

  base::Result<std::vector<ReservedLine>> reserve(const std::string& key, const std::vector<Line>& lines) override {
    v1::ReserveStockRequest request;
    request.set_key(key);
    request.set_with_products(true);
    for (const Line& line : lines) {
      v1::StockLine& wanted = *request.add_lines();
      wanted.set_product_id(line.product_id);
      wanted.set_size(line.variant);
      wanted.set_quantity(static_cast<int32_t>(line.quantity));
    }
    v1::StockReservation answer;
    if (base::Status done =
            call("the catalogue", *catalogue_, &v1::ProductCatalogService::Stub::ReserveStock, request, answer);
        !done) {
      return std::move(done).error();
    }
    if (answer.products_size() != answer.lines_size()) {
      return Error(ErrorCode::kInternal, "the catalogue did not say what it reserved");
    }
    std::vector<ReservedLine> reserved;
    for (int i = 0; i < answer.lines_size(); ++i) {
      const v1::ReservedProduct& product = answer.products(i);
      base::Result<Money> price = runtime::from_proto(product.price());
      if (!price) return std::move(price).error().within("the price of " + answer.lines(i).product_id());
      reserved.push_back({answer.lines(i).size(), product.name(), *std::move(price), product.weight_grams()});
    }
    return reserved;
  }

  base::Status commit(const std::string& key) override {
    return stock(&v1::ProductCatalogService::Stub::CommitStock, key);
  }
  base::Status release(const std::string& key) override {
    return stock(&v1::ProductCatalogService::Stub::ReleaseStock, key);
  }

  base::Result<Quote> quote(const Order& order) override {
    v1::GetQuoteRequest request;
    request.set_country(order.address.country);
    fill_items(order, request);
    v1::GetQuoteResponse answer;
    if (base::Status done = call("shipping", *shipping_, &v1::ShippingService::Stub::GetQuote, request, answer);
        !done) {
      return std::move(done).error();
    }
    const v1::Quote* chosen = nullptr;
    for (const v1::Quote& quote : answer.quotes()) {
      const bool express = quote.speed() == v1::SPEED_EXPRESS;
      if (chosen == nullptr || express == order.express) chosen = &quote;
      if (express == order.express) break;
    }
    if (chosen == nullptr) return Error(ErrorCode::kPermissionDenied, "nothing is shipped there");
    base::Result<Money> cost = runtime::from_proto(chosen->cost());
    if (!cost) return std::move(cost).error().within("the quote");
    return Quote{*std::move(cost), chosen->speed()};
  }

  base::Result<PaymentAnswer> charge(const std::string& key, const Order& order) override {
    v1::ChargeRequest request;
    request.set_idempotency_key(key);
    *request.mutable_amount() = runtime::to_proto(order.total);
    request.set_card_token(order.card_token);
    v1::Payment answer;
    if (base::Status done = call("payment", *payment_, &v1::PaymentService::Stub::Charge, request, answer); !done) {
      return std::move(done).error();
    }
    const std::string reason = answer.state() == v1::Payment::VOIDED ? "voided" : answer.decline_reason();
    return PaymentAnswer{answer.state() == v1::Payment::CHARGED, reason, answer.brand(), answer.last_four()};
  }
  base::Status void_charge(const std::string& key) override {
    v1::PaymentKey request;
    request.set_idempotency_key(key);
    v1::Payment answer;
    return call("payment", *payment_, &v1::PaymentService::Stub::Void, request, answer);
  }

  base::Result<std::string> ship(const std::string& key, const Order& order) override {
    v1::ShipOrderRequest request;
    request.set_idempotency_key(key);
    fill(order.address, *request.mutable_address());
    fill_items(order, request);
    request.set_speed(static_cast<v1::Speed>(order.shipping_speed));
    v1::Shipment answer;
    if (base::Status done = call("shipping", *shipping_, &v1::ShippingService::Stub::ShipOrder, request, answer);
        !done) {
      return std::move(done).error();
    }
    return answer.tracking_id();
  }
  base::Status cancel_shipment(const std::string& key) override {
    v1::CancelShipmentRequest request;
    request.set_idempotency_key(key);
    v1::Shipment answer;
    base::Status done = call("shipping", *shipping_, &v1::ShippingService::Stub::CancelShipment, request, answer);
    // Nothing was shipped, and nothing will be.
    if (!done && done.error().code() == ErrorCode::kNotFound) return base::ok();
    return done;
  }

  base::Status empty_cart(const std::string& cart_id, const std::string& order_id) override {
    v1::EmptyCartRequest request;
    request.set_cart_id(cart_id);
    request.set_order_id(order_id);
    v1::Cart answer;
    return call("the cart", *cart_, &v1::CartService::Stub::EmptyCart, request, answer);
  }

  base::Status queue_mail(const std::string& key, const Order& order) override {
    v1::SendOrderConfirmationRequest request;
    request.set_key(key);
    request.set_to_email(order.email);
    request.set_to_name(order.name);
    request.set_order_id(order.id);
    for (const Line& line : order.lines) {
      v1::MailLine& shown = *request.add_lines();
      shown.set_name(line.name);
      shown.set_size(line.variant);
      shown.set_quantity(static_cast<int32_t>(line.quantity));
      *shown.mutable_total() = runtime::to_proto(line.total);
    }
    *request.mutable_shipping() = runtime::to_proto(order.shipping_total);
    *request.mutable_total() = runtime::to_proto(order.total);
    request.set_tracking_id(order.tracking_id);
    request.set_express(order.shipping_speed == v1::SPEED_EXPRESS);
    fill(order.address, *request.mutable_address());
    v1::QueuedMail answer;
    return call("email", *email_, &v1::EmailService::Stub::SendOrderConfirmation, request, answer);
  }

  base::Status recommend(const std::string& order_id, const std::vector<std::string>& product_ids) override {
    if (!recommendation_) return base::ok();
    v1::RecordOrderRequest request;
    request.set_order_id(order_id);
    for (const std::string& id : product_ids) request.add_product_ids(id);
    v1::RecordOrderResponse answer;
    return call("recommendation", *recommendation_, &v1::RecommendationService::Stub::RecordOrder, request, answer);
  }

 private:
  // Every call of an order is safe to repeat: it reads, or carries the order's key.
  static std::shared_ptr<grpc::Channel> channel(runtime::Context& context, std::string_view service,
                                                std::vector<std::string> safe, std::chrono::milliseconds timeout) {
    return context.channel(service, {.timeout = timeout, .retry_safe = std::move(safe)});
  }

  template <typename Stub, typename Request, typename Answer>
  static base::Status call(std::string_view neighbour, Stub& stub,
                           grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Answer*),
                           const Request& request, Answer& answer) {
    const auto context = runtime::outgoing(std::is_same_v<Stub, v1::PaymentService::Stub> ? kPaymentTimeout : kTimeout);
    const grpc::Status status = (stub.*method)(context.get(), request, &answer);
    if (!status.ok()) return error_of(neighbour, status);
    return base::ok();
  }

  base::Status stock(grpc::Status (v1::ProductCatalogService::Stub::*method)(grpc::ClientContext*,
                                                                             const v1::StockReservationKey&,
                                                                             v1::StockReservation*),
                     const std::string& key) {
    v1::StockReservationKey request;
    request.set_key(key);
    v1::StockReservation answer;
    return call("the catalogue", *catalogue_, method, request, answer);
  }

  std::unique_ptr<v1::CartService::Stub> cart_;
  std::unique_ptr<v1::ProductCatalogService::Stub> catalogue_;
  std::unique_ptr<v1::CurrencyService::Stub> currency_;
  std::unique_ptr<v1::PaymentService::Stub> payment_;
  std::unique_ptr<v1::ShippingService::Stub> shipping_;
  std::unique_ptr<v1::EmailService::Stub> email_;
  std::unique_ptr<v1::RecommendationService::Stub> recommendation_;  // null: the shop has none
};

}  // namespace

std::unique_ptr<Neighbours> grpc_neighbours(runtime::Context& context) {
  return std::make_unique<GrpcNeighbours>(context);
}

}  // namespace vcommerce::checkout
