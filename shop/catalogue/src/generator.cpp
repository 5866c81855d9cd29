#include "generator.h"

#include "words.h"

#include <algorithm>
#include <map>
#include <set>

namespace vcommerce::catalogue {
namespace {

using Words = std::vector<std::string_view>;

Words split(std::string_view list) {
  Words words;
  while (!list.empty()) {
    const size_t end = std::min(list.find('|'), list.size());
    if (end > 0) words.push_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return words;
}

std::string_view pick(const Words& words, Dice& dice) { return words[dice.below(words.size())]; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// The first letter as at the beginning of a sentence.
std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

void replace(std::string& text, std::string_view what, std::string_view by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

std::string numbered(std::string_view category, std::string_view code, int number) {
  std::string digits = std::to_string(number);
  digits.insert(0, digits.size() < 4 ? 4 - digits.size() : 0, '0');
  return std::string(category) + "-" + std::string(code) + "-" + digits;
}

const Material& material_named(std::string_view name) {
  for (const Material& material : materials()) {
    if (material.name == name) return material;
  }
  return materials().front();
}

const SizeLadder& ladder_named(std::string_view name) {
  for (const SizeLadder& ladder : size_ladders()) {
    if (ladder.name == name) return ladder;
  }
  return size_ladders().front();
}

char letter_of(Category category) { return "ASCHB"[static_cast<size_t>(category)]; }

// Prices as shops write them: 49, 49.50, 49.90, 49.95.
Price priced(const Kind& kind, const Brand& brand, Dice& dice) {
  const int64_t low = kind.price_low;
  const int64_t high = kind.price_high;
  // Two throws: most products lie in the middle of the range, few at its ends.
  const int64_t span = high - low;
  int64_t units = low + static_cast<int64_t>(dice.below(static_cast<uint64_t>(span) + 1) +
                                             dice.below(static_cast<uint64_t>(span) + 1)) /
                            2;
  units = std::clamp(units * brand.price_percent / 100, low, high - 1);
  constexpr int32_t kEndings[] = {0, 500'000'000, 900'000'000, 950'000'000};
  return {units, kEndings[dice.below(std::size(kEndings))]};
}

std::vector<Colour> coloured(std::string_view palette, Dice& dice) {
  std::vector<const NamedColour*> fitting;
  for (const NamedColour& colour : colours()) {
    for (const std::string_view one : split(colour.palettes)) {
      if (one == palette) fitting.push_back(&colour);
    }
  }
  const size_t wanted = palette == "pack" || palette == "glass" ? 1 : 1 + dice.below(4);
  std::vector<Colour> chosen;
  while (!fitting.empty() && chosen.size() < wanted) {
    const size_t at = dice.below(fitting.size());
    chosen.push_back({std::string(fitting[at]->name), std::string(fitting[at]->rgb)});
    fitting.erase(fitting.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return chosen;
}

std::vector<SizeStock> sized(const Kind& kind, Dice& dice) {
  const SizeLadder& ladder = ladder_named(kind.ladder);
  const Words names = split(ladder.sizes);
  std::vector<SizeStock> sizes;
  const bool sold_out = dice.below(50) == 0;
  const auto stock = [&] {
    if (sold_out || dice.below(14) == 0) return 0;
    return static_cast<int32_t>(8 + dice.below(ladder.one ? 160 : 60));
  };
  if (ladder.one) {
    sizes.push_back({std::string(pick(names, dice)), stock()});
    if (!sold_out) sizes[0].available = std::max(sizes[0].available, 12);
    return sizes;
  }
  // A run of neighbours: nobody makes S and XXL alone.
  const size_t least = std::min<size_t>(names.size(), 4);
  const size_t count = names.size() <= 4 ? names.size() : least + dice.below(names.size() - least + 1);
  const size_t first = dice.below(names.size() - count + 1);
  for (size_t i = first; i < first + count; ++i) sizes.push_back({std::string(names[i]), stock()});
  return sizes;
}

bool is_plural(std::string_view noun) { return noun.ends_with('s') && !noun.ends_with("ss"); }

// An opening whose {v} is jeans, earrings or bath salts.
void make_plural(std::string& text) {
  constexpr std::pair<std::string_view, std::string_view> kForms[] = {
      {"An honest {v}", "Honest {v}"},
      {"A {v} as it", "{v} as they"},
      {"A {v}", "{v}"},
      {"a good {v}", "good {v}"},
      {"a {v}", "{v}"},
      {"This {v} began as a sample", "These {v} began as samples"},
      {"this {v} is", "these {v} are"},
      {"this {v}", "these {v}"},
      {"The {s} is the {v}", "The {s} are the {v}"},
  };
  for (const auto& [one, many] : kForms) replace(text, one, many);
}

struct Draft {
  const Kind* kind;
  const Brand* brand;
  const Material* material;
  std::string_view series;
  std::string variant;
};

std::string described(const Draft& draft, Dice& dice) {
  const Kind& kind = *draft.kind;
  std::string text(pick(split(openings(kind.category)), dice));
  if (is_plural(draft.variant)) make_plural(text);
  replace(text, "{v}", lower(draft.variant));
  replace(text, "{m}", draft.material->name);
  replace(text, "{o}", pick(split(occasions(kind.category)), dice));
  replace(text, "{s}", draft.series);
  replace(text, "{b}", draft.brand->name);
  replace(text, "A a", "An a");
  replace(text, "A e", "An e");
  replace(text, "A o", "An o");
  replace(text, " a a", " an a");
  replace(text, " a e", " an e");
  replace(text, " a o", " an o");
  text = sentence(std::move(text));

  Words features = split(kind.features);
  std::string detail(pick(split(feature_sentences()), dice));
  const size_t first = dice.below(features.size());
  const std::string_view one = features[first];
  features.erase(features.begin() + static_cast<std::ptrdiff_t>(first));
  replace(detail, "{1}", one);
  replace(detail, "{2}", pick(features, dice));
  text += " " + sentence(std::move(detail));
  text += " " + std::string(pick(split(draft.material->says), dice));
  text += " " + std::string(pick(split(kind.uses), dice));
  return text;
}

std::vector<std::string> tagged(const Draft& draft, const Product& product, Dice& dice) {
  std::set<std::string> tags;
  for (const std::string_view tag : split(draft.material->tags)) tags.emplace(tag);
  for (const Colour& colour : product.colours) tags.insert(lower(colour.name));
  constexpr std::string_view kExtras[] = {"new", "bestseller", "gift", "sale", "handmade", "limited"};
  if (dice.below(3) == 0) tags.emplace(kExtras[dice.below(std::size(kExtras))]);
  if (draft.kind->category == Category::kApparel || draft.kind->category == Category::kShoes) {
    const std::string_view code = draft.kind->code;
    const bool women = code == "DRS" || code == "BLS" || code == "SKT" || code == "HEL";
    constexpr std::string_view kWhom[] = {"women", "men", "unisex"};
    tags.emplace(women ? "women" : kWhom[dice.below(3)]);
  }
  return {tags.begin(), tags.end()};
}

// A name that nobody has: series, material, variant.
Draft drafted(const Kind& kind, std::set<std::string>& names, std::string& name, Dice& dice) {
  std::vector<const Brand*> fitting;
  for (const Brand& brand : brands()) {
    if (brand.categories.find(letter_of(kind.category)) != std::string_view::npos) fitting.push_back(&brand);
  }
  Draft draft{&kind, fitting[dice.below(fitting.size())], nullptr, {}, {}};
  do {
    draft.series = pick(split(series_names()), dice);
    draft.variant = std::string(pick(split(kind.variants), dice));
    draft.material = &material_named(pick(split(kind.materials), dice));
    name = std::string(draft.series);
    if (!draft.material->title.empty() && draft.variant.find(draft.material->title) == std::string::npos) {
      name += " " + std::string(draft.material->title);
    }
    name += " " + draft.variant;
  } while (!names.insert(name).second);
  return draft;
}

std::vector<Product> generated(uint64_t seed, int per_kind, int first_number, std::set<std::string>& names) {
  std::vector<Product> products;
  for (const std::span<const Kind> kinds : {fashion_kinds(), house_kinds()}) {
    for (const Kind& kind : kinds) {
      Dice dice(seed ^ seed_of(kind.code));
      for (int number = first_number; number < first_number + per_kind; ++number) {
        Product product;
        const Draft draft = drafted(kind, names, product.name, dice);
        product.id = numbered(category_code(kind.category), kind.code, number);
        product.brand = draft.brand->name;
        product.category = category_name(kind.category);
        product.kind = kind.noun;
        product.price = priced(kind, *draft.brand, dice);
        product.sizes = sized(kind, dice);
        product.colours = coloured(kind.palette, dice);
        product.weight_grams =
            kind.grams_low +
            static_cast<int32_t>(dice.below(static_cast<uint64_t>(kind.grams_high - kind.grams_low) + 1));
        product.material = draft.material->name;
        product.care = draft.material->care;
        product.description = described(draft, dice);
        product.tags = tagged(draft, product, dice);
        products.push_back(std::move(product));
      }
    }
  }
  std::sort(products.begin(), products.end(), [](const Product& a, const Product& b) { return a.id < b.id; });
  return products;
}

bool shares_colour(const Product& a, const Product& b) {
  return std::any_of(a.colours.begin(), a.colours.end(), [&](const Colour& colour) {
    return std::any_of(b.colours.begin(), b.colours.end(), [&](const Colour& other) { return other == colour; });
  });
}

// Of each kind that goes with `product` the one that goes best: brand, colour, price, then chance.
void pair_up(std::vector<Product>& products) {
  std::map<std::string, std::vector<size_t>> by_code;
  for (size_t i = 0; i < products.size(); ++i) by_code[products[i].id.substr(4, 3)].push_back(i);
  std::map<std::string, Words> pairs;
  for (const std::span<const Kind> kinds : {fashion_kinds(), house_kinds()}) {
    for (const Kind& kind : kinds) pairs[std::string(kind.code)] = split(kind.pairs);
  }
  for (Product& product : products) {
    Dice dice(seed_of(product.id));
    for (const std::string_view code : pairs[product.id.substr(4, 3)]) {
      const Product* best = nullptr;
      uint64_t best_score = 0;
      for (const size_t i : by_code[std::string(code)]) {
        const Product& other = products[i];
        const int64_t distance = std::abs(other.price.units - product.price.units);
        const uint64_t score = (other.brand == product.brand ? 40U : 0U) + (shares_colour(other, product) ? 30U : 0U) +
                               static_cast<uint64_t>(std::max<int64_t>(0, 30 - distance / 5)) + dice.below(60) + 1;
        if (score > best_score) {
          best = &other;
          best_score = score;
        }
      }
      if (best != nullptr) product.pairs_with.push_back(best->id);
    }
  }
}

constexpr uint64_t kSeed = 0x5eed'2026;
constexpr uint64_t kRetiredSeed = 0x01d'5eed;
constexpr int kRetiredFirstNumber = 9001;

}  // namespace

uint64_t seed_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

std::string_view price_band(const Price& price) {
  if (price.units < 25) return "0-25";
  if (price.units < 50) return "25-50";
  if (price.units < 100) return "50-100";
  return price.units < 200 ? "100-200" : "200-";
}

std::vector<Product> generate_products() {
  std::set<std::string> names;
  std::vector<Product> products = generated(kSeed, kProductsPerKind, 1, names);
  pair_up(products);
  return products;
}

std::vector<Product> retired_products() {
  std::set<std::string> names;
  (void)generated(kSeed, kProductsPerKind, 1, names);
  return generated(kRetiredSeed, 2, kRetiredFirstNumber, names);
}

}  // namespace vcommerce::catalogue
