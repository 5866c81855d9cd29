#include "context.h"
#include "json.h"
#include "text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace godseye::simulator {

namespace {

constexpr size_t kJsonStartsMax = 64;  // places of a text where a document is tried
constexpr std::array<std::string_view, 6> kCurrencies = {"USD", "EUR", "GBP", "CHF", "JPY", "SEK"};

template <size_t N>
std::string_view first_text(const json::object& object, const std::array<std::string_view, N>& keys) {
  for (const std::string_view key : keys) {
    if (const std::string_view text = text_of(object, key); !text.empty()) return text;
  }
  return {};
}

struct Price {
  double value;
  std::string currency;
};

std::string currency_mark(std::string_view text) {
  if (text.starts_with("$")) return "USD";
  if (text.starts_with("\xe2\x82\xac")) return "EUR";
  if (text.starts_with("\xc2\xa3")) return "GBP";
  for (const std::string_view code : kCurrencies) {
    if (text.starts_with(code)) return std::string(code);
  }
  return {};
}

std::optional<double> leading_number(std::string_view text) {
  double value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (end.ec != std::errc{} || value < 0 || value > 1e9) return std::nullopt;
  return value;
}

// The first price written in `text`, with its mark before ("$12.50", "EUR 12") or after ("12.50 EUR") the number.
std::optional<Price> price_in(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::string currency = currency_mark(text.substr(i)); !currency.empty()) {
      const size_t mark = text[i] == '$'                        ? 1
                          : currency == "EUR" && text[i] != 'E' ? 3
                          : currency == "GBP" && text[i] != 'G' ? 2
                                                                : 3;
      if (const auto value = leading_number(trim(text.substr(i + mark, 24)))) return Price{*value, std::move(currency)};
    }
    const bool starts = text[i] >= '0' && text[i] <= '9' && (i == 0 || !(text[i - 1] >= '0' && text[i - 1] <= '9'));
    if (!starts) continue;
    const auto value = leading_number(text.substr(i));
    const size_t end = std::min(text.find_first_not_of("0123456789.", i), text.size());
    if (std::string currency = currency_mark(trim(text.substr(end, 6))); value && !currency.empty()) {
      return Price{*value, std::move(currency)};
    }
    i = end == 0 ? i : end - 1;
  }
  return std::nullopt;
}

// A number, a text ("$12.50", "12.50"), or an amount in units and nanos.
std::optional<Price> price_of(const json::value& value) {
  if (const auto number = as_number(value)) return Price{*number, {}};
  if (const json::string* text = value.if_string()) {
    if (auto price = price_in(*text)) return price;
    if (const auto number = leading_number(trim(*text))) return Price{*number, {}};
    return std::nullopt;
  }
  const json::object* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  static constexpr std::array<std::string_view, 3> kCode = {"currency_code", "currencyCode", "currency"};
  const std::string currency(first_text(*object, kCode));
  if (const json::value* units = object->if_contains("units")) {
    double sum = as_number(*units).value_or(units->is_string() ? leading_number(units->get_string()).value_or(0) : 0);
    if (const json::value* nanos = object->if_contains("nanos")) sum += as_number(*nanos).value_or(0) / 1e9;
    return Price{sum, currency};
  }
  for (const std::string_view key : {"amount", "value", "price"}) {
    const json::value* amount = object->if_contains(key);
    if (amount != nullptr && !amount->is_object()) {
      if (auto price = price_of(*amount)) return Price{price->value, currency.empty() ? price->currency : currency};
    }
  }
  return std::nullopt;
}

void append_details(const json::value& value, std::string& details) {
  if (details.size() > 600) return;
  if (const json::string* text = value.if_string()) {
    if (!details.empty()) details += ", ";
    details.append(text->data(), text->size());
  } else if (const json::array* list = value.if_array()) {
    for (const json::value& item : *list) append_details(item, details);
  } else if (const json::object* object = value.if_object()) {
    for (const auto& [key, member] : *object) append_details(member, details);
  }
}

std::optional<SeenProduct> product_of(const json::object& object) {
  static constexpr std::array<std::string_view, 3> kNames = {"name", "title", "product_name"};
  static constexpr std::array<std::string_view, 6> kIds = {"id", "sku", "product_id", "productId", "asin", "code"};
  static constexpr std::array<std::string_view, 6> kPrices = {"price", "price_usd", "priceUsd",
                                                              "cost",  "amount",    "price_eur"};
  SeenProduct product;
  product.name = first_text(object, kNames);
  product.id = first_text(object, kIds);
  for (const std::string_view key : kIds) {
    const json::value* id = object.if_contains(key);
    if (product.id.empty() && id != nullptr && as_number(*id)) product.id = number_text(*as_number(*id));
  }
  for (const std::string_view key : kPrices) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || product.price) continue;
    if (auto price = price_of(*value)) {
      product.price = price->value;
      product.currency = price->currency.empty() && key.ends_with("sd") ? "USD" : std::move(price->currency);
    }
  }
  if (product.name.empty() || (product.id.empty() && !product.price)) return std::nullopt;
  if (product.currency.empty()) product.currency = text_of(object, "currency");
  for (const auto& [key, value] : object) {
    const auto is = [name = std::string_view(key)](std::string_view other) { return name == other; };
    const bool known = std::any_of(kNames.begin(), kNames.end(), is) || std::any_of(kIds.begin(), kIds.end(), is) ||
                       std::any_of(kPrices.begin(), kPrices.end(), is) || is("currency") || is("picture") || is("url");
    if (!known) append_details(value, product.details);
    if ((is("stock") || is("quantity")) && as_number(value)) product.in_stock = *as_number(value) > 0;
    if ((is("in_stock") || is("inStock") || is("available")) && value.is_bool()) product.in_stock = value.get_bool();
  }
  return product;
}

void add(SeenProduct product, std::vector<SeenProduct>& into) {
  const auto same = [&product](const SeenProduct& other) {
    return product.id.empty() ? other.name == product.name : other.id == product.id;
  };
  if (into.size() < kSeenProductsMax && std::none_of(into.begin(), into.end(), same))
    into.push_back(std::move(product));
}

void walk(const json::value& value, std::vector<SeenProduct>& into) {
  if (const json::array* list = value.if_array()) {
    for (const json::value& item : *list) walk(item, into);
  } else if (const json::object* object = value.if_object()) {
    if (auto product = product_of(*object)) return add(*std::move(product), into);
    for (const auto& [key, member] : *object) walk(member, into);
  }
}

// Length of the JSON object or array that begins `text`; 0 when none does.
size_t json_prefix(std::string_view text, json::value& value) {
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::stream_parser parser({}, options);
  boost::system::error_code error;
  const size_t taken = parser.write_some(text.data(), text.size(), error);
  if (error || !parser.done()) return 0;
  value = parser.release();
  return taken;
}

bool is_id(std::string_view token) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  return token.size() >= 3 && token.size() <= 32 && std::any_of(token.begin(), token.end(), digit) &&
         std::any_of(token.begin(), token.end(), upper) &&
         std::all_of(token.begin(), token.end(), [&](char c) { return digit(c) || upper(c) || c == '-' || c == '_'; });
}

// "- Fjord shell (FJ-201), 149 EUR, waterproof": the name ends where the first of its separators stands.
std::optional<SeenProduct> product_of(std::string_view line) {
  const auto price = price_in(line);
  if (!price) return std::nullopt;
  SeenProduct product{
      .id = {}, .name = {}, .details = std::string(line), .price = price->value, .currency = price->currency};
  for (size_t at = 0; at < line.size();) {
    const size_t end = std::min(line.find_first_of(" ,()[]|:;\t", at), line.size());
    if (product.id.empty() && is_id(line.substr(at, end - at))) product.id = line.substr(at, end - at);
    at = end + 1;
  }
  size_t end = line.size();
  for (const std::string_view mark :
       {" | ", " - ", " \xe2\x80\x93 ", ": ", ", ", " (", " [", " at ", " for ", " is ", " costs ", "\t", "; "}) {
    end = std::min(end, line.find(mark));
  }
  product.name = trim(line.substr(0, std::min(end, line.size())));
  if (product.name == product.id && end < line.size()) {
    const size_t begin = line.find_first_not_of(" |-:,;()[]\t", end);
    if (begin == std::string_view::npos) return std::nullopt;
    product.name = trim(line.substr(begin, std::min(line.find_first_of("|,;:(", begin), line.size()) - begin));
  }
  const bool named = product.name.size() >= 3 && product.name.size() <= 80 && product.name.front() >= 'A' &&
                     product.name.front() <= 'Z';
  // Without an id a sentence that happens to hold a price ("Delivery is 5 EUR") is taken for a fact, not for a product.
  if (!named || product.id.empty()) return std::nullopt;
  product.in_stock = lower(line).find("out of stock") == std::string::npos;
  return product;
}

}  // namespace

void find_products(std::string_view text, std::vector<SeenProduct>& into) {
  std::string rest;
  size_t tried = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t open = tried < kJsonStartsMax ? std::min(text.find_first_of("{[", at), text.size()) : text.size();
    rest.append(text.substr(at, open - at));
    if (open == text.size()) break;
    ++tried;
    json::value value;
    const size_t length = json_prefix(text.substr(open), value);
    if (length == 0) {
      rest.push_back(text[open]);
    } else {
      walk(value, into);
    }
    at = open + std::max<size_t>(length, 1);
  }
  for (const std::string_view line : sentences(rest)) {
    if (auto product = product_of(line)) add(*std::move(product), into);
  }
}

}  // namespace godseye::simulator
