// Neutral answers until the scorers are in.
#include <godseye/guard/grounding.h>
#include <godseye/guard/products.h>
#include <godseye/guard/quality.h>
#include <godseye/guard/tokens.h>
#include <godseye/guard/toxicity.h>

namespace godseye::guard {

uint64_t estimate_tokens(std::string_view text, TokenFamily) { return (text.size() + 3) / 4; }
uint64_t estimate_tokens(std::string_view text, std::string_view model) {
  return estimate_tokens(text, token_family(model));
}
TokenFamily token_family(std::string_view) { return TokenFamily::kOther; }
std::string_view token_family_name(TokenFamily) { return "other"; }
double token_error(TokenFamily) { return 0.25; }

Toxicity inspect_toxicity(std::string_view) { return {}; }
double score_toxicity(std::string_view) { return 0; }

Grounding score_grounding(std::string_view, std::string_view, std::string_view) { return {}; }

void LengthHistory::observe(std::string_view) {}
double LengthHistory::deviation(std::string_view) const { return 0; }
QualityScore score_quality(const QualityInput& input) {
  QualityScore score;
  score.score = input.answer.empty() ? 0 : 1;
  return score;
}

struct Catalogue::Impl {
  std::vector<Product> products;
};
Catalogue::Catalogue(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Catalogue::~Catalogue() = default;
base::Result<std::shared_ptr<const Catalogue>> Catalogue::build(std::vector<Product> rows) {
  auto impl = std::make_unique<Impl>();
  impl->products = std::move(rows);
  return std::shared_ptr<const Catalogue>(new Catalogue(std::move(impl)));
}
size_t Catalogue::size() const { return impl_->products.size(); }
const Product* Catalogue::find(std::string_view id) const {
  for (const Product& product : impl_->products) {
    if (product.id == id) return &product;
  }
  return nullptr;
}
ProductFindings Catalogue::check(std::string_view) const { return {}; }

}  // namespace godseye::guard
