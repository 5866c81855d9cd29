#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/base/result.h>

// Products that an answer names, held against a catalogue: does the product exist, does it cost what the answer says,
// is it in stock as the answer says?
//
// Mentions are ids of the catalogue's shapes, names of the catalogue wherever they stand, and wording that looks like a
// product's name (capitalised runs, quoted or bold text, model numbers, brands with a kind of product). Each is
// resolved by id, by exact name, fuzzily (spelling, word order, parts of the name) and, between close candidates, by
// cosine of hashed character trigrams. Model numbers must match exactly: X200 is not X210.
//
// Ownership and threads: a Catalogue is immutable once built and shared by pointer; `check` may run on any number of
// threads at once. A new version is a new Catalogue. Memory is about 1 KB a product.
// Limits: kProductsMax rows, kProductFieldBytesMax a field, kCheckTextBytesMax of an answer, kMentionsMax findings.
namespace godseye::guard {

inline constexpr size_t kProductsMax = 2'000'000;
inline constexpr size_t kProductFieldBytesMax = 1024;     // longer ids, names and brands are refused by `build`
inline constexpr size_t kCheckTextBytesMax = 256u << 10;  // bytes past this are not looked at
inline constexpr size_t kMentionsMax = 200;               // findings per answer; the first ones are kept

struct Product {
  std::string id;
  std::string name;
  std::string brand;
  std::optional<double> price;                                  // in `currency`
  std::string currency;                                         // ISO 4217 ("USD"); empty: any symbol is taken for it
  std::vector<std::pair<std::string, std::string>> attributes;  // "color" -> "black"
  std::optional<int64_t> stock;                                 // pieces; absent: unknown, never a conflict
};

enum class ProductVerdict : uint8_t {
  kValid,
  kInvalid,     // no such product
  kWrongPrice,  // exists; the answer gives another price
  kWrongStock,  // exists; said to be in stock but is not, or the other way round
};
// "valid", "invalid", "wrong_price", "wrong_stock".
std::string_view product_verdict_name(ProductVerdict verdict);

enum class ProductMatch : uint8_t { kNone, kId, kExact, kFuzzy, kEmbedding };
// "none", "id", "exact", "fuzzy", "embedding".
std::string_view product_match_name(ProductMatch match);

struct ProductFinding {
  ProductVerdict verdict = ProductVerdict::kValid;
  ProductMatch match = ProductMatch::kNone;
  size_t start = 0;  // bytes of the answer
  size_t end = 0;
  std::string text;       // the mention as written, at most 200 bytes
  std::string id;         // of the product it resolved to; for kInvalid the nearest one, if any is near
  double similarity = 0;  // of mention and product, 0 to 1
  std::optional<double> said_price;
  std::optional<double> catalogue_price;
  std::optional<bool> said_in_stock;
};

struct ProductFindings {
  std::vector<ProductFinding> mentions;  // by start
  uint32_t named = 0;                    // mentions
  uint32_t invalid = 0;
  uint32_t wrong_price = 0;
  uint32_t wrong_stock = 0;
  bool truncated = false;  // the answer was longer, or had more mentions, than the limits
};

class Catalogue {
 public:
  // Takes the rows; later rows with the same id replace earlier ones. kInvalidArgument names the first bad row (no id,
  // a field too long, a price below 0 or not finite), kTooLarge above kProductsMax. 100,000 rows take well under a
  // second.
  static base::Result<std::shared_ptr<const Catalogue>> build(std::vector<Product> rows);
  ~Catalogue();

  size_t size() const;
  // Nothing when the id is unknown; ids compare without case. The pointer lives as long as the catalogue.
  const Product* find(std::string_view id) const;
  ProductFindings check(std::string_view answer) const;

 private:
  struct Impl;
  explicit Catalogue(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace godseye::guard
