#include "backend_call.h"
#include "backends.h"

#include <vcommerce/v1/product_catalog.grpc.pb.h>

namespace vcommerce::frontend {
namespace {

constexpr char kService[] = "productcatalogservice";

Product product_of(const v1::Product& from) {
  Product product{.id = from.id(),
                  .name = from.name(),
                  .brand = from.brand(),
                  .category = from.category(),
                  .kind = from.kind(),
                  .description = from.description(),
                  .price = money_of(from.price()),
                  .material = from.material(),
                  .care = from.care(),
                  .picture = from.picture(),
                  .weight_grams = from.weight_grams()};
  for (const v1::SizeStock& size : from.sizes()) product.sizes.push_back({size.size(), size.available()});
  for (const v1::Colour& colour : from.colours()) product.colours.push_back(colour.name());
  return product;
}

v1::SearchProductsRequest::Order order_of(const std::string& order) {
  if (order == "price") return v1::SearchProductsRequest::PRICE_ASCENDING;
  if (order == "-price") return v1::SearchProductsRequest::PRICE_DESCENDING;
  if (order == "name") return v1::SearchProductsRequest::NAME;
  return v1::SearchProductsRequest::RELEVANCE;
}

v1::SearchProductsRequest request_of(const Search& search) {
  v1::SearchProductsRequest request;
  request.set_query(search.text);
  request.set_page_size(search.page_size);
  request.set_page_token(search.page_token);
  request.set_order(order_of(search.order));
  request.set_in_stock_only(search.in_stock_only);
  const std::pair<const char*, google::protobuf::RepeatedPtrField<std::string>*> filters[] = {
      {"category", request.mutable_categories()},
      {"brand", request.mutable_brands()},
      {"colour", request.mutable_colours()},
      {"size", request.mutable_sizes()},
      {"price", request.mutable_price_bands()}};
  for (const auto& [name, to] : filters) {
    if (const auto found = search.filters.find(name); found != search.filters.end()) {
      to->Assign(found->second.begin(), found->second.end());
    }
  }
  return request;
}

Found found_of(const v1::SearchProductsResponse& answer) {
  Found found{.next_page_token = answer.next_page_token(),
              .total = answer.total(),
              .corrected = answer.corrected_query(),
              .relaxed = answer.relaxed(),
              .suggestions = {answer.suggestions().begin(), answer.suggestions().end()}};
  for (const v1::Product& product : answer.products()) found.products.push_back(product_of(product));
  for (const v1::Facet& facet : answer.facets()) {
    Facet& one = found.facets.emplace_back(Facet{.name = facet.name()});
    for (const v1::FacetValue& value : facet.values()) one.values.push_back({value.value(), value.count()});
  }
  return found;
}

class Backend final : public Catalogue {
 public:
  explicit Backend(runtime::Context& context)
      : catalogue_(v1::ProductCatalogService::NewStub(
                       context.channel(kService, {.retry_safe = {"vcommerce.v1.ProductCatalogService/SearchProducts",
                                                                 "vcommerce.v1.ProductCatalogService/GetProduct",
                                                                 "vcommerce.v1.ProductCatalogService/BatchGetProducts",
                                                                 "vcommerce.v1.ProductCatalogService/GetPicture"}})),
                   kService) {}

  base::Result<Found> search(const Search& search) override {
    const auto answer = catalogue_.ask(&Stub::SearchProducts, request_of(search), kNeededWait);
    if (!answer) return answer.error();
    return found_of(*answer);
  }

  base::Result<Product> product(const std::string& id) override {
    v1::GetProductRequest request;
    request.set_id(id);
    const auto answer = catalogue_.ask(&Stub::GetProduct, request, kNeededWait);
    if (!answer) return answer.error();
    return product_of(*answer);
  }

  base::Result<std::vector<Product>> products(const std::vector<std::string>& ids) override {
    v1::BatchGetProductsRequest request;
    request.mutable_ids()->Assign(ids.begin(), ids.end());
    const auto answer = catalogue_.ask(&Stub::BatchGetProducts, request, kNeededWait);
    if (!answer) return answer.error();
    std::vector<Product> products;
    for (const v1::Product& product : answer->products()) products.push_back(product_of(product));
    return products;
  }

  base::Result<Picture> picture(const std::string& name) override {
    v1::GetPictureRequest request;
    request.set_name(name);
    const auto answer = catalogue_.ask(&Stub::GetPicture, request, kNeededWait);
    if (!answer) return answer.error();
    return Picture{.media_type = answer->media_type(), .content = answer->content(), .etag = answer->etag()};
  }

 private:
  using Stub = v1::ProductCatalogService::Stub;

  Neighbour<v1::ProductCatalogService> catalogue_;
};

}  // namespace

std::unique_ptr<Catalogue> catalogue_backend(runtime::Context& context) { return std::make_unique<Backend>(context); }

}  // namespace vcommerce::frontend
