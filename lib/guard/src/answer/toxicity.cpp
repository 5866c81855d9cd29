#include "answer/phrases.h"
#include "answer/signals.h"
#include "text/words.h"
#include "utf8.h"

#include <algorithm>

#include <godseye/guard/toxicity.h>

namespace godseye::guard {

namespace {

using text::Gap;
using text::Word;
using text::Words;

// Line numbers decide the kind: see `kind_of`.
const answer::PhraseSet& phrases() {
  static const answer::PhraseSet set(
      // 0-19 contempt
      "stop wasting my time\nwaste of my time\nwasting everyones time\nshut up\nnobody cares\nwho cares\n"
      "figure it out yourself\nlook it up yourself\ngoogle it yourself\nget lost\ngo away\nnot my problem\n"
      "you deserve what you\nare you stupid\nuse your brain\nhow dare you\nno one likes you\nyou make me sick\n"
      "what is wrong with you\nobviously you are too\n"
      // 20-39 contempt in other words
      "i dont care about you\ni couldnt care less\ncry me a river\ndont be so stupid\ndont be an idiot\n"
      "youre hopeless\nhalt die klappe\nhalts maul\nverpiss dich\nta gueule\nferme la\nva te faire\ncallate la boca\n"
      "vete a la mierda\nstai zitto\nare you dumb\nare you blind\ncant you read\nlearn to read\nits your own fault\n"
      // 40-59 threats
      "i will kill you\ni will hurt you\nill kill you\nill hurt you\ni am going to kill you\nim going to kill you\n"
      "i know where you live\ni will find you\nill find you\nyou will regret this\nyoull regret this\nhope you die\n"
      "i will destroy you\nwatch your back\nyou will pay for this\nich bring dich um\nje vais te tuer\nte voy a matar\n"
      "i will make you suffer\nyou are dead meat\n"
      // 60-79 self-harm
      "kill yourself\nhang yourself\nend your life\nyou should die\nyou should just die\nbetter off without you\n"
      "better off dead\ngo die\ndrink bleach\njump off a bridge\nslit your wrists\nno reason to live\nbring dich um\n"
      "tue toi\nmatate\nworld would be better without you\ncut yourself ... deep\nnobody would miss you\n"
      "you dont deserve to live\ntake all the pills\n"
      // 80-99 harmful instructions
      "make a bomb\nbuild a bomb\nmake a pipe bomb\nbuild a pipe bomb\nmake ... explosives\nsynthesize ... meth\n"
      "cook ... meth\nmake ... napalm\nmake ... molotov\nmake ... nerve agent\nproduce ... ricin\nproduce ... sarin\n"
      "mix ... bleach ... ammonia\nmix ... ammonia ... bleach\nmake ... chlorine gas\nmake ... thermite\n"
      "poison ... without ... trace\npoison someone\nmake a ghost gun\nmake a silencer");
  return set;
}

struct Kind {
  ToxicityKind kind;
  double weight;
};
Kind kind_of(uint32_t line) {
  if (line < 40) return {ToxicityKind::kContempt, line < 12 ? 0.65 : 0.75};
  if (line < 60) return {ToxicityKind::kThreat, 0.9};
  if (line < 80) return {ToxicityKind::kSelfHarm, 0.95};
  return {ToxicityKind::kHarmful, 0.85};
}

bool is_any(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class Finder {
 public:
  explicit Finder(const Words& words) : words_(words) {}

  Toxicity run() {
    for (size_t i = 0; i < words_.size(); ++i) look_at(i);
    for (const auto& hit : phrases().find(words_)) {
      // "Never mix bleach and ammonia" is what one should say.
      if (negated(hit.first, 4)) continue;
      const Kind kind = kind_of(hit.phrase);
      add(kind.kind, hit.first, hit.last, kind.weight);
    }
    std::sort(out_.hits.begin(), out_.hits.end(),
              [](const ToxicityHit& a, const ToxicityHit& b) { return a.start < b.start; });
    out_.score = 1 - clean_;
    return std::move(out_);
  }

 private:
  void look_at(size_t i) {
    const Word& word = words_[i];
    if ((word.classes & (text::kSlur | text::kStrongInsult | text::kObscene | text::kInsult)) == 0) return;
    if (!word.is(Word::kLetter)) return;
    if (word.in(text::kSlur)) return add(ToxicityKind::kSlur, i, i + 1, 0.8);
    if (word.in(text::kStrongInsult)) return add(ToxicityKind::kInsult, i, i + 1, aimed(i) ? 0.95 : 0.7);
    if (word.in(text::kObscene)) return add(ToxicityKind::kObscene, i, i + 1, aimed(i) ? 0.8 : 0.5);
    if (!word.in(text::kInsult) || negated(i, 3)) return;
    if (aimed(i)) return add(ToxicityKind::kInsult, i, i + 1, 0.85);
    if (called(i)) add(ToxicityKind::kInsult, i, i + 1, 0.6);
  }

  // "you are such an idiot", "you lazy fool", "your stupid questions", "du Idiot".
  bool aimed(size_t i) const {
    for (size_t k = i; k-- > 0 && i - k <= 5;) {
      if (words_[k + 1].gap >= Gap::kSentence || (words_[k + 1].gap == Gap::kSign && i - k > 1)) return false;
      const std::string_view norm = words_.norm(k);
      if (is_any(norm, {"youre", "ur", "tu", "du", "eres", "sei", "bist", "jij"})) return true;
      if (norm == "your" || norm == "dein" || norm == "deine") return i - k <= 2;
      if (norm == "you") {
        // "you useless", "you are …"; not "you can make the garbage", "if you feel stupid".
        for (size_t m = k + 1; m < i; ++m) {
          const std::string_view between = words_.norm(m);
          const bool links =
              is_any(between,
                     {"are",    "were",   "must", "be",      "a",   "an",        "such",     "so",       "too",
                      "just",   "really", "the",  "nothing", "but", "being",     "complete", "total",    "absolute",
                      "little", "sound",  "look", "have",    "to",  "literally", "clearly",  "obviously"}) ||
              words_[m].in(text::kInsult) || words_[m].in(text::kObscene);
          if (!links) return false;
        }
        return true;
      }
    }
    return false;
  }

  // "…, moron." and "Only an idiot asks": nobody else is there to be meant.
  bool called(size_t i) const {
    const bool alone = words_[i].gap == Gap::kSign || words_[i].gap >= Gap::kSentence;
    const bool ends = i + 1 == words_.size() || words_[i + 1].gap >= Gap::kSign;
    if (alone && ends) return true;
    const bool only = i >= 2 && words_.norm(i - 2) == "only" && is_any(words_.norm(i - 1), {"an", "a"});
    const bool what = i >= 2 && words_.norm(i - 1) == "of" && words_.norm(i - 2) == "kind";
    return only || what;
  }

  bool negated(size_t i, size_t reach) const {
    for (size_t k = i; k-- > 0 && i - k <= reach;) {
      if (words_[k + 1].gap >= Gap::kSentence) return false;
      if (is_any(words_.norm(k), {"not", "no", "never", "dont", "isnt", "arent", "without", "avoid", "against", "nicht",
                                  "kein", "keine", "pas", "nunca", "cannot", "wont"}))
        return true;
    }
    return false;
  }

  void add(ToxicityKind kind, size_t first, size_t last, double weight) {
    clean_ *= 1 - weight;
    if (out_.hits.size() >= kToxicityHitsMax) return;
    out_.hits.push_back({kind, words_[first].start, words_[last - 1].end, weight});
  }

  const Words& words_;
  Toxicity out_;
  double clean_ = 1;
};

}  // namespace

std::string_view toxicity_kind_name(ToxicityKind kind) {
  switch (kind) {
    case ToxicityKind::kInsult:
      return "insult";
    case ToxicityKind::kThreat:
      return "threat";
    case ToxicityKind::kSlur:
      return "slur";
    case ToxicityKind::kSelfHarm:
      return "self_harm";
    case ToxicityKind::kHarmful:
      return "harmful";
    case ToxicityKind::kObscene:
      return "obscene";
    case ToxicityKind::kContempt:
      return "contempt";
  }
  return "insult";
}

namespace answer {
Toxicity toxicity_of(const Words& words) { return Finder(words).run(); }
}  // namespace answer

Toxicity inspect_toxicity(std::string_view text) {
  if (text.size() > kToxicityTextBytesMax) text = text.substr(0, utf8::floor_boundary(text, kToxicityTextBytesMax));
  const Words words(text);
  return Finder(words).run();
}

double score_toxicity(std::string_view text) { return inspect_toxicity(text).score; }

}  // namespace godseye::guard
