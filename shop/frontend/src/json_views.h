#pragma once

#include "storefront.h"

#include <string>
#include <vector>

#include <vcommerce/frontend/reviews.h>

// Views as JSON, for the API (docs/shop.md, "JSON API"). Pure.
namespace vcommerce::frontend {

std::string json_of(const Money& money);
std::string json_of(const Tile& tile);
std::string json_of(const std::vector<Tile>& tiles);
std::string json_of(const SearchView& view);
std::string json_of(const CartView& view);
std::string json_of(const std::vector<Quote>& quotes);
std::string json_of(const Order& order);
std::string json_of(const ReviewsView& view);
std::string json_of(const Parcel& parcel);

}  // namespace vcommerce::frontend
