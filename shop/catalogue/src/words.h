#pragma once

#include <cstdint>
#include <span>
#include <string_view>

// The words that products are made of: kinds of things with what can be said of them, brands, materials, colours.
// Written by hand; `generator.cpp` combines them. Lists are separated by '|', so that a kind stays one readable entry.
namespace vcommerce::catalogue {

enum class Category : uint8_t { kApparel, kShoes, kAccessories, kHome, kBeauty };

// Which sizes a kind comes in: all of the ladder that the product's run covers, or (`one`) a single one of them.
struct SizeLadder {
  std::string_view name;
  std::string_view sizes;
  bool one;
};

struct Kind {
  Category category;
  std::string_view code;    // three letters of the SKU
  std::string_view noun;    // "dress": what a person calls it
  std::string_view ladder;  // name of a SizeLadder
  int price_low;            // USD
  int price_high;
  int grams_low;
  int grams_high;
  std::string_view variants;   // "Wrap Dress|Shirt Dress"
  std::string_view materials;  // names in materials()
  std::string_view features;   // noun phrases: "deep side pockets"
  std::string_view uses;       // sentences
  std::string_view pairs;      // codes of kinds that are bought with it
  std::string_view palette;    // "cloth", "neutral", "metal", "glass", "shade", "pack"
};

struct Brand {
  std::string_view name;
  std::string_view categories;  // letters: A apparel, S shoes, C accessories, H home, B beauty
  int price_percent;            // of the middle price
};

struct Material {
  std::string_view name;   // "linen"
  std::string_view title;  // in names: "Linen"; empty: not part of a name
  std::string_view says;   // two sentences to choose from
  std::string_view care;
  std::string_view tags;
};

struct NamedColour {
  std::string_view name;
  std::string_view rgb;
  std::string_view palettes;
};

std::string_view category_name(Category category);
std::string_view category_code(Category category);

std::span<const Kind> fashion_kinds();  // apparel, shoes, accessories
std::span<const Kind> house_kinds();    // home, beauty
std::span<const SizeLadder> size_ladders();
std::span<const Brand> brands();
std::span<const Material> materials();
std::span<const NamedColour> colours();
std::string_view series_names();  // "Marlow|Ebba|…": the first word of a product's name
std::string_view openings(Category category);
std::string_view feature_sentences();
std::string_view occasions(Category category);

}  // namespace vcommerce::catalogue
