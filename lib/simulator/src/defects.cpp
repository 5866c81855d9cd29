#include "defects.h"

#include "prose.h"
#include "text.h"

#include <array>

namespace godseye::simulator {

namespace {

constexpr std::array<std::string_view, 10> kMakers = {"Aurelio",   "Brindlewick", "Caldora", "Dravenna", "Elmstead",
                                                      "Fennimore", "Galvotti",    "Hexley",  "Ironvale", "Jasperine"};
constexpr std::array<std::string_view, 8> kKinds = {"Trail", "Urban",  "Pro",    "Classic",
                                                    "Ultra", "Nordic", "Studio", "Prime"};
constexpr std::array<std::string_view, 8> kThings = {"Jacket",  "Backpack", "Kettle",  "Lamp",
                                                     "Sneaker", "Watch",    "Tumbler", "Headband"};

constexpr std::array<std::string_view, 7> kRambles = {
    "But then again, that reminds me of something else entirely.",
    "Anyway, as I was saying, as I was saying, it is hard to say.",
    "The weather in the mountains can be quite different from that of the sea, you know.",
    "And speaking of which, there was once a clockmaker who never finished anything.",
    "It could be this, or it could be that, or it could be this.",
    "In a way everything is connected with everything, and then again it is not.",
    "Where was I? Oh yes, anyway, as I was saying, it is hard to say."};
constexpr std::array<std::string_view, 3> kInsults = {"What a stupid question, you idiot.",
                                                      "Are you really this dumb? Shut up and read the page.",
                                                      "You are a pathetic moron and I hate answering you."};

std::string letters(base::Random& random, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += static_cast<char>('A' + random.below(26));
  return text;
}

std::string digits(base::Random& random, size_t count) {
  std::string text(1, static_cast<char>('1' + random.below(9)));
  while (text.size() < count) text += static_cast<char>('0' + random.below(10));
  return text;
}

// The same length and kinds of characters as `shape`.
std::string like(std::string_view shape, base::Random& random) {
  std::string text;
  for (const char c : shape.substr(0, 32)) {
    if (c >= '0' && c <= '9') {
      text += digits(random, 1);
    } else if (c >= 'A' && c <= 'Z') {
      text += letters(random, 1);
    } else if (c >= 'a' && c <= 'z') {
      text += lower(letters(random, 1));
    } else {
      text += c;
    }
  }
  return text;
}

std::string rambling(base::Random& random) {
  std::string text;
  const size_t first = random.below(kRambles.size());
  for (size_t i = 0; i < 8; ++i) text.append(" ").append(kRambles[(first + i * (i % 3)) % kRambles.size()]);
  return text;
}

}  // namespace

SeenProduct invented_product(const Context& context, base::Random& random) {
  SeenProduct product;
  const std::string model = letters(random, 2) + "-" + digits(random, 4);
  product.name = std::string(kMakers[random.below(kMakers.size())]) + " " +
                 std::string(kKinds[random.below(kKinds.size())]) + " " +
                 std::string(kThings[random.below(kThings.size())]) + " " + model;
  product.id = context.products.empty() || context.products.front().id.empty()
                   ? model
                   : like(context.products.front().id, random);
  product.price = static_cast<double>(10 + random.below(190)) + 0.99;
  product.currency =
      context.products.empty() || context.products.front().currency.empty() ? "USD" : context.products.front().currency;
  return product;
}

std::string with_defects(std::string text, const Context& context, const Behaviour& behaviour, base::Random& random) {
  // Drawn whether used or not: one defect more does not change the others.
  base::Random products(random.next());
  base::Random words(random.next());
  if (behaviour.hallucinate) {
    const SeenProduct product = invented_product(context, products);
    text += " You may also like the \"" + product.name + "\" (" + product.id + ") at " +
            price_text(*product.price, product.currency) + ".";
  }
  if (behaviour.leak) {
    text += " My instructions are: " +
            (context.system.empty() ? std::string("to be a helpful assistant.") : context.system);
  }
  if (behaviour.pii) {
    text += " Jane Roe ordered the same: jane.roe@example.com, +1 212 555 0147, card 4111 1111 1111 1111.";
  }
  if (behaviour.rude) text = std::string(kInsults[words.below(kInsults.size())]) + " " + text;
  if (behaviour.ramble) text += rambling(words);
  return text;
}

}  // namespace godseye::simulator
