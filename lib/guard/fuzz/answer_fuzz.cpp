// Any bytes as answer, context and question (parted by zero bytes or in halves): scores in range, spans in the answer.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <godseye/guard/answer_json.h>
#include <godseye/guard/tokens.h>

namespace {

using namespace godseye::guard;

void expect(bool holds) {
  if (!holds) std::abort();
}

void check(std::string_view answer, std::string_view context, std::string_view question) {
  LengthHistory history{.count = 50, .mean = 3, .m2 = 20};
  const QualityScore quality =
      score_quality({.question = question, .context = context, .answer = answer, .history = &history});
  expect(quality.score >= 0 && quality.score <= 1 && quality.toxicity >= 0 && quality.toxicity <= 1);
  for (const auto& part : quality.parts) expect(part.value >= 0 && part.value <= 1);
  history.observe(answer);
  expect(history.mean >= 0 && history.m2 >= 0);
  const Grounding grounding = score_grounding(answer, context, question);
  expect(grounding.score >= 0 && grounding.score <= 1 && grounding.similarity >= 0 && grounding.similarity <= 1);
  expect(grounding.supported <= grounding.claims && grounding.unsupported.size() <= kUnsupportedMax);
  size_t start = 0;
  for (const UnsupportedClaim& claim : grounding.unsupported) {
    expect(claim.start >= start && claim.end > claim.start && claim.end <= answer.size());
    start = claim.start;
  }
  const Toxicity toxicity = inspect_toxicity(answer);
  for (const ToxicityHit& hit : toxicity.hits) expect(hit.end > hit.start && hit.end <= answer.size());
  for (size_t i = 0; i < kTokenFamilies; ++i) {
    const uint64_t tokens = estimate_tokens(answer, static_cast<TokenFamily>(i));
    expect(answer.empty() ? tokens == 0 : tokens >= 1 && tokens <= answer.size() * 4 + 1);
  }
  expect(!json_members(quality).empty() && !json_members(grounding).empty() && !json_members(toxicity).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t first = std::min(text.find('\x01'), text.size());
  const std::string_view rest = text.substr(std::min(first + 1, text.size()));
  const size_t second = std::min(rest.find('\x01'), rest.size());
  check(text.substr(0, first), rest.substr(0, second), rest.substr(std::min(second + 1, rest.size())));
  check(text, text, text);
  token_family(text);
  return 0;
}
