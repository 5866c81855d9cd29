#include "grpc_neighbours.h"

#include <algorithm>
#include <map>
#include <type_traits>

#include <vcommerce/orders/status.h>
#include <vcommerce/runtime/money_proto.h>
#include <vcommerce/v1/cart.grpc.pb.h>
#include <vcommerce/v1/currency.grpc.pb.h>
#include <vcommerce/v1/email.grpc.pb.h>
#include <vcommerce/v1/payment.grpc.pb.h>
#include <vcommerce/v1/product_catalog.grpc.pb.h>
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
        email_(v1::EmailService::NewStub(channel(context, "emailservice", {"vcommerce.v1.EmailService"}, kTimeout))) {}

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

  base::Result<std::vector<Product>> products(const std::vector<std::string>& ids) override {
    v1::BatchGetProductsRequest request;
    for (const std::string& id : ids) {
      // One product in two sizes is one product.
      if (std::find(request.ids().begin(), request.ids().end(), id) == request.ids().end()) request.add_ids(id);
    }
    v1::BatchGetProductsResponse answer;
    if (base::Status done =
            call("the catalogue", *catalogue_, &v1::ProductCatalogService::Stub::BatchGetProducts, request, answer);
        !done) {
      return std::move(done).error();
    }
    if (answer.missing_ids_size() > 0) {
      return Error(ErrorCode::kNotFound, answer.missing_ids(0) + " is not sold any more");
    }
    std::map<std::string, Product> known;
    for (const v1::Product& product : answer.products()) {
      base::Result<Money> price = runtime::from_proto(product.price());
      if (!price) return std::move(price).error().within("the price of " + product.id());
      known[product.id()] = {product.id(), product.name(), *std::move(price), product.weight_grams()};
    }
    std::vector<Product> products;
    for (const std::string& id : ids) {
      if (!known.contains(id)) return Error(ErrorCode::kNotFound, id + " is not sold any more");
      products.push_back(known[id]);
    }
    return products;
  }

  base::Result<Money> convert(const Money& amount, const std::string& currency) override {
    v1::ConvertRequest request;
    *request.mutable_amount() = runtime::to_proto(amount);
    request.set_to_currency(currency);
    v1::ConvertResponse answer;
    if (base::Status done =
            call("the currency service", *currency_, &v1::CurrencyService::Stub::Convert, request, answer);
        !done) {
      return std::move(done).error();
    }
    return runtime::from_proto(answer.amount());
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

  base::Result<std::vector<std::string>> reserve(const std::string& key, const std::vector<Line>& lines) override {
    v1::ReserveStockRequest request;
    request.set_key(key);
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
    std::vector<std::string> variants;
    for (const v1::StockLine& line : answer.lines()) variants.push_back(line.size());
    return variants;
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
    fill(order.address, *request.mutable_address());
    v1::QueuedMail answer;
    return call("email", *email_, &v1::EmailService::Stub::SendOrderConfirmation, request, answer);
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
};

}  // namespace

std::unique_ptr<Neighbours> grpc_neighbours(runtime::Context& context) {
  return std::make_unique<GrpcNeighbours>(context);
}

}  // namespace vcommerce::checkout
