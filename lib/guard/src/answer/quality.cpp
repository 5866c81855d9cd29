#include "answer/evidence.h"
#include "answer/signals.h"
#include "answer/weights.h"
#include "utf8.h"

#include <algorithm>
#include <cmath>

#include <godseye/guard/quality.h>

namespace godseye::guard {

namespace {

using text::Word;
using text::Words;

constexpr double kReasonBelow = 0.6;
// Without a context a good answer may use none of the question's words in a sentence.
constexpr double kWanderingUnheld = 0.35;

std::string_view bounded(std::string_view text) {
  return text.substr(0, utf8::floor_boundary(text, kQualityTextBytesMax));
}

// Relevance: the answer takes up the question, or speaks of what the context says. Short answers ("Yes", "5 minutes")
// need not repeat either.
double relevance(const answer::Evidence& evidence, const Words& said, const Words& asked, const Words& given) {
  if (asked.size() == 0 && given.size() == 0) return 1;
  const double taken_up = std::min(1.0, evidence.question_share / 0.4);
  const double informed = given.size() > 0 ? std::min(1.0, evidence.support / 0.6) : taken_up;
  const double score = 1 - (1 - 0.75 * taken_up) * (1 - informed);
  size_t content = 0;
  for (const Word& word : said.all()) content += word.content();
  if (content <= 3) return std::max(score, 0.7);
  // Without a context an answer in other words than the question's is still likely to answer it.
  if (given.size() == 0) return 0.65 + 0.35 * score;
  return std::clamp(score, 0.0, 1.0);
}

// Product ids that the context or the question has. 1 when the answer names none.
double known_ids(const std::vector<std::string>& ids, std::string_view context, std::string_view question) {
  if (ids.empty()) return 1;
  size_t known = 0;
  for (const std::string& id : ids)
    known += context.find(id) != std::string_view::npos || question.find(id) != std::string_view::npos;
  return static_cast<double>(known) / static_cast<double>(ids.size());
}

double combine(const QualityScore& score) {
  double logit = answer::kQualityBias;
  for (size_t i = 0; i < kQualityParts; ++i) {
    if (score.parts[i].measured) logit -= answer::kQualityWeights[i] * (1 - score.parts[i].value);
  }
  return 1 / (1 + std::exp(-logit));
}

void find_reasons(QualityScore& score) {
  std::vector<std::pair<double, size_t>> costs;
  for (size_t i = 0; i < kQualityParts; ++i) {
    const QualityScore::Part& part = score.parts[i];
    if (part.measured && part.value < kReasonBelow)
      costs.emplace_back(answer::kQualityWeights[i] * (1 - part.value), i);
  }
  std::sort(costs.rbegin(), costs.rend());
  for (const auto& [cost, part] : costs) score.reasons.push_back(quality_part_name(static_cast<QualityPart>(part)));
}

}  // namespace

std::string_view quality_part_name(QualityPart part) {
  constexpr std::array<std::string_view, kQualityParts> kNames = {
      "relevance", "coherence",   "repetition",  "refusal",  "truncation", "length",
      "grounding", "product_ids", "readability", "civility", "engagement"};
  return kNames[static_cast<size_t>(part) % kQualityParts];
}

void LengthHistory::observe(std::string_view answer) { observe_words(Words(bounded(answer)).size()); }

void LengthHistory::observe_words(size_t words) {
  const double value = std::log1p(static_cast<double>(words));
  // Welford with a memory: beyond it each new answer pushes an old one out.
  if (count >= kMemory) {
    m2 *= (kMemory - 1) / count;
    count = kMemory - 1;
  }
  count += 1;
  const double delta = value - mean;
  mean += delta / count;
  m2 += delta * (value - mean);
}

double LengthHistory::deviation(std::string_view answer) const {
  return count >= kEnough ? deviation_words(Words(bounded(answer)).size()) : 0;
}

double LengthHistory::deviation_words(size_t words) const {
  if (!(count >= kEnough)) return 0;
  const double value = std::log1p(static_cast<double>(words));
  // Answers of one length exactly are a yardstick too strict.
  const double spread = std::max(0.25, std::sqrt(std::max(0.0, m2) / count));
  return (value - mean) / spread;
}

namespace {

std::vector<std::string> product_ids_of(const Words& words) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < words.size() && ids.size() < kQualityProductIdsMax;) {
    size_t end = i + 1;
    while (end < words.size() && words[end].is(Word::kHyphen) && end - i < 6) ++end;
    // A digit somewhere: most words are done with here.
    const auto has_digit = [](const Word& word) { return word.is(Word::kDigit); };
    if (std::none_of(words.all().begin() + static_cast<ptrdiff_t>(i), words.all().begin() + static_cast<ptrdiff_t>(end),
                     has_digit)) {
      i = end;
      continue;
    }
    size_t digits = 0;
    size_t letters = 0;
    bool lower = false;
    const std::string_view written = words.text().substr(words[i].start, words[end - 1].end - words[i].start);
    for (const char c : written) {
      digits += c >= '0' && c <= '9';
      lower = lower || (c >= 'a' && c <= 'z');
      letters += (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }
    // "SKU-1042", "66VCHSJNUP", "X200"; not "COVID-19"-like words in small letters, dates or plain numbers.
    const bool id = digits > 0 && letters > 0 && !lower && written.size() >= 4 && written.size() <= 40 &&
                    (digits >= 2 || letters >= 4);
    if (id && std::find(ids.begin(), ids.end(), written) == ids.end()) ids.emplace_back(written);
    i = end;
  }
  return ids;
}

}  // namespace

std::vector<std::string> extract_product_ids(std::string_view text) { return product_ids_of(Words(bounded(text))); }

double engagement_score(const Engagement& engagement) {
  // One click in five shown is usual; the prior counts like ten shown.
  const double rate = (std::min(engagement.clicked, engagement.shown) + 2.0) / (engagement.shown + 10.0);
  double value = std::clamp(rate / 0.4, 0.0, 1.0);
  if (engagement.converted) value = 1;
  if (engagement.rating > 0) value = std::max(value, 0.9);
  if (engagement.rating < 0) value = std::min(value, 0.1);
  return value;
}

QualityScore score_quality(const QualityInput& input) {
  QualityScore score;
  const std::string_view text = bounded(input.answer);
  const answer::Texts texts(text, bounded(input.context), bounded(input.question));
  const Words& said = texts.said;
  const Words& given = texts.given;
  score.answer_words = said.size();
  if (said.size() == 0) {
    score.score = 0;
    score.parts[static_cast<size_t>(QualityPart::kRelevance)] = {0, true};
    score.reasons.push_back(quality_part_name(QualityPart::kRelevance));
    return score;
  }
  const answer::Evidence evidence = answer::gather_evidence(texts);
  const auto set = [&](QualityPart part, double value) {
    score.parts[static_cast<size_t>(part)] = {std::clamp(value, 0.0, 1.0), true};
  };
  if (!evidence.other_language) set(QualityPart::kRelevance, relevance(evidence, said, texts.asked, given));
  const double wandering =
      evidence.other_language ? 0 : answer::wandering(texts) * (given.size() > 0 ? 1 : kWanderingUnheld);
  set(QualityPart::kCoherence, 1 - std::max(wandering, answer::filler(said)));
  set(QualityPart::kRepetition, 1 - answer::repetition(said));
  set(QualityPart::kRefusal, 1 - answer::refusal(said));
  // A text cut at kQualityTextBytesMax ends where we cut it.
  set(QualityPart::kTruncation,
      text.size() < input.answer.size() ? 1 : 1 - answer::truncation(text, said, input.finish_reason));
  set(QualityPart::kReadability, 1 - answer::unreadable(text, said));
  score.toxicity = answer::toxicity_of(said).score;
  set(QualityPart::kCivility, 1 - score.toxicity);
  if (evidence.grounding.measured) set(QualityPart::kGrounding, evidence.grounding.score);
  score.ungrounded = evidence.grounding.ungrounded;
  score.similarity = evidence.grounding.similarity;
  score.product_ids = product_ids_of(said);
  if (given.size() > 0 && !score.product_ids.empty())
    set(QualityPart::kProductIds, known_ids(score.product_ids, input.context, input.question));
  if (input.history != nullptr && input.history->count >= LengthHistory::kEnough) {
    const double off = std::fabs(input.history->deviation_words(said.size()));
    set(QualityPart::kLength, 1 - (off - 1.5) / 3);
  }
  if (input.engagement != nullptr) set(QualityPart::kEngagement, engagement_score(*input.engagement));
  score.score = combine(score);
  find_reasons(score);
  return score;
}

}  // namespace godseye::guard
