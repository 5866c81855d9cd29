#include "products/claims.h"
#include "products/index.h"
#include "products/mentions.h"
#include "utf8.h"

#include <cmath>
#include <unordered_map>

#include <godseye/guard/products.h>

namespace godseye::guard {

namespace {

constexpr size_t kMentionTextBytesMax = 200;

base::Error bad_row(size_t row, const Product& product, std::string_view what) {
  return base::Error(base::ErrorCode::kInvalidArgument, "product " + std::to_string(row + 1) + " (\"" +
                                                            product.id.substr(0, 64) + "\"): " + std::string(what));
}

base::Status valid_row(size_t row, const Product& product) {
  if (products::canonical_id(product.id).empty()) return bad_row(row, product, "the id has no letter or digit");
  if (product.id.size() > kProductFieldBytesMax) return bad_row(row, product, "the id is too long");
  if (product.name.size() > kProductFieldBytesMax) return bad_row(row, product, "the name is too long");
  if (product.brand.size() > kProductFieldBytesMax) return bad_row(row, product, "the brand is too long");
  if (product.price && !(std::isfinite(*product.price) && *product.price >= 0))
    return bad_row(row, product, "the price must be 0 or more");
  return base::ok();
}

}  // namespace

std::string_view product_verdict_name(ProductVerdict verdict) {
  switch (verdict) {
    case ProductVerdict::kValid:
      return "valid";
    case ProductVerdict::kInvalid:
      return "invalid";
    case ProductVerdict::kWrongPrice:
      return "wrong_price";
    case ProductVerdict::kWrongStock:
      return "wrong_stock";
  }
  return "valid";
}

std::string_view product_match_name(ProductMatch match) {
  switch (match) {
    case ProductMatch::kNone:
      return "none";
    case ProductMatch::kId:
      return "id";
    case ProductMatch::kExact:
      return "exact";
    case ProductMatch::kFuzzy:
      return "fuzzy";
    case ProductMatch::kEmbedding:
      return "embedding";
  }
  return "none";
}

struct Catalogue::Impl {
  explicit Impl(std::vector<Product> rows) : index(std::move(rows)) {}
  products::Index index;
};

Catalogue::Catalogue(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Catalogue::~Catalogue() = default;

base::Result<std::shared_ptr<const Catalogue>> Catalogue::build(std::vector<Product> rows) {
  if (rows.size() > kProductsMax)
    return base::Error(base::ErrorCode::kTooLarge, "a catalogue has at most " + std::to_string(kProductsMax) +
                                                       " products, not " + std::to_string(rows.size()));
  std::vector<Product> kept;
  kept.reserve(rows.size());
  std::unordered_map<std::string, size_t> by_id;
  by_id.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    if (base::Status valid = valid_row(i, rows[i]); !valid) return std::move(valid).error();
    const auto [found, inserted] = by_id.try_emplace(products::canonical_id(rows[i].id), kept.size());
    if (inserted)
      kept.push_back(std::move(rows[i]));
    else
      kept[found->second] = std::move(rows[i]);
  }
  return std::shared_ptr<const Catalogue>(new Catalogue(std::make_unique<const Impl>(std::move(kept))));
}

size_t Catalogue::size() const { return impl_->index.products.size(); }

const Product* Catalogue::find(std::string_view id) const {
  if (id.size() > kProductFieldBytesMax) return nullptr;
  const uint32_t found = impl_->index.ids.find(text::word_hash(products::canonical_id(id)));
  return found == products::kNone ? nullptr : &impl_->index.products[found];
}

ProductFindings Catalogue::check(std::string_view answer) const {
  const products::Index& index = impl_->index;
  ProductFindings findings;
  findings.truncated = answer.size() > kCheckTextBytesMax;
  if (findings.truncated) answer = answer.substr(0, utf8::floor_boundary(answer, kCheckTextBytesMax));
  if (index.products.empty()) return findings;
  const text::Words words(answer);
  bool more = false;
  const std::vector<products::Mention> mentions = products::find_mentions(index, words, more);
  findings.truncated = findings.truncated || more;
  const std::vector<products::Said> said = products::read_claims(words, mentions);
  for (size_t i = 0; i < mentions.size(); ++i) {
    const products::Mention& mention = mentions[i];
    ProductFinding finding;
    finding.match = mention.match;
    finding.start = words[mention.first].start;
    finding.end = words[mention.last - 1].end;
    const std::string_view written = answer.substr(finding.start, finding.end - finding.start);
    finding.text = written.substr(0, utf8::floor_boundary(written, kMentionTextBytesMax));
    finding.similarity = mention.similarity;
    if (said[i].price) finding.said_price = said[i].price->value;
    if (said[i].stock) finding.said_in_stock = said[i].stock->in_stock;
    uint32_t product = mention.nearest;
    if (!mention.valid) {
      finding.verdict = ProductVerdict::kInvalid;
      ++findings.invalid;
    } else {
      // Several products may be meant: a claim is wrong only if it is wrong of each.
      bool price_wrong = said[i].price.has_value() && !mention.products_cut;
      bool stock_wrong = said[i].stock.has_value() && !mention.products_cut;
      for (const uint32_t one : mention.products) {
        if (price_wrong && products::price_agrees(*said[i].price, index.products[one])) {
          price_wrong = false;
          product = one;
        }
        if (stock_wrong && products::stock_agrees(*said[i].stock, index.products[one])) stock_wrong = false;
      }
      findings.wrong_price += price_wrong;
      findings.wrong_stock += stock_wrong;
      finding.verdict = price_wrong   ? ProductVerdict::kWrongPrice
                        : stock_wrong ? ProductVerdict::kWrongStock
                                      : ProductVerdict::kValid;
    }
    if (product != products::kNone) {
      finding.id = index.products[product].id;
      finding.catalogue_price = index.products[product].price;
    }
    findings.mentions.push_back(std::move(finding));
  }
  findings.named = static_cast<uint32_t>(findings.mentions.size());
  return findings;
}

}  // namespace godseye::guard
