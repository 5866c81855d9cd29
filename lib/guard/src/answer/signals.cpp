#include "answer/signals.h"

#include "answer/evidence.h"
#include "answer/phrases.h"
#include "language.h"
#include "text/flat_map.h"
#include "text/word_set.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace godseye::guard::answer {

namespace {

using text::Gap;
using text::Sentence;
using text::Word;
using text::Words;
using text::WordSet;

// The first 60 lines decline, the others only regret, hedge or send elsewhere.
constexpr uint32_t kWeakRefusals = 60;
const PhraseSet& refusals() {
  static const PhraseSet set(
      "i cant ... help\ni cannot ... help\ni can not ... help\ni am unable\nim unable\ni am not able\nim not able\n"
      "i cant ... assist\ni cannot ... assist\ni cant ... answer\ni cannot ... answer\ni cant ... provide\n"
      "i cannot ... provide\ni cant ... discuss\ni cannot ... discuss\ni cant ... give\ni cannot ... give\n"
      "i cant comment\ni cannot comment\ni wont ... help\ni will not ... help\nas an ai\nas a language model\n"
      "as an assistant\nim just an assistant\nim only an assistant\ni dont have the ability\ni do not have the "
      "ability\n"
      "i do not have the capability\ni dont have the capability\ni dont have access\ni do not have access\n"
      "i am not allowed\nim not allowed\ni am not permitted\ni have no information\ni dont know anything\n"
      "i do not know anything\nagainst my guidelines\ni must decline\ni have to decline\ni cannot ... do\ni cant do "
      "that\n"
      "not something i can\nbeyond my capabilities\noutside my capabilities\nich kann ... nicht\nkann ich ... nicht\n"
      "ich bin nicht in der lage\ndarf ich nicht\nje ne peux pas\nje ne suis pas en mesure\nje ne suis pas autorise\n"
      "no puedo\nno soy capaz\nno me es posible\nnon posso\nnao posso\nik kan ... niet\ni cannot ... share\n"
      // weak
      "im sorry but\ni am sorry but\ni apologize\nim sorry i\ni am sorry i\nsorry for any inconvenience\n"
      "consult a professional\nconsult a doctor\nconsult an expert\nask an expert\ncontact customer service\n"
      "contact customer support\ncontact support\nplease contact\ni dont know\ni do not know\nim not sure\n"
      "i am not sure\ndont have enough information\ndo not have enough information\nes tut mir leid\nwenden sie sich "
      "an\n"
      "je suis desole\nlo siento\nmi dispiace\nunfortunately i\nim afraid i\ni can only help\ni can only answer\n"
      "is there anything else i can help\nconsult a nutritionist\nconsult a lawyer\ncontact the\nbitte wenden sie\n"
      "every * is different\ni dont\ni do not");
  return set;
}

const PhraseSet& commonplaces() {
  static const PhraseSet set(
      "in the end\nat the end of the day\nas they say\nas the saying goes\nso they say\nso to speak\nsome people\n"
      "some say\nothers say\nmany people\nmost people\npeople often\npeople say\nit depends\nthat depends\n"
      "there are many\nthere are so many\non the one hand\non the other hand\none might\none could\none never knows\n"
      "you never know\nspeaking of\nwhich reminds me\nthat reminds me\nreminds me of\nanyway\nby the way\nand so on\n"
      "and so forth\nneedless to say\nas i said\nas i was saying\nas mentioned before\nto be honest\ngenerally "
      "speaking\n"
      "in general\nwho knows\nwho can say\nhave you ever\ni once\nmy grandmother\nmy grandfather\nmy neighbour\n"
      "my neighbor\nmy friend\nmy uncle\nmy aunt\nin life\nof life\nin our lives\nwhat it means to\nthroughout "
      "history\n"
      "since the dawn\nsince ancient times\nfor thousands of years\nfor centuries\nthe ancient\nphilosophers\n"
      "it is important to\nit is worth\nit goes without saying\nwhen you think about\nif you think about\nin a way\n"
      "in a sense\nmore or less\nall in all\nin conclusion\nthe world is\nthe universe\nis what it is\n"
      "everyone is different\nto each their own\ntime flies\nlong story short\nlets talk about\nwhere was i\n"
      "brings people together\nbring people together\nis a journey\nthe meaning of\nam ende des tages\nwie man so "
      "sagt\n"
      "im grunde\nmanche menschen\nviele menschen\ndas leben\ndans la vie\nen la vida\nthat is another story\n"
      "is another matter\nquite interesting\nso interesting\nfascinating");
  return set;
}

const WordSet& openers() {
  // A text hardly ends with one of these.
  static const WordSet set(
      "a an the and or but if then than as at by for from in into of on to with without about after because while "
      "which who whom whose that where when is are was were be been has have had will would can could should may might "
      "must its his her their your my our this these those your not very so such more most between through costs cost "
      "takes takes needs contains includes weighs lasts seats covers means keeps uses releases "
      "und oder aber der die das den dem ein eine einen fur mit von zu auf bei nach ist sind wird werden sie ihre "
      "geben "
      "et ou mais le la les un une des du de pour avec dans sur par est sont y o el los las con por para en una");
  return set;
}

const WordSet& verbs() {
  static const WordSet set(
      "is are was were will can has have costs takes stays comes goes does do may must should ist sind kostet dauert "
      "wird "
      "est sont coute es son cuesta");
  return set;
}

bool ends_in(std::string_view text, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return text.ends_with(end); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

// The last line is one of several list items that all end without a sign.
bool in_open_list(std::string_view text) {
  const auto item = [](std::string_view line) {
    while (line.starts_with(' ')) line.remove_prefix(1);
    return line.starts_with("- ") || line.starts_with("* ") || line.starts_with("\xE2\x80\xA2") ||
           (!line.empty() && line[0] >= '0' && line[0] <= '9' && line.substr(0, 4).find_first_of(".)") < 3);
  };
  const size_t last = text.rfind('\n');
  if (last == std::string_view::npos || !item(text.substr(last + 1))) return false;
  std::string_view before = trimmed(text.substr(0, last));
  const size_t line = before.rfind('\n');
  before = line == std::string_view::npos ? before : before.substr(line + 1);
  return item(before) && !ends_in(before, {".", "!", "?"});
}

bool mostly_code(std::string_view text) { return text.find("```") != std::string_view::npos && text.ends_with("```"); }

}  // namespace

double refusal(const Words& words) {
  if (words.size() == 0) return 0;
  const auto hits = refusals().find(words);
  if (hits.empty()) return 0;
  std::vector<double> declined(words.sentences().size(), 0);
  for (const auto& hit : hits) {
    double& here = declined[words[hit.first].sentence];
    here = std::max(here, hit.phrase < kWeakRefusals ? 1.0 : 0.45);
  }
  // Weighed by words: what is left over informs.
  double strongest = 0;
  double covered = 0;
  for (const Sentence& sentence : words.sentences()) {
    const double here = declined[words[sentence.first].sentence];
    strongest = std::max(strongest, here);
    covered += here * (sentence.last - sentence.first);
  }
  const double share = covered / static_cast<double>(words.size());
  return std::clamp(strongest * std::min(1.0, 0.15 + share * 1.2), 0.0, 1.0);
}

double truncation(std::string_view text, const Words& words, std::string_view finish_reason) {
  for (const std::string_view cut :
       {"length", "max_tokens", "MAX_TOKENS", "model_length", "model_context_window_exceeded"}) {
    if (finish_reason == cut) return 1;
  }
  text = trimmed(text);
  if (text.empty() || words.size() == 0) return 0;
  size_t fences = 0;
  for (size_t at = text.find("```"); at != std::string_view::npos; at = text.find("```", at + 3)) ++fences;
  if (fences % 2 == 1) return 1;
  if (mostly_code(text)) return 0;
  if (text.ends_with("...") || text.ends_with("\xE2\x80\xA6")) return 0.5;
  const bool closed =
      ends_in(text, {".", "!", "?", "\xE3\x80\x82", "\xEF\xBC\x81", "\xEF\xBC\x9F", "\xD8\x9F", "\xE0\xA5\xA4"});
  if (closed) {
    const auto opened = std::count(text.begin(), text.end(), '(');
    const auto closings = std::count(text.begin(), text.end(), ')');
    return opened > closings + 1 ? 0.3 : 0;
  }
  // A closing quote, bracket, or sign of markup after a full sentence.
  if (ends_in(text, {".\"", "!\"", "?\"", ".)", "!)", "?)", ".*", "!*", "?*", ".'", "\xE2\x80\x9D", "\xC2\xBB",
                     ".\xE2\x80\x9C"}))
    return 0.05;
  const Word& last = words[words.size() - 1];
  // Ends with a sign that is no word: an emoji, a price, a bracket.
  const unsigned char end = static_cast<unsigned char>(text.back());
  if (text.back() == ',' || text.back() == ';' || text.back() == '-' || text.back() == '(' || text.back() == ':')
    return 1;
  if (end >= 0x80 && last.end + 2 < text.size()) return 0.05;
  if (last.is(Word::kScript)) return words.size() > 12 ? 0.5 : 0.1;
  if (openers().has(last) && words.size() >= 3) return 1;
  if (in_open_list(text)) return 0.1;
  const Sentence& sentence = words.sentences().back();
  const size_t length = sentence.last - sentence.first;
  // "Jane Austen", "5 minutes", "1,642 m": answers in telegraphic style, without a verb.
  bool verb = false;
  for (size_t i = sentence.first; i < sentence.last; ++i) verb = verb || verbs().has(words[i]);
  if (words.sentences().size() == 1 && length <= 4 && !(verb && length >= 3)) return 0.1;
  if (ends_in(text, {"\"", ")", "]", "*", "`", "'", "/"})) return 0.4;
  if (words.sentences().size() == 1 && length <= 8) return verb ? 0.75 : 0.4;
  return words.sentences().size() > 1 ? 0.95 : 0.85;
}

double repetition(const Words& words) {
  const size_t count = std::min<size_t>(words.size(), 20'000);
  if (count < 8) return 0;
  // Groups of three words that were there before, and stems that come again and again.
  text::FlatMap groups;
  text::FlatMap stems;
  groups.reserve(count);
  stems.reserve(count / 2);
  size_t again = 0;
  size_t content = 0;
  for (size_t i = 0; i < count; ++i) {
    if (i + 2 < count) {
      const uint64_t group = words[i].hash * 31 + words[i + 1].hash * 17 + words[i + 2].hash * 7 + 1;
      const auto number = static_cast<uint32_t>(i);
      again += groups.insert(group, number) != number;
    }
    if (!words[i].content()) continue;
    ++content;
    stems.insert(words[i].stem, 1);
  }
  const double groups_again = static_cast<double>(again) / static_cast<double>(count - 2);
  // Long texts repeat stems by nature: expected distinct stems grow with the 0.8th power or so.
  const double expected = 1.1 * std::pow(static_cast<double>(std::max<size_t>(content, 1)), 0.86);
  const double poverty = content < 8 ? 0 : std::max(0.0, 1 - static_cast<double>(stems.size()) / expected);
  text::FlatMap sentences;
  size_t doubles = 0;
  for (uint32_t s = 0; s < words.sentences().size(); ++s) {
    const Sentence& sentence = words.sentences()[s];
    if (sentence.last - sentence.first < 3) continue;
    uint64_t hash = 5;
    for (size_t i = sentence.first; i < sentence.last; ++i) hash = hash * 31 + words[i].hash;
    doubles += sentences.insert(hash, s) != s;
  }
  const double sentences_again = static_cast<double>(doubles) / static_cast<double>(words.sentences().size());
  return std::clamp(std::max({groups_again * 2.2 - 0.1, poverty * 1.6 - 0.25, sentences_again * 2}), 0.0, 1.0);
}

double unreadable(std::string_view text, const Words& words) {
  if (words.size() == 0) return text.empty() ? 0 : 1;
  double score = 0;
  const double per_sentence = static_cast<double>(words.size()) / static_cast<double>(words.sentences().size());
  score = std::max(score, (per_sentence - 38) / 40);
  size_t letters = 0;
  size_t upper = 0;
  size_t lower_words = 0;
  for (const Word& word : words.all()) {
    letters += word.is(Word::kScript) ? 3 : word.norm_size;
    upper += word.is(Word::kUpper) && word.norm_size > 3;
    lower_words += word.is(Word::kLetter) && !word.is(Word::kScript);
  }
  const double per_word = static_cast<double>(letters) / static_cast<double>(words.size());
  score = std::max(score, (per_word - 9) / 6);
  if (lower_words >= 6) score = std::max(score, static_cast<double>(upper) / static_cast<double>(lower_words) - 0.3);
  // Letters that no language strings together. Only where most of the text is plain Latin letters.
  std::string plain;
  for (size_t i = 0; i < std::min<size_t>(words.size(), 200); ++i) {
    if (words[i].is(Word::kDigit)) continue;
    plain += words.norm(i);
    plain += ' ';
  }
  const bool latin =
      std::all_of(plain.begin(), plain.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (latin && plain.size() > 20) score = std::max(score, (-3.3 - Language::shipped().pair_score(plain)) * 2);
  return std::clamp(score, 0.0, 1.0);
}

double filler(const Words& words) {
  if (words.sentences().size() < 3) return 0;
  std::vector<bool> empty(words.sentences().size(), false);
  for (const auto& hit : commonplaces().find(words)) empty[words[hit.first].sentence] = true;
  double share = 0;
  for (const Sentence& sentence : words.sentences()) {
    bool number = false;
    for (size_t i = sentence.first; i < sentence.last; ++i) number = number || words[i].is(Word::kDigit);
    share += empty[words[sentence.first].sentence] && !number;
  }
  return std::min(1.0, 2 * share / static_cast<double>(words.sentences().size()));
}

double wandering(const Texts& texts) {
  const Words& words = texts.said;
  size_t statements = 0;
  double lost = 0;
  std::vector<uint64_t> last_stems;
  std::vector<uint64_t> stems;
  for (size_t s = 0; s < words.sentences().size(); ++s) {
    if (texts.courtesy[s]) continue;
    const Sentence& sentence = words.sentences()[s];
    stems.clear();
    size_t tied = 0;
    for (size_t i = sentence.first; i < sentence.last; ++i) {
      const Word& word = words[i];
      if (!word.content() && !word.is(Word::kDigit)) continue;
      stems.push_back(word.stem);
      tied += texts.in_given.has(word) || texts.in_asked.has(word);
    }
    if (stems.size() < 2) continue;
    ++statements;
    const bool follows = std::any_of(stems.begin(), stems.end(), [&](uint64_t stem) {
      return std::find(last_stems.begin(), last_stems.end(), stem) != last_stems.end();
    });
    const double share = static_cast<double>(tied) / static_cast<double>(stems.size());
    // Hanging on to the last sentence alone is how one wanders off.
    lost += share >= 0.25 ? 0 : share > 0 ? 0.5 : follows ? 0.8 : 1;
    std::swap(last_stems, stems);
    if (last_stems.size() > 64) last_stems.resize(64);
  }
  if (statements < 2) return statements == 0 ? 0 : lost * 0.8;
  return lost / static_cast<double>(statements);
}

}  // namespace godseye::guard::answer
