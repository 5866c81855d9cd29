#pragma once

#include "layout.h"

#include <string>
#include <string_view>
#include <vector>

#include <vcommerce/frontend/reviews.h>

// The body of each page. Pure: view in, HTML out.
namespace vcommerce::frontend {

Html home_page(const HomeView& view);
// `search` is what was asked for: links to other pages, facets and orders keep it.
Html search_page(const SearchView& view, const Search& search, const std::optional<Ad>& ad);
Html product_page(const Frame& frame, const ProductView& view);

// What was typed, to be shown again.
struct ReviewForm {
  Review review;
  std::string error;
};
// What stands below a product. `form`: a review that could not be taken; else the author's own is there to be changed.
Html reviews_section(const Frame& frame, const std::string& product, const ReviewsView& view,
                     const std::optional<ReviewForm>& form);

Html cart_page(const Frame& frame, const CartView& view, std::string_view country);

// What was typed, to be shown again; never the card.
struct CheckoutForm {
  std::string key;
  std::string name;
  std::string email;
  Address address;
  std::string speed;        // "express", else standard
  std::string error;        // what went wrong with the last try
  std::string error_field;  // the form's name of the field, when it is one's fault
};
Html checkout_page(const Frame& frame, const CartView& cart, const CheckoutForm& form);
Html order_page(const OrderView& view);
Html account_page(const Frame& frame, const std::vector<Order>& orders, std::string_view error);
Html tracking_page(const Parcel& parcel);
// A page of the next release.
Html coming_page(std::string_view name, std::string_view what);
Html blocked_page();

}  // namespace vcommerce::frontend
