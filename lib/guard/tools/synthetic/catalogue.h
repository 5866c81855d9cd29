#pragma once

#include "../train/random.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <godseye/guard/products.h>

// Seeded catalogues and answers that name their products, for tests, benches and the tables of docs/guard.md. Brands
// and series are made of syllables; kinds, colours and sentences are written out.
namespace godseye::guard::synthetic {

// Where the names of brands and series come from: made of syllables ("Fjuror"), or words that mean something else
// elsewhere ("Summit", "Breeze"), which is harder.
enum class Naming : uint8_t { kCoined, kWords };

// Products of every kind of shop, in four styles of name; one product in eight is out of stock.
std::vector<Product> make_catalogue(uint64_t seed, size_t count, Naming naming = Naming::kCoined);

enum class AnswerKind : uint8_t { kValid, kInvented, kWrongPrice, kOutOfStock };

// How a product that does not exist was made up.
enum class Invention : uint8_t { kNone, kBrand, kSeries, kModel, kKind, kId };

struct ProductAnswer {
  std::string text;
  AnswerKind kind = AnswerKind::kValid;
  Invention invention = Invention::kNone;
  size_t named = 0;  // products that it names, real and invented
};

// Writes answers that name one to three products (in full, in part, misspelt, in bold, by id) and talk of other things
// as well. All products but the first are real and right; the first is what `kind` says.
class AnswerMaker {
 public:
  // `products` must outlive the maker.
  AnswerMaker(const std::vector<Product>& products, uint64_t seed, Naming naming = Naming::kCoined);
  ProductAnswer make(AnswerKind kind);

 private:
  std::string mention(const Product& product);
  std::string misspell(std::string name);
  Product invent(Invention& how);
  std::string sentence(const Product& product, std::string_view name, AnswerKind kind);

  const std::vector<Product>& products_;
  train::Random random_;
  Naming naming_;
  std::unordered_set<std::string> names_;  // what an invention must not be
  std::unordered_set<std::string> ids_;
};

}  // namespace godseye::guard::synthetic
