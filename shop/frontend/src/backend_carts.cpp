#include "backend_call.h"
#include "backends.h"

#include <vcommerce/v1/cart.grpc.pb.h>

namespace vcommerce::frontend {
namespace {

constexpr char kService[] = "cartservice";

// The cart's own limit is something that the customer can do something about.
base::Error error_of_cart(const grpc::Status& status, std::string_view service) {
  if (status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) return error_of(status, service);
  return {base::ErrorCode::kAlreadyExists, status.error_message()};
}

base::Result<std::vector<CartItem>> items_of(const base::Result<v1::Cart>& cart) {
  if (!cart) return cart.error();
  std::vector<CartItem> items;
  for (const v1::CartItem& item : cart->items()) items.push_back({item.product_id(), item.variant(), item.quantity()});
  return items;
}

void fill(const CartItem& from, v1::CartItem& to) {
  to.set_product_id(from.product_id);
  to.set_variant(from.size);
  to.set_quantity(from.quantity);
}

class Backend final : public Carts {
 public:
  explicit Backend(runtime::Context& context)
      : carts_(
            v1::CartService::NewStub(context.channel(kService, {.retry_safe = {"vcommerce.v1.CartService/GetCart"}})),
            kService, error_of_cart) {}

  base::Result<std::vector<CartItem>> get(const std::string& cart) override {
    v1::GetCartRequest request;
    request.set_cart_id(cart);
    return items_of(carts_.ask(&Stub::GetCart, request, kNeededWait));
  }

  base::Result<std::vector<CartItem>> add(const std::string& cart, const CartItem& item) override {
    v1::AddItemRequest request;
    request.set_cart_id(cart);
    fill(item, *request.mutable_item());
    return items_of(carts_.ask(&Stub::AddItem, request, kNeededWait));
  }

  base::Result<std::vector<CartItem>> remove(const std::string& cart, const CartItem& item) override {
    v1::RemoveItemRequest request;
    request.set_cart_id(cart);
    fill(item, *request.mutable_item());
    return items_of(carts_.ask(&Stub::RemoveItem, request, kNeededWait));
  }

  base::Status merge(const std::string& from, const std::string& into) override {
    v1::MergeCartsRequest request;
    request.set_from_cart_id(from);
    request.set_into_cart_id(into);
    auto merged = carts_.ask(&Stub::MergeCarts, request, kNeededWait);
    if (!merged) return std::move(merged).error();
    return base::ok();
  }

 private:
  using Stub = v1::CartService::Stub;

  Neighbour<v1::CartService> carts_;
};

}  // namespace

std::unique_ptr<Carts> carts_backend(runtime::Context& context) { return std::make_unique<Backend>(context); }

}  // namespace vcommerce::frontend
