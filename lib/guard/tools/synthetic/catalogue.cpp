#include "catalogue.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace godseye::guard::synthetic {

namespace {

using train::Random;

constexpr std::array kOnsets = {"b", "br", "c", "d", "dr", "f",  "fj", "g", "gr", "h", "k", "kl", "l",
                                "m", "n",  "p", "r", "s",  "sk", "st", "t", "tr", "v", "w", "z"};
constexpr std::array kVowels = {"a", "e", "i", "o", "u", "ai", "ea", "io", "au"};
constexpr std::array kCodas = {"", "n", "r", "l", "s", "x", "nd", "rt", "ll", "m", "k", "th"};
constexpr std::array kTypes = {"Desk Lamp",
                               "Floor Lamp",
                               "Table Lamp",
                               "Armchair",
                               "Office Chair",
                               "Coffee Table",
                               "Side Table",
                               "Bookshelf",
                               "Wall Mirror",
                               "Area Rug",
                               "Throw Pillow",
                               "Duvet Cover",
                               "Mattress",
                               "Flower Vase",
                               "Scented Candle",
                               "Wall Clock",
                               "Tower Fan",
                               "Space Heater",
                               "Electric Kettle",
                               "Toaster",
                               "Stand Blender",
                               "Air Fryer",
                               "Frying Pan",
                               "Chef Knife",
                               "Travel Mug",
                               "Water Bottle",
                               "Salad Bowl",
                               "Espresso Machine",
                               "Coffee Grinder",
                               "Robot Vacuum",
                               "Air Purifier",
                               "Soundbar",
                               "Wireless Headphones",
                               "Earbuds",
                               "Gaming Headset",
                               "Action Camera",
                               "Tripod",
                               "Drone",
                               "Tablet",
                               "Laptop Sleeve",
                               "Monitor Arm",
                               "Mechanical Keyboard",
                               "Trackball Mouse",
                               "Phone Charger",
                               "Label Printer",
                               "Fitness Tracker",
                               "Smartwatch",
                               "City Bicycle",
                               "Bike Helmet",
                               "Trekking Tent",
                               "Backpack",
                               "Card Wallet",
                               "Carry-On Suitcase",
                               "Rain Jacket",
                               "Wool Coat",
                               "Linen Shirt",
                               "Hoodie",
                               "Knit Sweater",
                               "Midi Dress",
                               "Pleated Skirt",
                               "Slim Jeans",
                               "Chinos",
                               "Hiking Socks",
                               "Trail Shoes",
                               "Chelsea Boots",
                               "Running Sneakers",
                               "Leather Loafers",
                               "Bucket Hat",
                               "Cashmere Scarf",
                               "Ski Gloves",
                               "Leather Belt",
                               "Sunglasses",
                               "Pendant Necklace",
                               "Hoop Earrings",
                               "Shampoo",
                               "Face Cream",
                               "Hand Soap",
                               "Electric Toothbrush",
                               "Hair Dryer",
                               "Cordless Drill",
                               "Circular Saw",
                               "Garden Hose",
                               "Lawn Mower",
                               "Hedge Trimmer",
                               "Plant Pot",
                               "Wooden Puzzle",
                               "Board Game",
                               "Acoustic Guitar",
                               "Dotted Notebook",
                               "Fountain Pen",
                               "Phone Stand",
                               "Baby Stroller",
                               "Dog Leash",
                               "Cat Tree",
                               "Dumbbell Set",
                               "Yoga Mat",
                               "Resistance Band",
                               "Camping Stove",
                               "Sleeping Bag",
                               "Picnic Blanket"};
constexpr std::array kAdjectives = {"Compact",    "Classic",    "Foldable",    "Organic",   "Brushed",
                                    "Heavy-Duty", "Quiet",      "Cordless",    "Insulated", "Adjustable",
                                    "Recycled",   "Waterproof", "Lightweight", "Handmade",  "Vintage",
                                    "Nordic",     "Urban",      "Alpine",      "Coastal",   "Rustic"};
constexpr std::array kMaterials = {"Oak",   "Walnut", "Bamboo",  "Steel", "Brass",  "Ceramic", "Cotton",
                                   "Linen", "Merino", "Leather", "Glass", "Marble", "Canvas",  "Cork"};
constexpr std::array kColors = {"black",    "white", "navy", "olive",   "sand",
                                "charcoal", "red",   "teal", "mustard", "silver"};

template <typename List>
std::string pick(Random& random, const List& list) {
  return std::string(list[random.below(list.size())]);
}

std::string syllables(Random& random, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) {
    out += pick(random, kOnsets) + pick(random, kVowels);
    if (i + 1 == count || random.chance(0.2)) out += pick(random, kCodas);
  }
  out[0] = static_cast<char>(out[0] - 32);
  return out;
}

constexpr std::array kNameWords = {
    "Summit",  "Harbor",  "Evergreen", "Lumen",   "Breeze",  "Comet",   "Horizon", "Cedar",  "Willow",  "Falcon",
    "Meadow",  "Ember",   "Aurora",    "Pioneer", "Cascade", "Granite", "Juniper", "Lagoon", "Maple",   "Nimbus",
    "Orchid",  "Prairie", "Quartz",    "Ranger",  "Sierra",  "Tempo",   "Velvet",  "Vista",  "Wander",  "Zenith",
    "Atlas",   "Beacon",  "Bold",      "Bright",  "Carbon",  "Cloud",   "Coral",   "Delta",  "Drift",   "Echo",
    "Essence", "Fable",   "Field",     "Flint",   "Forge",   "Frost",   "Glide",   "Grove",  "Haven",   "Heritage",
    "Indigo",  "Iron",    "Ivory",     "Jade",    "Kindle",  "Lark",    "Legacy",  "Lotus",  "Lunar",   "Mesa",
    "Mist",    "Nova",    "Oasis",     "Orbit",   "Pacific", "Pebble",  "Pine",    "Polar",  "Pulse",   "Raven",
    "Ridge",   "River",   "Royal",     "Sage",    "Shadow",  "Solace",  "Sonic",   "Spark",  "Stellar", "Stone",
    "Storm",   "Studio",  "Terra",     "Timber",  "Titan",   "Trail",   "Tundra",  "Union",  "Urban",   "Valley",
    "Vector",  "Verde",   "Vortex",    "Wave",    "Wild",    "Winter",  "Zephyr",  "Home",   "Modern",  "True",
    "Open",    "Simple"};
constexpr std::array kNameTails = {"Tech", "Works", "Craft", "Wear", "Line", "Pro", "Fit", "Gear", "Sound", "Living"};

// "Summit", "Cedar & Stone" without the sign, "NovaTech", "River Craft".
std::string name_words(Random& random) {
  const std::string word = pick(random, kNameWords);
  switch (random.below(4)) {
    case 0:
      return word;
    case 1:
      return word + pick(random, kNameTails);
    case 2:
      return word + ' ' + pick(random, kNameWords);
    default:
      return word + ' ' + pick(random, kNameTails);
  }
}

std::string coin(Random& random, size_t count, Naming naming) {
  return naming == Naming::kCoined ? syllables(random, count) : name_words(random);
}

std::string model_number(Random& random) {
  std::string out(1 + random.below(2), 'A');
  for (char& c : out) c = static_cast<char>('A' + random.below(26));
  if (random.chance(0.3)) out += '-';
  return out + std::to_string(random.chance(0.5) ? 10 * (1 + random.below(99)) : 100 + random.below(900));
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

std::string money(double value, std::string_view currency, size_t style) {
  char number[32];
  std::snprintf(number, sizeof number, "%.2f", value);
  std::string digits = number;
  if (currency == "EUR") {
    if (style % 2 == 0) std::replace(digits.begin(), digits.end(), '.', ',');
    return style % 3 == 0 ? "\xE2\x82\xAC" + digits : digits + " \xE2\x82\xAC";
  }
  if (digits.size() > 6) digits.insert(digits.size() - 6, ",");
  return style % 5 == 0 ? digits + " dollars" : style % 7 == 1 ? "USD " + digits : "$" + digits;
}

std::string with(std::string_view form, std::string_view name, std::string_view price) {
  std::string out;
  for (size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '@')
      out += name;
    else if (form[i] == '#')
      out += price;
    else
      out += form[i];
  }
  return out;
}

constexpr std::array kWithPrice = {"I'd recommend the @, which costs #.",
                                   "The @ is a great choice at #.",
                                   "You could go for the @ (#).",
                                   "Our @ is currently priced at #.",
                                   "For #, you can get the @.",
                                   "Have a look at the @ - it sells for #.",
                                   "One option is the @. It costs # and comes with a two-year warranty.",
                                   "- @: #",
                                   "1. @ \xE2\x80\x93 #",
                                   "The price of the @ is #.",
                                   "Yes, the @ would work well; it is available for #.",
                                   "At the moment the @ is listed at #, with free returns."};
constexpr std::array kPlain = {"I'd recommend the @.",
                               "The @ should suit you well.",
                               "Many customers like the @ for everyday use.",
                               "You might also like the @, which is easy to clean.",
                               "Yes, we carry the @.",
                               "Have you considered the @?",
                               "The @ fits what you describe: it is sturdy and quiet.",
                               "My favourite is the @ because it lasts.",
                               "If space is tight, take the @."};
constexpr std::array kInStock = {"The @ is in stock and ships tomorrow.", "Good news: the @ is in stock.",
                                 "We have the @ in stock right now.", "The @ is available now.",
                                 "Yes, the @ is ready to ship."};
constexpr std::array kSoldOut = {"Unfortunately the @ is out of stock.", "The @ is sold out at the moment.",
                                 "I am sorry, the @ is currently unavailable."};
constexpr std::array kOther = {"Free Shipping applies to orders over $50.",
                               "Delivery takes 2 to 4 working days.",
                               "You can return it within 30 days.",
                               "Let me know if you would like more options!",
                               "Standard shipping costs $4.95.",
                               "Our Customer Service team is happy to help.",
                               "With code WELCOME10 you save 10%.",
                               "Thanks for asking!",
                               "Your budget of $200 leaves room for accessories.",
                               "Payment by PayPal or credit card is possible.",
                               "Based on your question, here is what I found.",
                               "It weighs 2.4 kg and measures 40 x 30 cm.",
                               "Members of the Rewards Program collect points.",
                               "Our store in Portland is open until 6 PM on Saturday.",
                               "Please check the Size Guide first.",
                               "Your order 281-2522412 has already shipped."};

}  // namespace

std::vector<Product> make_catalogue(uint64_t seed, size_t count, Naming naming) {
  Random random(seed);
  std::vector<std::string> brands;
  std::vector<std::string> series;
  for (size_t i = 0; i < 40 + count / 250; ++i) brands.push_back(coin(random, 2 + random.below(2), naming));
  for (size_t i = 0; i < 60 + count / 60; ++i) series.push_back(coin(random, 2 + random.below(2), naming));
  std::vector<Product> products;
  std::unordered_set<std::string> ids;
  const bool euro = random.chance(0.3);
  while (products.size() < count) {
    Product product;
    product.brand = pick(random, brands);
    const std::string type = pick(random, kTypes);
    switch (random.below(4)) {
      case 0:
        product.name = product.brand + ' ' + pick(random, series) + ' ' + type;
        break;
      case 1:
        product.name = product.brand + ' ' + model_number(random) + ' ' + pick(random, kAdjectives) + ' ' + type;
        break;
      case 2:
        product.name = product.brand + ' ' + type + ' ' + model_number(random);
        break;
      default:
        product.name = pick(random, series) + ' ' + pick(random, kMaterials) + ' ' + type;
    }
    char id[32];
    if (random.chance(0.8)) {
      std::snprintf(id, sizeof id, "SKU-%06zu", random.below(1'000'000));
    } else {
      std::snprintf(id, sizeof id, "%c%c-%04zu-%c", static_cast<char>('A' + random.below(26)),
                    static_cast<char>('A' + random.below(26)), random.below(10'000),
                    static_cast<char>('A' + random.below(26)));
    }
    if (!ids.insert(id).second) continue;
    product.id = id;
    product.price =
        static_cast<double>(4 + random.below(random.chance(0.1) ? 2000 : 200)) + (random.chance(0.7)   ? 0.99
                                                                                  : random.chance(0.5) ? 0.5
                                                                                                       : 0.0);
    product.currency = euro ? "EUR" : "USD";
    product.attributes = {{"color", pick(random, kColors)}};
    product.stock = random.chance(0.125) ? 0 : static_cast<int64_t>(1 + random.below(200));
    products.push_back(std::move(product));
  }
  return products;
}

AnswerMaker::AnswerMaker(const std::vector<Product>& products, uint64_t seed, Naming naming)
    : products_(products), random_(seed), naming_(naming) {
  for (const Product& product : products) {
    names_.insert(lower(product.name));
    ids_.insert(product.id);
  }
}

// One slip: two letters swapped, one left out or one doubled, in a word of six letters or more.
std::string AnswerMaker::misspell(std::string name) {
  for (size_t tries = 0; tries < 20; ++tries) {
    const size_t at = 1 + random_.below(name.size() - 2);
    size_t begin = at;
    size_t end = at;
    while (begin > 0 && name[begin - 1] != ' ') --begin;
    while (end < name.size() && name[end] != ' ') ++end;
    const bool digits =
        std::any_of(name.begin() + static_cast<ptrdiff_t>(begin), name.begin() + static_cast<ptrdiff_t>(end),
                    [](char c) { return c >= '0' && c <= '9'; });
    if (end - begin < 6 || digits || at == begin || at + 1 >= end) continue;
    switch (random_.below(3)) {
      case 0:
        std::swap(name[at], name[at + 1]);
        break;
      case 1:
        name.erase(at, 1);
        break;
      default:
        name.insert(at, 1, name[at]);
    }
    break;
  }
  return name;
}

std::string AnswerMaker::mention(const Product& product) {
  std::string name = product.name;
  if (!product.brand.empty() && !name.starts_with(product.brand) && random_.chance(0.5))
    name = product.brand + ' ' + name;
  if (random_.chance(0.1)) name = misspell(name);
  if (random_.chance(0.1)) {
    // "Fjellby Oak desk lamp": what describes the thing in small letters.
    const size_t space = name.find(' ', name.find(' ') + 1);
    if (space != std::string::npos) name = name.substr(0, space) + lower(name.substr(space));
  }
  if (random_.chance(0.2))
    name = "**" + name + "**";
  else if (random_.chance(0.08))
    name = '"' + name + '"';
  if (random_.chance(0.12)) name += " (" + product.id + ')';
  return name;
}

Product AnswerMaker::invent(Invention& how) {
  for (;;) {
    Product product = products_[random_.below(products_.size())];
    const Product& other = products_[random_.below(products_.size())];
    how = static_cast<Invention>(1 + random_.below(5));
    const size_t space = product.name.find(' ');
    switch (how) {
      case Invention::kBrand:
        product.brand = coin(random_, 3, naming_);
        product.name = product.brand + product.name.substr(space);
        break;
      case Invention::kSeries:
        product.name = product.brand + ' ' + coin(random_, 3, naming_) + ' ' + pick(random_, kTypes);
        break;
      case Invention::kModel:
        product.name = product.brand + ' ' + pick(random_, kTypes) + ' ' + model_number(random_);
        break;
      case Invention::kKind:
        product.name = product.name.substr(0, product.name.rfind(' ')) + ' ' + pick(random_, kTypes);
        break;
      default: {
        std::string id = other.id;
        for (char& c : id) {
          if (c >= '0' && c <= '9') c = static_cast<char>('0' + random_.below(10));
        }
        if (ids_.contains(id)) continue;
        product.id = id;
        // Named by its id alone.
        product.name = "item " + id;
        return product;
      }
    }
    product.id = "NEW-000000";
    // Words that all belong to one product make a mention of it, whatever their order.
    if (!names_.contains(lower(product.name))) return product;
  }
}

std::string AnswerMaker::sentence(const Product& product, std::string_view name, AnswerKind kind) {
  const size_t style = random_.below(35);
  double price = *product.price;
  if (kind == AnswerKind::kWrongPrice) {
    const double factor = random_.chance(0.5) ? 0.5 + 0.01 * static_cast<double>(random_.below(45))
                                              : 1.06 + 0.01 * static_cast<double>(random_.below(90));
    price = static_cast<double>(static_cast<int64_t>(price * factor)) + (random_.chance(0.5) ? 0.49 : 0.95);
    return with(pick(random_, kWithPrice), name, money(price, product.currency, style));
  }
  if (kind == AnswerKind::kOutOfStock)
    return with(*product.stock > 0 ? pick(random_, kSoldOut) : pick(random_, kInStock), name, "");
  const double dice = static_cast<double>(random_.below(100)) / 100;
  if (dice < 0.5) return with(pick(random_, kWithPrice), name, money(price, product.currency, style));
  if (dice < 0.65) return with(*product.stock > 0 ? pick(random_, kInStock) : pick(random_, kSoldOut), name, "");
  return with(pick(random_, kPlain), name, "");
}

ProductAnswer AnswerMaker::make(AnswerKind kind) {
  ProductAnswer answer;
  answer.kind = kind;
  answer.named = 1 + random_.below(3);
  std::string text;
  for (size_t i = 0; i < random_.below(2); ++i) text += pick(random_, kOther) + ' ';
  for (size_t i = 0; i < answer.named; ++i) {
    std::string line;
    if (i == 0 && kind == AnswerKind::kInvented) {
      const Product product = invent(answer.invention);
      std::string name = product.name;
      if (random_.chance(0.2) && answer.invention != Invention::kId) name = "**" + name + "**";
      line = sentence(product, name, AnswerKind::kValid);
    } else {
      const Product& product = products_[random_.below(products_.size())];
      line = sentence(product, mention(product), i == 0 ? kind : AnswerKind::kValid);
    }
    // List items stand on lines of their own.
    text +=
        line[0] == '-' || line[0] == '1' ? (text.empty() || text.back() == '\n' ? "" : "\n") + line + "\n" : line + ' ';
    if (random_.chance(0.3)) text += pick(random_, kOther) + ' ';
  }
  answer.text = std::move(text);
  return answer;
}

}  // namespace godseye::guard::synthetic
