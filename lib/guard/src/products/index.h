#pragma once

#include "text/flat_map.h"
#include "text/words.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/guard/products.h>

// What a catalogue looks like to the search: ids, names as sequences of tokens, postings of each token, misspellings of
// tokens. Built once, then only read.
namespace godseye::guard::products {

using text::FlatMap;

inline constexpr uint32_t kNone = FlatMap::kNone;
inline constexpr size_t kNameTokensMax = 24;  // tokens of one name that are looked at

struct Token {
  enum Flag : uint8_t {
    kBrand = 1,       // begins a brand
    kType = 2,        // names a kind of product: "lamp", "headphones"
    kStartsName = 4,  // some name, or variant of a name, begins with it
    kModel = 8,       // has a digit: X200, 40cm, 2
    kCommon = 16,     // a common word of the language
    kInName = 32,     // some name or brand has it, not attributes alone
  };
  uint64_t hash = 0;
  uint32_t text_at = 0;  // in Index::token_text
  uint32_t count = 0;    // products that have it
  uint32_t postings_at = 0;
  float weight = 0;  // inverse frequency
  uint8_t text_size = 0;
  uint8_t flags = 0;
  uint8_t longest = 0;  // tokens of the longest name that begins with it

  bool is(Flag flag) const { return (flags & flag) != 0; }
};

struct Index {
  std::vector<Product> products;
  FlatMap ids;        // canonical id -> product
  FlatMap id_shapes;  // shapes of ids with at least one digit, and of all-letter ids
  bool ids_are_numbers = false;

  FlatMap token_ids;  // hash of the token -> index in `tokens`
  std::vector<Token> tokens;
  std::string token_text;
  std::vector<uint32_t> postings;       // product numbers by token, ascending
  std::vector<uint32_t> product_token;  // tokens of name, brand and attributes of each product
  std::vector<uint32_t> product_at;     // where they begin; one more than products
  std::vector<uint8_t> name_tokens;     // how many of them are the name
  FlatMap names;                        // hash of a name's tokens -> product; variants with and without the brand
  std::vector<uint32_t> same_name;      // the next product of the same name, or kNone
  FlatMap deletes;                      // a token with one letter left out -> token

  explicit Index(std::vector<Product> rows);

  std::string_view text(const Token& token) const {
    return std::string_view(token_text).substr(token.text_at, token.text_size);
  }
  // The token spelt like `norm`, or one letter away from it (then `exact` is false); kNone.
  uint32_t token(uint64_t hash) const { return token_ids.find(hash); }
  uint32_t near_token(std::string_view norm) const;
  float unknown_weight() const { return unknown_weight_; }

 private:
  void add_ids();
  void add_tokens();
  void add_names();
  void add_postings();
  void add_deletes();
  uint32_t intern(const text::Words& words, size_t i);
  void add_name(const std::vector<uint32_t>& tokens, uint32_t product);

  float unknown_weight_ = 1;
};

// Letters and digits alone, in lower case.
std::string canonical_id(std::string_view id);
// What kind of characters an id has, and how many between its separators: "LS4-PSX" is mixed 3, mixed 3.
uint64_t id_shape(std::string_view id);
// Combines hashes of tokens in order.
inline uint64_t chain(uint64_t before, uint64_t hash) {
  return (before ^ hash) * 0x9E3779B97F4A7C15ULL + (before >> 29);
}
// Levenshtein distance with neighbouring letters swapped counting one; anything above `limit` is limit + 1.
int spelling_distance(std::string_view a, std::string_view b, int limit);

}  // namespace godseye::guard::products
