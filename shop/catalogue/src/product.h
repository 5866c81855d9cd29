#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What the catalogue knows about one product. Plain data; every text may come from outside and is only ever data.
namespace vcommerce::catalogue {

// US dollars: whole ones and billionths, never negative.
struct Price {
  int64_t units = 0;
  int32_t nanos = 0;

  auto operator<=>(const Price&) const = default;
};

struct SizeStock {
  std::string size;
  int32_t available = 0;

  bool operator==(const SizeStock&) const = default;
};

struct Colour {
  std::string name;
  std::string rgb;  // "#rrggbb"

  bool operator==(const Colour&) const = default;
};

struct Product {
  std::string id;
  std::string name;
  std::string brand;
  std::string category;
  std::string kind;
  std::string description;
  Price price;
  std::vector<SizeStock> sizes;
  std::vector<Colour> colours;
  int32_t weight_grams = 0;
  std::string material;
  std::string care;
  std::vector<std::string> tags;
  std::vector<std::string> pairs_with;
  int64_t version = 1;

  bool in_stock() const {
    for (const SizeStock& size : sizes) {
      if (size.available > 0) return true;
    }
    return false;
  }
  int64_t available() const {
    int64_t sum = 0;
    for (const SizeStock& size : sizes) sum += size.available;
    return sum;
  }
};

// "0-25", "25-50", "50-100", "100-200", "200-": the lower bound belongs to the band.
std::string_view price_band(const Price& price);

}  // namespace vcommerce::catalogue
