// Neutral answers until the scorers are in.
#include <godseye/guard/grounding.h>
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

}  // namespace godseye::guard
