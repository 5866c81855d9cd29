#include "products/mentions.h"

#include "language.h"
#include "products/vocabulary.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace godseye::guard::products {

namespace {

using text::Gap;
using text::Word;
using text::Words;
using text::WordSet;

constexpr double kMentionScoreMin = 1.3;
// Runs of capitals that are looked up in one answer; a text with more is not looked at to its end.
constexpr size_t kRunsMax = 1000;

class Finder {
 public:
  Finder(const Index& index, const Words& words) : index_(index), words_(words), used_(words.size(), 0) {
    token_.reserve(words.size());
    for (size_t i = 0; i < words.size(); ++i) token_.push_back(index.token(words[i].hash));
    for (const text::Sentence& sentence : words.sentences()) {
      size_t letters = 0;
      size_t upper = 0;
      for (size_t i = sentence.first; i < sentence.last; ++i) {
        letters += words[i].is(Word::kLetter) && words[i].norm_size > 1;
        upper += words[i].is(Word::kUpper);
      }
      shouted_.push_back(letters >= 5 && upper * 3 > letters * 2);
    }
  }

  std::vector<Mention> run(bool& more) {
    find_names();
    find_ids();
    find_candidates();
    std::sort(mentions_.begin(), mentions_.end(), [](const Mention& a, const Mention& b) { return a.first < b.first; });
    more = full_;
    return std::move(mentions_);
  }

 private:
  bool token_is(size_t i, Token::Flag flag) const { return token_[i] != kNone && index_.tokens[token_[i]].is(flag); }
  // IN A SENTENCE LIKE THIS capitals mean nothing.
  bool capital(size_t i) const { return words_[i].is(Word::kCapital) && !shouted_[words_[i].sentence]; }
  bool name_like(size_t i) const {
    const Word& word = words_[i];
    return capital(i) || (word.is(Word::kDigit) && word.is(Word::kLetter)) ||
           (token_is(i, Token::kBrand) && !token_is(i, Token::kCommon));
  }
  // The letter of "S-670", which is no stray word.
  bool begins_model(size_t i) const {
    return words_[i].is(Word::kCapital) && words_[i].norm_size <= 3 && i + 1 < words_.size() &&
           words_[i + 1].is(Word::kHyphen) && words_[i + 1].is(Word::kDigit);
  }
  bool common(size_t i) const { return words_[i].is(Word::kStop) || Language::shipped().is_word(words_.norm(i)); }
  // Words i-1 and i may belong to one name.
  bool joined(size_t i) const { return words_[i].gap <= Gap::kSpace; }

  void add(Mention mention) {
    if (mentions_.size() >= kMentionsMax) {
      full_ = true;
      return;
    }
    for (uint32_t i = mention.first; i < mention.last; ++i) used_[i] = 1;
    mentions_.push_back(std::move(mention));
  }

  // The longest name of the catalogue that begins at word i: its end, or i.
  size_t longest_name(size_t i, uint32_t& product) const {
    if (!token_is(i, Token::kStartsName)) return i;
    const size_t limit = std::min(words_.size(), i + index_.tokens[token_[i]].longest);
    uint64_t hash = 1;
    size_t end = i;
    for (size_t k = i; k < limit; ++k) {
      if (token_[k] == kNone || (k > i && words_[k].gap > Gap::kSign)) break;
      hash = chain(hash, words_[k].hash);
      const uint32_t found = index_.names.find(hash);
      if (found == kNone) continue;
      end = k + 1;
      product = found;
    }
    return end;
  }

  bool cue_before(size_t i, size_t reach) const {
    for (size_t k = i; k-- > 0 && i - k <= reach;) {
      if (words_[k + 1].gap >= Gap::kSentence) return false;
      if (cue_words().has(words_[k])) return true;
    }
    return false;
  }

  bool delimited(size_t first, size_t last) const {
    const std::string_view text = words_.text();
    const size_t start = words_[first].start;
    const size_t end = words_[last - 1].end;
    const std::string_view before = text.substr(start >= 3 ? start - 3 : 0, std::min<size_t>(start, 3));
    const std::string_view after = text.substr(end, 3);
    const auto opens = [&](std::string_view mark) { return before.ends_with(mark); };
    const auto closes = [&](std::string_view mark) { return after.starts_with(mark); };
    return (opens("*") && closes("*")) || (opens("_") && closes("_")) || (opens("\"") && closes("\"")) ||
           (opens("`") && closes("`")) || (opens("[") && closes("]")) ||
           (opens("\xE2\x80\x9C") && closes("\xE2\x80\x9D")) || (opens("\xE2\x80\x9E") && closes("\xE2\x80\x9C")) ||
           (opens("\xC2\xAB") && closes("\xC2\xBB"));
  }

  // One word is a name only where it is written as one.
  bool stands_as_name(size_t first, size_t last) const {
    if (last - first >= 2) return true;
    const Word& word = words_[first];
    if (word.is(Word::kDigit) && word.is(Word::kLetter)) return true;
    if (delimited(first, last)) return true;
    if (!word.is(Word::kCapital)) return cue_before(first, 2) && !common(first);
    return word.gap < Gap::kSentence || !common(first);
  }

  void find_names() {
    for (size_t i = 0; i < words_.size();) {
      uint32_t product = kNone;
      const size_t end = longest_name(i, product);
      if (end == i || !stands_as_name(i, end) || !extend(i, end, product))
        ++i;
      else
        i = std::max(i + 1, static_cast<size_t>(mentions_.empty() ? i + 1 : mentions_.back().last));
      if (full_) return;
    }
  }

  // "Pro", "X200", "S-670" after a name.
  bool makes_another(size_t i) const {
    const Word& word = words_[i];
    if (begins_model(i) || (word.is(Word::kDigit) && word.is(Word::kLetter))) return true;
    return word.is(Word::kCapital) && model_words().has(word);
  }

  // The capitalised word before a name that comes without its brand.
  bool may_be_brand(size_t i) const {
    const Word& word = words_[i];
    if (!word.is(Word::kCapital) || cue_words().has(word) || shop_words().has(word)) return false;
    if (word.is(Word::kStop) && !begins_model(i)) return false;
    return word.gap < Gap::kSentence || token_is(i, Token::kBrand) || !common(i);
  }

  // Takes the exact name [i, end), unless what stands beside it makes another product of it.
  bool extend(size_t i, size_t end, uint32_t product) {
    size_t first = i;
    size_t last = end;
    while (last < words_.size() && joined(last) && !used_[last] && last - i < kMentionWordsMax && makes_another(last))
      last += begins_model(last) ? 2 : 1;
    // A name after a capitalised word: whose brand is that?
    while (first > 0 && joined(first) && !used_[first - 1] && last - first < kMentionWordsMax &&
           (words_[i].is(Word::kCapital) || !common(first - 1)) && may_be_brand(first - 1))
      --first;
    if (first != i || last != end) {
      Resolution resolution = resolve(index_, words_, first, last);
      // Attributes ("Black", "40cm") and brands in front resolve; strangers do not.
      add(mention_of(first, last, std::move(resolution)));
      return true;
    }
    Mention mention{
        static_cast<uint32_t>(i), static_cast<uint32_t>(end), true, ProductMatch::kExact, 1, product, {}, false};
    for (uint32_t at = product; at != kNone && mention.products.size() < kTiesMax; at = index_.same_name[at])
      mention.products.push_back(at);
    mention.products_cut = mention.products.size() >= kTiesMax;
    add(std::move(mention));
    return true;
  }

  static Mention mention_of(size_t first, size_t last, Resolution resolution) {
    Mention mention;
    mention.first = static_cast<uint32_t>(first);
    mention.last = static_cast<uint32_t>(last);
    mention.valid = resolution.valid;
    mention.match = resolution.match;
    mention.similarity = resolution.similarity;
    mention.nearest = resolution.product;
    if (resolution.valid) {
      mention.products = std::move(resolution.ties);
      mention.products_cut = resolution.ties_cut;
    }
    return mention;
  }

  bool cue_in(const WordSet& set, size_t i, size_t reach) const {
    for (size_t k = i; k-- > 0 && i - k <= reach;) {
      if (used_[k] || words_[k + 1].gap >= Gap::kSentence) return false;
      if (set.has(words_[k])) return true;
    }
    return false;
  }

  void find_ids() {
    for (size_t i = 0; i < words_.size() && !full_;) {
      size_t end = i + 1;
      while (end < words_.size() && end - i < 6 && words_[end].gap == Gap::kTight &&
             words_[end].start - words_[end - 1].end == 1)
        ++end;
      if (used_[i] == 0) find_id(i, end);
      i = end;
    }
  }

  // "Galaxy X200": the capitalised word before makes a name of it.
  bool follows_name(size_t i) const {
    if (i == 0 || words_[i].gap != Gap::kSpace) return false;
    const Word& before = words_[i - 1];
    return before.is(Word::kCapital) && !before.is(Word::kStop) && !id_cues().has(before) &&
           !(before.gap >= Gap::kSentence && common(i - 1));
  }

  void find_id(size_t first, size_t end) {
    bool digits = false;
    bool letters = false;
    for (size_t i = first; i < end; ++i) {
      if (used_[i]) return;
      digits = digits || words_[i].is(Word::kDigit);
      letters = letters || words_[i].is(Word::kLetter);
    }
    const std::string_view text = words_.text();
    const bool hash_sign = words_[first].start > 0 && text[words_[first].start - 1] == '#';
    const bool cue = hash_sign || cue_in(id_cues(), first, 3);
    if (cue_in(other_code_cues(), first, 3)) return;
    const std::string_view written = text.substr(words_[first].start, words_[end - 1].end - words_[first].start);
    if (written.size() > kProductFieldBytesMax) return;
    // Plain numbers and plain words are ids only where they are called so.
    const bool plain = !(digits && letters) && !(words_[first].is(Word::kUpper) && written.size() >= 6);
    if (plain && !cue) return;
    for (size_t last = end; last > first; --last) {
      const std::string_view part = text.substr(words_[first].start, words_[last - 1].end - words_[first].start);
      const uint32_t product = index_.ids.find(text::word_hash(canonical_id(part)));
      if (product == kNone) continue;
      add({static_cast<uint32_t>(first),
           static_cast<uint32_t>(last),
           true,
           ProductMatch::kId,
           1,
           product,
           {product},
           false});
      return;
    }
    const bool id_like = digits || words_[first].is(Word::kUpper);
    const bool shaped = index_.id_shapes.find(id_shape(written)) != kNone && id_like && written.size() >= 4;
    const bool called =
        cue && digits && (letters || (index_.ids_are_numbers && written.size() >= 3)) && written.size() >= 4;
    // A word of a name that has the shape by chance ("X200 Pro") is left to the names.
    const bool in_name = !called && written.size() < 8 && (token_[first] != kNone || follows_name(first));
    if ((shaped && !in_name) || called)
      add({static_cast<uint32_t>(first), static_cast<uint32_t>(end), false, ProductMatch::kNone, 0, kNone, {}, false});
  }

  // The end of the run of name-like words from i.
  size_t run_end(size_t i) const {
    size_t end = i + 1;
    while (end < words_.size() && end - i < kMentionWordsMax && joined(end) && !used_[end]) {
      const Word& word = words_[end];
      if (word.is(Word::kStop) && !begins_model(end) && !(word.is(Word::kCapital) && is_type(end))) {
        const bool of = words_.norm(end) == "of" && end + 1 < words_.size() && joined(end + 1) &&
                        words_[end + 1].is(Word::kCapital);
        // "THE", "A5": capitals decide only for whole words in capitals.
        if (!of) break;
        ++end;
        continue;
      }
      if (name_like(end) || (word.is(Word::kDigit) && (word.is(Word::kHyphen) || number_belongs(end)))) {
        ++end;
        continue;
      }
      // "Fjellby desk lamp": small letters, as long as they lead to a kind of product.
      size_t ahead = end;
      while (ahead < words_.size() && ahead - end < 3 && (ahead == end || joined(ahead)) && !used_[ahead] &&
             !is_type(ahead) && !words_[ahead].is(Word::kStop) && token_[ahead] != kNone)
        ++ahead;
      if (ahead >= words_.size() || used_[ahead] || !joined(ahead) || ahead - end >= 3 || !is_type(ahead)) break;
      end = ahead + 1;
    }
    return end;
  }

  // "Lamp 2 is", "Lamp 2,": part of the name. "Lamp 2 times", "Lamp 20 %": not.
  bool number_belongs(size_t i) const {
    if (words_[i].norm_size > 4) return false;
    const std::string_view after = words_.text().substr(words_[i].end, 2);
    if (after.find('%') != std::string_view::npos) return false;
    return i + 1 >= words_.size() || !joined(i + 1) || words_[i + 1].is(Word::kCapital) ||
           words_[i + 1].is(Word::kStop);
  }

  bool is_type(size_t i) const {
    if (token_is(i, Token::kType)) return true;
    const uint32_t single = token_of(index_, words_, i, nullptr);
    return single != kNone && index_.tokens[single].is(Token::kType);
  }

  void find_candidates() {
    for (size_t i = 0; i < words_.size() && !full_;) {
      if (used_[i] || !name_like(i) || words_[i].is(Word::kStop)) {
        ++i;
        continue;
      }
      const bool opens = words_[i].gap >= Gap::kSentence;
      const size_t end = run_end(i);
      // The first word of a sentence is capitalised anyway.
      if (opens && common(i) && !token_is(i, Token::kBrand) && end - i > 1 && !delimited(i, end) &&
          (cue_words().has(words_[i]) || token_[i] == kNone)) {
        ++i;
        continue;
      }
      consider(i, end);
      i = end;
    }
  }

  // How much words [first, last) look like the name of a product, real or not.
  double looks_like_product(size_t first, size_t last) const {
    bool brand = false;
    bool type = false;
    bool thing = false;
    bool model = false;
    bool stranger = false;  // a word that neither the language nor the catalogue has
    bool familiar = false;  // a word that only names have
    size_t shop = 0;
    size_t capitals = 0;
    size_t commons = 0;
    for (size_t i = first; i < last; ++i) {
      const Word& word = words_[i];
      brand = brand || token_is(i, Token::kBrand);
      type = type || is_type(i);
      thing = thing || thing_words().has(word);
      model = model || (word.is(Word::kDigit) && (word.is(Word::kLetter) || word.is(Word::kHyphen)));
      shop += shop_words().has(word);
      capitals += capital(i);
      commons += common(i);
      familiar = familiar || (token_[i] != kNone && !common(i) && !is_type(i) && !token_is(i, Token::kBrand));
      stranger = stranger || (token_[i] == kNone && !common(i) && !word.is(Word::kDigit));
    }
    double score = 0;
    const auto count = [&](bool seen, double weight) { score += seen ? weight : 0; };
    count(brand, type || thing || model ? 0.8 : 0.6);
    count(type, 0.8);
    count(thing && !type, 0.6);
    count(model, 0.5);
    count(stranger, 0.3);
    count(familiar, 0.3);
    count(capitals >= 2, 0.3);
    count(delimited(first, last), 0.6);
    count(price_follows(last), 0.7);
    count(cue_before(first, 3), 0.4);
    count(article_before(first), 0.2);
    count(begins_item(first), 0.4);
    count(commons == last - first && !brand, -0.4);
    count(last - first == 1 && !model, -0.4);
    // "Gift Card Policy" is no product, a Card Wallet is.
    if (!is_type(last - 1) && !thing_words().has(words_[last - 1])) score -= 1.0 * static_cast<double>(shop);
    return score;
  }

  void consider(size_t first, size_t last) {
    // The kind may follow in small letters although the catalogue does not have it: "Zephyr espresso machine".
    for (size_t i = last; i < std::min(words_.size(), last + 2) && joined(i); ++i) {
      if (words_[i].is(Word::kStop) || is_type(last - 1) || used_[i]) break;
      if ((thing_words().has(words_[i]) || is_type(i)) && last - first < kMentionWordsMax - 2) last = i + 1;
    }
    if (last - first == 1) {
      if (token_is(first, Token::kBrand)) return;       // a brand alone
      if (cue_in(other_code_cues(), first, 2)) return;  // "with code WELCOME10"
    }
    if (++runs_ > kRunsMax) {
      full_ = true;
      return;
    }
    Resolution resolution = resolve(index_, words_, first, last);
    const bool reported =
        resolution.valid || (looks_like_product(first, last) >= kMentionScoreMin && !is_category(first, last));
    if (reported) add(mention_of(first, last, std::move(resolution)));
  }

  // After the bullet or number of a list.
  bool begins_item(size_t i) const {
    const std::string_view text = words_.text().substr(0, words_[i].start);
    const size_t line = text.rfind('\n');
    const std::string_view before = text.substr(line == std::string_view::npos ? 0 : line + 1);
    const bool marks = before.find_first_of("-*0123456789") != std::string_view::npos ||
                       before.find("\xE2\x80\xA2") != std::string_view::npos;
    return !before.empty() && before.size() <= 8 && marks &&
           before.find_first_not_of(" \t-*.)0123456789\xE2\x80\xA2") == std::string_view::npos;
  }

  bool article_before(size_t i) const {
    if (i == 0 || !joined(i)) return false;
    const std::string_view norm = words_.norm(i - 1);
    return norm == "the" || norm == "our" || norm == "a" || norm == "an";
  }

  // "Desk Lamps", "Outdoor Furniture": kinds, no product.
  bool is_category(size_t first, size_t last) const {
    for (size_t i = first; i < last; ++i) {
      if (!is_type(i) && !thing_words().has(words_[i]) &&
          !(common(i) && token_[i] == kNone && i == first && last - first > 1 && words_[last - 1].is(Word::kLetter) &&
            words_.norm(last - 1).ends_with('s')))
        return false;
    }
    return true;
  }

  // A sum of money within the next words of the sentence or list item.
  bool price_follows(size_t last) const {
    const size_t end = words_[last - 1].end;
    const std::string_view text = words_.text();
    for (size_t at = end; at < std::min(text.size(), end + 24); ++at) {
      const std::string_view rest = text.substr(at);
      if (rest[0] == '\n' || rest.starts_with(". ") || rest.starts_with("! ") || rest.starts_with("? ")) return false;
      if (rest[0] == '$' || rest.starts_with("\xE2\x82\xAC") || rest.starts_with("\xC2\xA3")) return true;
    }
    return false;
  }

  const Index& index_;
  const Words& words_;
  std::vector<uint32_t> token_;
  std::vector<uint8_t> used_;
  std::vector<bool> shouted_;  // by sentence
  std::vector<Mention> mentions_;
  size_t runs_ = 0;
  bool full_ = false;
};

}  // namespace

std::vector<Mention> find_mentions(const Index& index, const Words& words, bool& more) {
  return Finder(index, words).run(more);
}

}  // namespace godseye::guard::products
