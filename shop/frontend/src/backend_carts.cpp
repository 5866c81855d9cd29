#include "backend_call.h"
#include "backends.h"

#include <vcommerce/v1/cart.grpc.pb.h>

namespace vcommerce::frontend {
namespace {

constexpr char kService[] = "cartservice";

base::Result<std::vector<CartItem>> items_of(const grpc::Status& status, const v1::Cart& cart) {
  // The cart's own limit, which the customer can do something about.
  if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
    return base::Error(base::ErrorCode::kAlreadyExists, status.error_message());
  }
  if (!status.ok()) return error_of(status, kService);
  std::vector<CartItem> items;
  for (const v1::CartItem& item : cart.items()) items.push_back({item.product_id(), item.variant(), item.quantity()});
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
      : stub_(
            v1::CartService::NewStub(context.channel(kService, {.retry_safe = {"vcommerce.v1.CartService/GetCart"}}))) {
  }

  base::Result<std::vector<CartItem>> get(const std::string& cart) override {
    const auto call = runtime::outgoing(kNeededWait);
    v1::GetCartRequest request;
    request.set_cart_id(cart);
    v1::Cart answer;
    const auto status = stub_->GetCart(call.get(), request, &answer);
    return items_of(status, answer);
  }

  base::Result<std::vector<CartItem>> add(const std::string& cart, const CartItem& item) override {
    const auto call = runtime::outgoing(kNeededWait);
    v1::AddItemRequest request;
    request.set_cart_id(cart);
    fill(item, *request.mutable_item());
    v1::Cart answer;
    const auto status = stub_->AddItem(call.get(), request, &answer);
    return items_of(status, answer);
  }

  base::Result<std::vector<CartItem>> remove(const std::string& cart, const CartItem& item) override {
    const auto call = runtime::outgoing(kNeededWait);
    v1::RemoveItemRequest request;
    request.set_cart_id(cart);
    fill(item, *request.mutable_item());
    v1::Cart answer;
    const auto status = stub_->RemoveItem(call.get(), request, &answer);
    return items_of(status, answer);
  }

  base::Status merge(const std::string& from, const std::string& into) override {
    const auto call = runtime::outgoing(kNeededWait);
    v1::MergeCartsRequest request;
    request.set_from_cart_id(from);
    request.set_into_cart_id(into);
    v1::Cart answer;
    const auto status = stub_->MergeCarts(call.get(), request, &answer);
    if (!status.ok()) return error_of(status, kService);
    return base::ok();
  }

 private:
  std::unique_ptr<v1::CartService::Stub> stub_;
};

}  // namespace

std::unique_ptr<Carts> carts_backend(runtime::Context& context) { return std::make_unique<Backend>(context); }

}  // namespace vcommerce::frontend
