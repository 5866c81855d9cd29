#pragma once

#include "product.h"

#include <optional>
#include <string>
#include <string_view>

// Pictures of products, drawn from what the product is: kind, colours and id. No text of the product is part of a
// picture, so nothing in a name can become markup. Pure: the same product gives the same bytes (2–4 KB of SVG).
namespace vcommerce::catalogue {

inline constexpr size_t kPictureNameBytesMax = 64;

// The name of a product's picture: "APP-DRS-0007.svg".
std::string picture_name(std::string_view product_id);

// The product whose picture `name` is. Nothing for what is no picture's name: paths, other endings, other characters.
std::optional<std::string> product_of_picture(std::string_view name);

std::string draw_picture(const Product& product);

}  // namespace vcommerce::catalogue
