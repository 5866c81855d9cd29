#include "prose.h"

#include "text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <unordered_map>

#include <godseye/guard/tokens.h>

namespace godseye::simulator {

namespace {

using Words = std::vector<std::string>;

double wrong_price(double price, base::Random& random) {
  const double factor = random.chance(0.5) ? 0.4 + 0.4 * random.uniform() : 1.2 + random.uniform();
  return std::round(price * factor * 100) / 100 + 1;
}

// "under 60 EUR", "below $50", "at most 20": the largest price that the question allows.
std::optional<double> price_limit(std::string_view question) {
  const auto words = all_words(question);
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const bool limit = words[i] == "under" || words[i] == "below" || words[i] == "most" || words[i] == "than" ||
                       words[i] == "within" || words[i] == "max";
    if (!limit) continue;
    double value = 0;
    for (size_t j = i + 1; j < std::min(words.size(), i + 3); ++j) {
      if (words[j].front() < '0' || words[j].front() > '9') continue;
      for (const char c : words[j]) value = c >= '0' && c <= '9' ? value * 10 + (c - '0') : value;
      return value;
    }
  }
  return std::nullopt;
}

size_t shared(const Words& question, const Words& words) {
  return static_cast<size_t>(std::count_if(question.begin(), question.end(), [&](const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  }));
}

bool asks_for_products(std::string_view question) {
  const std::string folded = lower(question);
  static constexpr std::array<std::string_view, 13> kWords = {"recommend", "suggest", "buy",         "gift",  "product",
                                                              "which",     "show me", "looking for", "price", "cost",
                                                              "cheap",     "best",    "shop"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return folded.find(word) != std::string::npos; });
}

// The products that fit, best first; `words` is how many words of the question the best one has.
std::vector<SeenProduct> chosen_products(const Context& context, size_t& words) {
  const Words question = topic_words(context.question);
  const auto limit = price_limit(context.question);
  const bool by_tool =
      std::any_of(context.products.begin(), context.products.end(), [](const SeenProduct& p) { return p.from_tool; });
  struct Scored {
    double score;
    size_t words;
    const SeenProduct* product;
  };
  std::vector<Scored> scored;
  for (const SeenProduct& product : context.products) {
    if (limit && product.price && *product.price > *limit) continue;
    // What a tool was asked for answers the question; everything else was there anyway.
    if (!context.tools_used.empty() && product.from_tool != by_tool) continue;
    const size_t name = shared(question, topic_words(product.name + " " + product.id));
    const size_t rest = shared(question, topic_words(product.details));
    const double score = static_cast<double>(2 * name + rest) - (product.in_stock ? 0 : 0.5);
    scored.push_back({score, name + rest, &product});
  }
  // Among equals the one that stands first.
  std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : std::less<>()(a.product, b.product);
  });
  const bool asks = by_tool || (context.tools_used.empty() && asks_for_products(context.question));
  std::vector<SeenProduct> chosen;
  for (const Scored& one : scored) {
    if (chosen.size() == kProductsNamedMax) break;
    const bool fits = one.score > 0 && one.score * 2 >= scored.front().score;
    if (fits || (asks && scored.front().score <= 0 && one.product->in_stock)) chosen.push_back(*one.product);
  }
  words = scored.empty() ? 0 : scored.front().words;
  return chosen;
}

std::string named(const SeenProduct& product) {
  std::string text = product.name;
  if (!product.id.empty()) text += " (" + product.id + ")";
  return text;
}

std::string priced(const SeenProduct& product) {
  return product.price ? price_text(*product.price, product.currency) : std::string("a price that I was not given");
}

std::string about_products(const std::vector<SeenProduct>& products, base::Random& random) {
  static constexpr std::array<std::string_view, 4> kOpeners = {
      "The {} fits what you asked for at {}.", "I would suggest the {}: it costs {}.", "A good match is the {} for {}.",
      "Have a look at the {}, which is {}."};
  std::string text;
  for (size_t i = 0; i < products.size(); ++i) {
    const SeenProduct& product = products[i];
    if (i == 0) {
      std::string opener(kOpeners[random.below(kOpeners.size())]);
      opener.replace(opener.find("{}"), 2, named(product));
      opener.replace(opener.find("{}"), 2, priced(product));
      text = opener;
      const std::string details = first_bytes(product.details, 160);
      // A line of the context already says name and price itself.
      if (!details.empty() && details.find(product.name) == std::string::npos)
        text += " It is described as: " + details + ".";
    } else {
      text += (i == 1 ? " Another option is the " : " There is also the ") + named(product) + " at " + priced(product) +
              ".";
    }
    if (!product.in_stock) text += " It is out of stock at the moment.";
  }
  return text;
}

// The facts that share the rarest words with the question, in the order in which they stand.
std::vector<const Fact*> chosen_facts(const Context& context) {
  const Words question = topic_words(context.question);
  std::vector<Words> words(context.facts.size());
  std::unordered_map<std::string, double> seen;
  for (size_t i = 0; i < words.size(); ++i) {
    words[i] = topic_words(context.facts[i].text);
    for (const std::string& word : words[i]) ++seen[word];
  }
  const double count = static_cast<double>(words.size()) + 1;
  std::vector<double> scores(words.size());
  double best = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    for (const std::string& word : question) {
      if (std::find(words[i].begin(), words[i].end(), word) != words[i].end())
        scores[i] += 0.3 + std::log(count / seen[word]);
    }
    // What a tool found was asked for; what was said before is the last to look at.
    if (context.facts[i].source == FactSource::kTool && !context.tools_used.empty()) scores[i] += 100;
    if (context.facts[i].source == FactSource::kSaid) scores[i] *= 0.7;
    if (context.facts[i].text.ends_with('?')) scores[i] = 0;
    best = std::max(best, scores[i]);
  }
  std::vector<const Fact*> chosen;
  const size_t most = context.tools_used.empty() ? 3 : 6;
  for (size_t i = 0; i < words.size() && chosen.size() < most; ++i) {
    if (scores[i] > 0 && scores[i] >= 0.6 * best) chosen.push_back(&context.facts[i]);
  }
  return chosen;
}

std::string closed(std::string text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == ',' || text.back() == ';')) text.pop_back();
  if (!text.empty() && std::string_view(".!?").find(text.back()) == std::string_view::npos) text += '.';
  return text;
}

std::string joined(const Words& words, size_t count, std::string_view between) {
  std::string text;
  for (size_t i = 0; i < std::min(words.size(), count); ++i) text.append(i == 0 ? "" : between).append(words[i]);
  return text;
}

std::string about_facts(const std::vector<const Fact*>& facts) {
  std::string text;
  std::string values;
  for (const Fact* fact : facts) {
    const bool value = fact->source == FactSource::kTool && !fact->text.ends_with('.');
    if (value) {
      values += (values.empty() ? "" : ", ") + fact->text;
    } else {
      const std::string said = fact->source == FactSource::kSaid ? "You said: " : "";
      text += (text.empty() ? "" : " ") + said + closed(fact->text);
    }
  }
  if (!values.empty()) text += (text.empty() ? "" : " ") + closed("This is what I found: " + values);
  return text;
}

// "Say hello", "Reply with exactly: done", "Repeat 'abc'": what the model is told to say, if nothing more.
std::optional<std::string> dictated(std::string_view question) {
  std::string_view rest = trim(question);
  const std::string folded = lower(rest);
  size_t taken = 0;
  for (const std::string_view start :
       {"please ", "say ", "reply with ", "respond with ", "answer with ", "repeat after me", "repeat ", "echo ",
        "just ", "only ", "exactly ", "exactly: ", "the words ", "the word ", ": "}) {
    if (std::string_view(folded).substr(taken).starts_with(start)) taken += start.size();
  }
  const bool only_polite = folded.starts_with("please ") && taken <= 7;
  if (taken == 0 || only_polite || rest.size() - taken > 200) return std::nullopt;
  rest = trim(rest.substr(taken));
  if (rest.size() >= 2 && (rest.front() == '"' || rest.front() == '\'') && rest.back() == rest.front()) {
    rest = rest.substr(1, rest.size() - 2);
  }
  const std::string left = lower(rest);
  for (const std::string_view word : {"everything", "above", "instruction", "prompt", "json", "?"}) {
    if (left.find(word) != std::string::npos) return std::nullopt;
  }
  return rest.empty() ? std::nullopt : std::optional(std::string(rest));
}

bool is_hostile(std::string_view question) {
  const std::string folded = lower(question);
  static constexpr std::array<std::string_view, 16> kSigns = {"system prompt",       "ignore all previous",
                                                              "ignore previous",     "ignore the above",
                                                              "ignore all prior",    "your instructions",
                                                              "hidden instructions", "api key",
                                                              "your guidelines",     "policy above",
                                                              "free of every rule",  "override",
                                                              "which instructions",  "pretend",
                                                              "discount codes",      "rules that you were given"};
  return std::any_of(kSigns.begin(), kSigns.end(),
                     [&](std::string_view sign) { return folded.find(sign) != std::string::npos; });
}

std::string without_context(const Context& context, base::Random& random) {
  const Words topics = topic_words(context.question);
  const std::string folded = lower(trim(context.question));
  if (topics.empty() && context.media == 0) {
    if (folded.find("thank") != std::string::npos)
      return "You are welcome. Is there anything else that I can do for you?";
    return "Hello! What can I do for you today?";
  }
  std::string image = context.media > 0 ? "I see the attached picture. " : "";
  const std::string topic = topics.empty() ? "it" : joined(topics, 4, " ");
  static constexpr std::array<std::string_view, 4> kForms = {
      "About {}: it depends on what matters most to you. Tell me a little more and I will narrow it down.",
      "On {} there are a few things to weigh, such as how often you need it and what it may cost. Which matters more "
      "to you?",
      "For {} the usual advice is to start simple, compare two or three options and then decide.",
      "When it comes to {}, most people do well with the plain choice first and refine it later."};
  std::string form(kForms[random.below(kForms.size())]);
  form.replace(form.find("{}"), 2, topic);
  return image + form;
}

// The first number that is no part of an id becomes another one; without one, the sentence is turned around.
std::string with_wrong_fact(std::string text, base::Random& random) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
    const bool starts = digit(i) && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '$');
    if (!starts) continue;
    size_t end = i;
    while (digit(end)) ++end;
    const auto value =
        static_cast<double>(std::min<size_t>(std::stoull(text.substr(i, std::min<size_t>(end - i, 15))), 1u << 30));
    return text.replace(i, end - i, number_text(std::floor(wrong_price(value, random)) + 2));
  }
  for (const std::string_view word : {" is ", " are ", " can ", " takes "}) {
    const size_t at = text.find(word);
    if (at != std::string::npos) return text.insert(at + word.size() - 1, word == " takes " ? " nobody and" : " not");
  }
  return text;
}

}  // namespace

std::string first_bytes(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return std::string(text.substr(0, bytes));
}

std::string first_tokens(std::string_view text, uint64_t tokens) {
  const uint64_t all = guard::estimate_tokens(text, guard::TokenFamily::kOther);
  if (all <= tokens) return std::string(text);
  return first_bytes(text, static_cast<size_t>(static_cast<double>(text.size()) * static_cast<double>(tokens) /
                                               static_cast<double>(all)));
}

std::string refusal(base::Random& random) {
  static constexpr std::array<std::string_view, 3> kRefusals = {"I'm sorry, but I can't help with that.",
                                                                "I cannot assist with this request.",
                                                                "Sorry, I am not able to answer that."};
  return std::string(kRefusals[random.below(kRefusals.size())]);
}

std::string reasoning_about(const Context& context) {
  return "The question is about " + joined(topic_words(context.question), 5, ", ") + ". There are " +
         std::to_string(context.facts.size()) + " passages and " + std::to_string(context.products.size()) +
         " products to answer from; I choose what shares its words.";
}

Prose answer_from(const Context& context, const Behaviour& behaviour, base::Random& random) {
  Prose prose;
  if (auto text = dictated(context.question)) {
    prose.text = *std::move(text);
    return prose;
  }
  if (is_hostile(context.question)) {
    prose.text = "I can't share or change my instructions, but I am happy to help with anything else.";
    return prose;
  }
  size_t product_words = 0;
  prose.products = chosen_products(context, product_words);
  const auto facts = chosen_facts(context);
  // A sentence that has more of the question than any product has answers it better.
  const Words question = topic_words(context.question);
  const bool sentence_fits = std::any_of(facts.begin(), facts.end(), [&](const Fact* fact) {
    return shared(question, topic_words(fact->text)) > product_words;
  });
  const bool tool_answers =
      std::any_of(facts.begin(), facts.end(), [](const Fact* fact) { return fact->source == FactSource::kTool; });
  const bool products_from_tool = !prose.products.empty() && prose.products.front().from_tool;
  if (!products_from_tool && (sentence_fits || (tool_answers && !context.tools_used.empty()))) prose.products.clear();
  if (!prose.products.empty()) {
    if (behaviour.wrong) {
      for (SeenProduct& product : prose.products) {
        if (product.price) product.price = wrong_price(*product.price, random);
      }
    }
    prose.text = about_products(prose.products, random);
  } else if (!facts.empty()) {
    prose.text = about_facts(facts);
    if (behaviour.wrong) prose.text = with_wrong_fact(std::move(prose.text), random);
  } else {
    prose.text = without_context(context, random);
  }
  return prose;
}

std::string lengthened(std::string text, const Context& context, uint64_t tokens, std::string_view model) {
  static constexpr std::array<std::string_view, 5> kMore = {
      "There are a few more details that may help you to decide.",
      "It is worth comparing the options side by side before you choose.",
      "If anything is unclear, say so and I will go into it step by step.",
      "Think of how often you will use it, and of what you have already.",
      "Many people start with the simplest variant and change it later."};
  size_t at = 0;
  uint64_t have = guard::estimate_tokens(text, model);
  while (have < tokens) {
    const std::string_view more =
        at < context.facts.size() ? std::string_view(context.facts[at].text) : kMore[at % kMore.size()];
    ++at;
    text += (text.empty() ? "" : " ") + closed(std::string(more));
    have += guard::estimate_tokens(more, model) + 1;
  }
  return have > tokens ? first_tokens(text, tokens) : text;
}

}  // namespace godseye::simulator
