#include "answer/evidence.h"

#include "answer/facts.h"
#include "answer/tongue.h"
#include "language.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace godseye::guard::answer {

namespace {

using text::Amount;
using text::Gap;
using text::Sentence;
using text::Unit;
using text::Word;
using text::Words;

constexpr double kStatementSupportMin = 0.34;   // below: reported
constexpr double kStatementSupportFull = 0.75;  // from here on fully supported; paraphrase costs a quarter
constexpr double kFlawCost = 0.55;              // what is left of the score for each wrong number or contradiction
constexpr uint32_t kFlawsMax = 3;
constexpr size_t kStatementWordsMin = 3;
constexpr int kNegationReach = 3;

constexpr double kCommonWeight = 0.7;  // of a word that every text has

double word_weight(const Words& words, const Word& word) {
  return Language::shipped().is_word(words.norm(word)) ? kCommonWeight : 1.0;
}

// word_hash of three bytes: what XXH3 does with so few, written out because a text has hundreds of trigrams.
uint64_t trigram_hash(const char* bytes) {
  const auto byte = [&](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])); };
  uint64_t hash = (byte(0) << 16 | byte(1) << 24 | byte(2) | 3u << 8) ^ 0x87275A9Bu;
  hash ^= hash >> 33;
  hash *= 0xC2B2AE3D27D4EB4Full;
  hash ^= hash >> 29;
  hash *= 0x165667B19E3779F9ull;
  return hash ^ hash >> 32;
}

// Cosine of hashed stems and character trigrams.
double hashed_similarity(const Words& a, const Words& b) {
  constexpr size_t kBuckets = 1024;
  std::array<std::array<float, kBuckets>, 2> counts{};
  for (size_t side = 0; side < 2; ++side) {
    const Words& words = side == 0 ? a : b;
    for (const Word& word : words.all()) {
      if (!word.content() && !word.is(Word::kDigit)) continue;
      counts[side][word.stem % kBuckets] += 1;
      const std::string_view norm = words.norm(word);
      for (size_t i = 0; i + 3 <= norm.size(); ++i) counts[side][trigram_hash(norm.data() + i) % kBuckets] += 0.3f;
    }
    // A word said ten times is not ten times the subject.
    for (float& count : counts[side]) count = std::sqrt(count);
  }
  double dot = 0;
  double aa = 0;
  double bb = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    dot += static_cast<double>(counts[0][i]) * counts[1][i];
    aa += static_cast<double>(counts[0][i]) * counts[0][i];
    bb += static_cast<double>(counts[1][i]) * counts[1][i];
  }
  return aa > 0 && bb > 0 ? dot / std::sqrt(aa * bb) : 0;
}

class Gatherer {
 public:
  explicit Gatherer(const Texts& texts)
      : texts_(texts),
        answer_(texts.said),
        context_(texts.given),
        question_(texts.asked),
        in_context_(texts.in_given),
        in_question_(texts.in_asked),
        negated_(negated_words(texts.said)) {
    numbers_.add(context_);
    numbers_.add(question_);
    numbers_.sort();
    const Tongue said = guess_tongue(answer_);
    const Tongue given = guess_tongue(context_);
    out_.other_language = said != given && said != Tongue::kUnknown && given != Tongue::kUnknown;
    names_count_ = context_.size() > 0 && !out_.other_language && said != Tongue::kGerman &&
                   (said != Tongue::kUnknown || !capitals_are_common());
  }

  Evidence run() {
    look_up_words();
    look_at_words();
    for (size_t i = 0; i < answer_.sentences().size() && !out_.other_language; ++i) look_at_sentence(i);
    look_at_numbers();
    look_at_exact_words();
    if (names_count_) look_at_names();
    finish();
    return std::move(out_);
  }

 private:
  bool known(const Word& word) const { return in_context_.has(word) || in_question_.has(word); }

  // Each meaningful word of the answer is weighed and looked up once; sentences and names ask again.
  void look_up_words() {
    looked_up_.resize(answer_.size());
    for (size_t i = 0; i < answer_.size(); ++i) {
      const Word& word = answer_[i];
      if (!word.content() || word.is(Word::kDigit)) continue;
      looked_up_[i] = {.weight = word_weight(answer_, word), .in_context = in_context_.has(word), .known = known(word)};
    }
  }

  // German writes every noun with a capital: there a capital is no name.
  bool capitals_are_common() const {
    size_t capitals = 0;
    size_t all = 0;
    for (const Word& word : answer_.all()) {
      if (!word.is(Word::kLetter) || word.gap >= Gap::kSentence) continue;
      ++all;
      capitals += word.is(Word::kCapital);
    }
    return capitals * 2 > all + 2;
  }

  void look_at_words() {
    double all = 0;
    double supported = 0;
    for (size_t s = 0; s < answer_.sentences().size(); ++s) {
      if (texts_.courtesy[s]) continue;
      const Sentence& sentence = answer_.sentences()[s];
      for (size_t i = sentence.first; i < sentence.last; ++i) {
        all += looked_up_[i].weight;
        if (looked_up_[i].known) supported += looked_up_[i].weight;
      }
    }
    out_.support = all > 0 ? supported / all : 0;
    const Stems in_answer(answer_);
    double asked = 0;
    double answered = 0;
    for (const Word& word : question_.all()) {
      if (!word.content() && !word.is(Word::kDigit)) continue;
      const double weight = word_weight(question_, word);
      asked += weight;
      if (in_answer.has(word)) answered += weight;
    }
    out_.question_share = asked > 0 ? answered / asked : 0;
  }

  // `credit` of the weight counts as supported; nothing is reported when `supported`.
  void report(ClaimKind kind, size_t start, size_t end, double weight, bool supported, double credit = -1) {
    ++out_.grounding.claims;
    weight_ += weight;
    supported_ += weight * (credit >= 0 ? credit : supported ? 1 : 0);
    if (supported) {
      ++out_.grounding.supported;
      return;
    }
    if (kind == ClaimKind::kPrice || kind == ClaimKind::kDiscount || kind == ClaimKind::kPolicy) grave_ = true;
    if (out_.grounding.unsupported.size() < kUnsupportedMax) out_.grounding.unsupported.push_back({kind, start, end});
  }

  // What one sentence of the answer shares with the context.
  struct Seen {
    double share = 1;         // of its meaningful words, in context or question
    size_t content = 0;       // meaningful words
    size_t from_context = 0;  // of those
    size_t flipped = 0;       // said here, denied there, or the other way round
    bool discount = false;
    bool policy = false;
    bool promises_known = true;  // the context has the words of discount or policy
  };

  Seen see(const Sentence& sentence) const {
    Seen seen;
    double all = 0;
    double supported = 0;
    for (size_t i = sentence.first; i < sentence.last; ++i) {
      const Word& word = answer_[i];
      const bool discount = word.in(text::kDiscountWord) || gives_free(i);
      const bool policy = word.in(text::kPolicyWord);
      seen.discount = seen.discount || discount;
      seen.policy = seen.policy || policy;
      if (discount || policy) seen.promises_known = seen.promises_known && in_context_.has(word);
      if (looked_up_[i].weight == 0) continue;
      ++seen.content;
      seen.from_context += looked_up_[i].in_context;
      all += looked_up_[i].weight;
      if (looked_up_[i].known) supported += looked_up_[i].weight;
      seen.flipped += negated_[i] ? in_context_.never_negated(word) : in_context_.only_negated(word);
    }
    if (all > 0) seen.share = supported / all;
    return seen;
  }

  // "free shipping", "free returns"; not "feel free", "gluten-free", "free of gluten".
  bool gives_free(size_t i) const {
    if (i + 1 >= answer_.size() || !answer_[i + 1].in(text::kFreebie) || answer_[i + 1].gap > Gap::kSpace ||
        answer_[i].is(Word::kHyphen))
      return false;
    const std::string_view norm = answer_.norm(i);
    return norm == "free" || norm == "complimentary" || norm == "gratis" || norm == "kostenloser";
  }

  void look_at_sentence(size_t number) {
    const Sentence& sentence = answer_.sentences()[number];
    const Seen seen = see(sentence);
    const bool talk = texts_.courtesy[number];
    const bool asks = sentence.close == '?';
    if (!talk && seen.content >= kStatementWordsMin) {
      ++out_.statements;
      out_.foreign_sentences += seen.share == 0;
    }
    if (context_.size() == 0 || asks) return;
    if (seen.content >= kStatementWordsMin && !talk) {
      out_.weakest = std::min(out_.weakest, seen.share);
      report(ClaimKind::kStatement, sentence.start, sentence.end, 1, seen.share >= kStatementSupportMin,
             std::min(1.0, seen.share / kStatementSupportFull));
    }
    if (denies(sentence)) return;
    // "is not waterproof" where the context says it is: only when the sentence speaks of the same things.
    if (seen.flipped > 0 && seen.from_context >= 2 && seen.share >= 0.4) {
      ++out_.contradictions;
      report(ClaimKind::kContradiction, sentence.start, sentence.end, 1, false);
    }
    if (seen.discount) {
      report(ClaimKind::kDiscount, sentence.start, sentence.end, 1, seen.promises_known);
    } else if (seen.policy && !talk && !(seen.promises_known && seen.share >= kStatementSupportMin)) {
      report(ClaimKind::kPolicy, sentence.start, sentence.end, 1, seen.promises_known || seen.share >= 0.6);
    }
  }

  // "I could not find …", "The page does not say": what is missing cannot be in the context.
  bool denies(const Sentence& sentence) const {
    size_t courtesy = 0;
    bool negation = false;
    for (size_t i = sentence.first; i < sentence.last; ++i) {
      courtesy += answer_[i].in(text::kCourtesyWord);
      negation = negation || answer_[i].in(text::kNegator);
    }
    return negation && courtesy > 0;
  }

  // "20 % off", "$10 discount".
  bool is_reduction(const Amount& amount) const {
    std::string_view after = answer_.text().substr(amount.end, 12);
    if (after.starts_with(' ')) after.remove_prefix(1);
    return after.starts_with("off") || after.starts_with("discount") || after.starts_with("Rabatt") ||
           after.starts_with("cashback") || after.starts_with("de descuento") || after.starts_with("de remise");
  }

  void look_at_numbers() {
    for (const Amount& amount : text::find_amounts(answer_.text())) {
      if (amount.list_number) continue;
      const bool supported =
          numbers_.has(amount.value) || (amount.unit == Unit::kMoney && numbers_.has_multiple(amount.value));
      // A bare one or two ("2 options") is no claim worth a flag.
      if (!supported && amount.unit == Unit::kNone && amount.value <= 2) continue;
      (supported ? out_.supported_numbers : out_.unsupported_numbers) += 1;
      if (context_.size() == 0) continue;
      const ClaimKind kind = is_reduction(amount)          ? ClaimKind::kDiscount
                             : amount.unit == Unit::kMoney ? ClaimKind::kPrice
                                                           : ClaimKind::kNumber;
      report(kind, amount.start, amount.end, amount.unit == Unit::kMoney ? 1.5 : 1.2, supported);
    }
  }

  // "three years": from two on; "one" is often no number. And days, colours and the like, as exact as numbers.
  void look_at_exact_words() {
    for (const Word& word : answer_.all()) {
      if (word.in(text::kExactWord) && context_.size() > 0 && !out_.other_language && !known(word)) {
        ++out_.unsupported_numbers;
        report(ClaimKind::kName, word.start, word.end, 0.8, false);
        continue;
      }
      if (!word.in(text::kNumberName)) continue;
      const int value = named_number(answer_.norm(word));
      if (value < 2) continue;
      const bool supported = numbers_.has(value);
      (supported ? out_.supported_numbers : out_.unsupported_numbers) += 1;
      if (context_.size() > 0) report(ClaimKind::kNumber, word.start, word.end, 1, supported);
    }
  }

  void look_at_names() {
    for (size_t i = 0; i < answer_.size();) {
      const auto name_word = [&](size_t k) {
        const Word& word = answer_[k];
        return !word.in(text::kExactWord) && word.is(Word::kCapital) && word.gap < Gap::kSentence && word.content() &&
               !word.is(Word::kDigit);
      };
      if (!name_word(i)) {
        ++i;
        continue;
      }
      size_t end = i + 1;
      while (end < answer_.size() && name_word(end) && answer_[end].gap <= Gap::kSpace) ++end;
      bool supported = false;
      bool strange = false;
      for (size_t k = i; k < end; ++k) {
        supported = supported || looked_up_[k].known;
        strange = strange || looked_up_[k].weight > kCommonWeight;
      }
      if (supported || strange) report(ClaimKind::kName, answer_[i].start, answer_[end - 1].end, 0.8, supported);
      i = end;
    }
  }

  void finish() {
    Grounding& grounding = out_.grounding;
    if (context_.size() == 0 || answer_.size() == 0) {
      grounding = Grounding();
      return;
    }
    grounding.measured = true;
    grounding.similarity = std::clamp(hashed_similarity(answer_, context_), 0.0, 1.0);
    // Half a claim in favour: one word that is not in the context does not damn a short answer.
    const double share = (supported_ + 0.5) / (weight_ + 0.5);
    const uint32_t flaws =
        std::min(out_.contradictions + (context_.size() > 0 ? out_.unsupported_numbers : 0), kFlawsMax);
    grounding.score = std::clamp((0.85 * share + 0.15 * (out_.other_language ? 1 : std::min(1.0, out_.support * 1.5))) *
                                     std::pow(kFlawCost, flaws),
                                 0.0, 1.0);
    if (grounding.claims == 0 && answer_.size() <= 3) grounding.score = 1;
    grounding.ungrounded = grounding.score < kUngroundedScore || grave_;
    std::sort(grounding.unsupported.begin(), grounding.unsupported.end(),
              [](const UnsupportedClaim& a, const UnsupportedClaim& b) {
                return a.start != b.start ? a.start < b.start : a.end < b.end;
              });
  }

  struct LookedUp {
    double weight = 0;  // 0: no meaningful word
    bool in_context = false;
    bool known = false;  // in context or question
  };

  const Texts& texts_;
  const Words& answer_;
  const Words& context_;
  const Words& question_;
  const Stems& in_context_;
  const Stems& in_question_;
  std::vector<LookedUp> looked_up_;  // the words of the answer
  std::vector<bool> negated_;
  Numbers numbers_;
  bool names_count_ = false;
  Evidence out_;
  double weight_ = 0;
  double supported_ = 0;
  bool grave_ = false;
};

}  // namespace

std::vector<bool> negated_words(const Words& words) {
  std::vector<bool> negated(words.size(), false);
  int reach = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    if (word.gap >= Gap::kSign) reach = 0;
    if (word.in(text::kNegator)) {
      // "No, it does": a word of its own.
      const bool alone = i + 1 < words.size() && words[i + 1].gap >= Gap::kSign;
      reach = alone ? 0 : kNegationReach;
      continue;
    }
    if (reach > 0 && word.content()) {
      negated[i] = true;
      --reach;
    }
  }
  return negated;
}

Stems::Stems(const Words& words) {
  const std::vector<bool> negated = negated_words(words);
  map_.reserve(words.size());
  for (size_t i = 0; i < words.size(); ++i) {
    if (!words[i].content() && !words[i].is(Word::kDigit)) continue;
    const uint32_t said = negated[i] ? kNegated : kPlain;
    const uint32_t before = map_.insert(words[i].stem, said);
    if ((before & said) == 0) map_.assign(words[i].stem, before | said);
  }
}

bool is_courtesy(const Words& words, const Sentence& sentence) {
  size_t courtesy = 0;
  size_t content = 0;
  for (size_t i = sentence.first; i < sentence.last; ++i) {
    const bool polite = words[i].in(text::kCourtesyWord);
    courtesy += polite;
    content += polite || words[i].content() || words[i].is(Word::kDigit);
  }
  return courtesy > 0 && content <= 6 && courtesy * 2 >= content && courtesy + 1 >= std::min<size_t>(content, 3);
}

Texts::Texts(std::string_view answer, std::string_view context, std::string_view question)
    : said(answer), given(context), asked(question), in_given(given), in_asked(asked) {
  courtesy.reserve(said.sentences().size());
  for (const Sentence& sentence : said.sentences()) courtesy.push_back(is_courtesy(said, sentence));
}

Evidence gather_evidence(const Texts& texts) { return Gatherer(texts).run(); }

}  // namespace godseye::guard::answer
