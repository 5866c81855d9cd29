#include "products/index.h"

#include "language.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

namespace godseye::guard::products {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Misspellings are looked for in words alone: one digit more is another product.
bool may_be_misspelt(std::string_view norm) {
  return norm.size() >= 5 && norm.size() <= 24 && std::none_of(norm.begin(), norm.end(), is_digit);
}

// Calls each(word) for `norm` with one letter left out, and for `norm` itself.
template <typename Each>
void each_delete(std::string_view norm, Each each) {
  each(text::word_hash(norm));
  std::array<char, 24> buffer;
  for (size_t skip = 0; skip < norm.size(); ++skip) {
    if (skip > 0 && norm[skip] == norm[skip - 1]) continue;
    std::copy(norm.begin(), norm.begin() + static_cast<ptrdiff_t>(skip), buffer.begin());
    std::copy(norm.begin() + static_cast<ptrdiff_t>(skip) + 1, norm.end(), buffer.begin() + skip);
    each(text::word_hash({buffer.data(), norm.size() - 1}));
  }
}

}  // namespace

std::string canonical_id(std::string_view id) {
  std::string out;
  for (const char c : id) {
    if (is_alnum(c) || static_cast<unsigned char>(c) >= 0x80)
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out;
}

uint64_t id_shape(std::string_view id) {
  uint64_t shape = 7;
  bool letters = false;
  bool digits = false;
  uint64_t length = 0;
  const auto close = [&] {
    if (length == 0) return;
    const uint64_t kind = letters && digits ? 3 : letters ? 1 : 2;
    shape = chain(shape, kind * 64 + std::min<uint64_t>(length, 63));
    letters = digits = false;
    length = 0;
  };
  for (const char c : id) {
    if (is_alnum(c)) {
      (is_digit(c) ? digits : letters) = true;
      ++length;
    } else {
      close();
    }
  }
  close();
  return shape;
}

int spelling_distance(std::string_view a, std::string_view b, int limit) {
  const int n = static_cast<int>(std::min<size_t>(a.size(), 31));
  const int m = static_cast<int>(std::min<size_t>(b.size(), 31));
  if (std::abs(n - m) > limit) return limit + 1;
  std::array<std::array<int, 32>, 3> rows;
  for (int j = 0; j <= m; ++j) rows[0][static_cast<size_t>(j)] = j;
  for (int i = 1; i <= n; ++i) {
    auto& row = rows[static_cast<size_t>(i % 3)];
    const auto& above = rows[static_cast<size_t>((i + 2) % 3)];
    const auto& two_above = rows[static_cast<size_t>((i + 1) % 3)];
    row[0] = i;
    int least = i;
    for (int j = 1; j <= m; ++j) {
      const auto at = static_cast<size_t>(j);
      const char ca = a[static_cast<size_t>(i - 1)];
      const char cb = b[at - 1];
      int cost = std::min({above[at] + 1, row[at - 1] + 1, above[at - 1] + (ca != cb)});
      if (i > 1 && j > 1 && ca == b[at - 2] && a[static_cast<size_t>(i - 2)] == cb)
        cost = std::min(cost, two_above[at - 2] + 1);
      row[at] = cost;
      least = std::min(least, cost);
    }
    if (least > limit) return limit + 1;
  }
  return rows[static_cast<size_t>(n % 3)][static_cast<size_t>(m)];
}

Index::Index(std::vector<Product> rows) : products(std::move(rows)) {
  add_ids();
  add_tokens();
  add_names();
  add_postings();
  add_deletes();
}

void Index::add_ids() {
  ids.reserve(products.size());
  size_t numbers = 0;
  for (uint32_t i = 0; i < products.size(); ++i) {
    const std::string& id = products[i].id;
    ids.insert(text::word_hash(canonical_id(id)), i);
    const bool has_letter = std::any_of(id.begin(), id.end(), [](char c) { return is_alnum(c) && !is_digit(c); });
    numbers += !has_letter;
    if (has_letter && id.size() >= 4) id_shapes.insert(id_shape(id), 1);
  }
  ids_are_numbers = numbers * 2 > products.size();
}

uint32_t Index::intern(const text::Words& words, size_t i) {
  const auto next = static_cast<uint32_t>(tokens.size());
  const uint32_t found = token_ids.insert(words[i].hash, next);
  if (found != next) return found;
  Token token;
  token.hash = words[i].hash;
  token.text_at = static_cast<uint32_t>(token_text.size());
  token.text_size = words[i].norm_size;
  if (words[i].is(text::Word::kDigit)) token.flags |= Token::kModel;
  const std::string_view norm = words.norm(i);
  if (words[i].is(text::Word::kStop) || Language::shipped().is_word(norm)) token.flags |= Token::kCommon;
  token_text += norm;
  tokens.push_back(token);
  return next;
}

void Index::add_tokens() {
  product_at.reserve(products.size() + 1);
  name_tokens.reserve(products.size());
  std::vector<uint32_t> lasts;
  std::vector<uint32_t> seen;
  for (const Product& product : products) {
    product_at.push_back(static_cast<uint32_t>(product_token.size()));
    const text::Words name(product.name);
    const size_t size = std::min(name.size(), kNameTokensMax);
    for (size_t i = 0; i < size; ++i) product_token.push_back(intern(name, i));
    for (size_t i = 0; i < size; ++i) tokens[product_token[product_at.back() + i]].flags |= Token::kInName;
    name_tokens.push_back(static_cast<uint8_t>(size));
    // The kind of product is the last plain word: "AeroPulse X200 Headphones 2".
    for (size_t i = size; i-- > 0;) {
      const Token& token = tokens[product_token[product_at.back() + i]];
      // Neither is the letter of "A-123".
      if (token.is(Token::kModel) || token.text_size < 3) continue;
      lasts.push_back(product_token[product_at.back() + i]);
      break;
    }
    const text::Words brand(product.brand);
    for (size_t i = 0; i < std::min<size_t>(brand.size(), 4); ++i) {
      const uint32_t token = intern(brand, i);
      tokens[token].flags |= i == 0 ? Token::kBrand | Token::kInName : Token::kInName;
      product_token.push_back(token);
    }
    size_t extra = 0;
    for (const auto& [key, value] : product.attributes) {
      const text::Words words(std::string_view(value).substr(0, 64));
      for (size_t i = 0; i < words.size() && extra < 16; ++i, ++extra) product_token.push_back(intern(words, i));
    }
  }
  product_at.push_back(static_cast<uint32_t>(product_token.size()));
  std::unordered_map<uint32_t, uint32_t> last_count;
  for (const uint32_t token : lasts) ++last_count[token];
  const uint32_t enough = products.size() < 1000 ? 1 : 3;
  for (const auto& [token, count] : last_count) {
    if (count >= enough && !tokens[token].is(Token::kBrand)) tokens[token].flags |= Token::kType;
  }
}

void Index::add_name(const std::vector<uint32_t>& name, uint32_t product) {
  if (name.empty()) return;
  uint64_t hash = 1;
  for (const uint32_t token : name) hash = chain(hash, tokens[token].hash);
  Token& first = tokens[name.front()];
  first.flags |= Token::kStartsName;
  first.longest = std::max(first.longest, static_cast<uint8_t>(name.size()));
  const uint32_t head = names.insert(hash, product);
  if (head == product) return;
  // Behind the first of the chain; a product with two variants of one hash is in the chain already.
  for (uint32_t at = head; at != kNone; at = same_name[at]) {
    if (at == product) return;
  }
  if (same_name[product] != kNone) return;
  same_name[product] = same_name[head];
  same_name[head] = product;
}

void Index::add_names() {
  same_name.assign(products.size(), kNone);
  names.reserve(products.size() * 2);
  std::vector<uint32_t> name;
  for (uint32_t i = 0; i < products.size(); ++i) {
    const uint32_t* begin = product_token.data() + product_at[i];
    name.assign(begin, begin + name_tokens[i]);
    add_name(name, i);
    if (products[i].brand.empty() || name.empty()) continue;
    const text::Words brand(products[i].brand);
    std::vector<uint32_t> brand_tokens;
    for (size_t b = 0; b < std::min<size_t>(brand.size(), 4); ++b) brand_tokens.push_back(token(brand[b].hash));
    const bool has_brand =
        name.size() > brand_tokens.size() && std::equal(brand_tokens.begin(), brand_tokens.end(), name.begin());
    if (has_brand) {
      name.erase(name.begin(), name.begin() + static_cast<ptrdiff_t>(brand_tokens.size()));
      // One word alone ("Lamp") is no name.
      if (name.size() >= 2) add_name(name, i);
    } else {
      brand_tokens.insert(brand_tokens.end(), name.begin(), name.end());
      if (brand_tokens.size() <= kNameTokensMax) add_name(brand_tokens, i);
    }
  }
}

void Index::add_postings() {
  std::vector<uint32_t> last_product(tokens.size(), kNone);
  for (uint32_t i = 0; i < products.size(); ++i) {
    for (uint32_t at = product_at[i]; at < product_at[i + 1]; ++at) {
      const uint32_t token = product_token[at];
      if (last_product[token] == i) continue;
      last_product[token] = i;
      ++tokens[token].count;
    }
  }
  uint32_t at = 0;
  const double all = static_cast<double>(products.size()) + 1;
  for (Token& token : tokens) {
    token.postings_at = at;
    at += token.count;
    token.weight = static_cast<float>(std::log(1 + all / token.count));
    token.count = 0;
  }
  unknown_weight_ = static_cast<float>(std::log(1 + all));
  postings.resize(at);
  std::fill(last_product.begin(), last_product.end(), kNone);
  for (uint32_t i = 0; i < products.size(); ++i) {
    for (uint32_t p = product_at[i]; p < product_at[i + 1]; ++p) {
      const uint32_t number = product_token[p];
      if (last_product[number] == i) continue;
      last_product[number] = i;
      Token& token = tokens[number];
      postings[token.postings_at + token.count++] = i;
    }
  }
}

void Index::add_deletes() {
  for (uint32_t i = 0; i < tokens.size(); ++i) {
    const std::string_view norm = text(tokens[i]);
    if (!may_be_misspelt(norm)) continue;
    each_delete(norm, [&](uint64_t hash) { deletes.insert(hash, i); });
  }
}

uint32_t Index::near_token(std::string_view norm) const {
  if (!may_be_misspelt(norm)) return kNone;
  uint32_t found = kNone;
  each_delete(norm, [&](uint64_t hash) {
    if (found != kNone) return;
    const uint32_t candidate = deletes.find(hash);
    // Two letters left out on both sides can meet as well: look again.
    if (candidate != kNone && spelling_distance(norm, text(tokens[candidate]), 1) <= 1) found = candidate;
  });
  return found;
}

}  // namespace godseye::guard::products
