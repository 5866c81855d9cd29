#include "schema_fill.h"

#include "text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace godseye::simulator {

namespace {

bool has_word(std::string_view name, std::initializer_list<std::string_view> words) {
  const std::string folded = lower(name);
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return folded.find(word) != std::string::npos; });
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Tokens as written, between blanks, without the punctuation around them.
std::vector<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::string_view> tokens;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_of(" \t\r\n", at), text.size());
    std::string_view token = text.substr(at, end - at);
    while (!token.empty() && std::string_view("\"'(<[{").find(token.front()) != std::string_view::npos)
      token.remove_prefix(1);
    while (!token.empty() && std::string_view("\"')>]},.!?;:").find(token.back()) != std::string_view::npos) {
      token.remove_suffix(1);
    }
    if (!token.empty()) tokens.push_back(token);
    at = end + 1;
  }
  return tokens;
}

std::vector<double> numbers_in(std::string_view text) {
  std::vector<double> numbers;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!is_digit(text[i]) || (i > 0 && (is_digit(text[i - 1]) || is_upper(text[i - 1]) || text[i - 1] == '-')))
      continue;
    double value = 0;
    const auto end = std::from_chars(text.data() + i, text.data() + text.size(), value, std::chars_format::fixed);
    if (end.ec != std::errc{}) continue;
    numbers.push_back(value);
    i = static_cast<size_t>(end.ptr - text.data());
  }
  return numbers;
}

std::string quoted_in(std::string_view text) {
  for (const char mark : {'"', '\''}) {
    const size_t open = text.find(mark);
    const size_t close = open == std::string_view::npos ? open : text.find(mark, open + 1);
    if (close != std::string_view::npos && close > open + 1 && (open == 0 || text[open - 1] == ' ')) {
      return std::string(text.substr(open + 1, close - open - 1));
    }
  }
  return {};
}

std::string joined(const std::vector<std::string>& words, size_t count) {
  std::string out;
  for (size_t i = 0; i < words.size() && i < count; ++i) out += (i == 0 ? "" : " ") + words[i];
  return out;
}

// JSON Schema says "string" or ["string","null"], Gemini "STRING".
std::string type_of(const json::object& schema) {
  const json::value* type = schema.if_contains("type");
  if (type != nullptr && type->is_string()) return lower(type->get_string());
  if (type != nullptr && type->is_array()) {
    for (const json::value& one : type->get_array()) {
      if (one.is_string() && one.get_string() != "null") return lower(one.get_string());
    }
  }
  if (schema.contains("properties")) return "object";
  return schema.contains("items") ? "array" : "string";
}

std::optional<double> bound(const json::object& schema, std::string_view key) {
  const json::value* value = schema.if_contains(key);
  if (value == nullptr) return std::nullopt;
  if (const auto number = as_number(*value)) return number;
  if (!value->is_string()) return std::nullopt;
  // Gemini sends 64-bit bounds as text.
  double number = 0;
  const json::string& text = value->get_string();
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{} ? std::optional(number)
                                                                                           : std::nullopt;
}

}  // namespace

std::vector<std::string> places_in(std::string_view text) {
  std::vector<std::string> places;
  const auto tokens = tokens_of(text);
  bool open = false;     // after a preposition or a conjunction of places
  bool growing = false;  // the last token belongs to the last place
  for (const std::string_view token : tokens) {
    const std::string folded = lower(token);
    const bool comma = token.data() > text.data() && growing && token.data()[-2] == ',';
    if (is_upper(token.front()) && (growing || open)) {
      if (growing && !comma) {
        places.back().append(" ").append(token);
      } else {
        places.emplace_back(token);
      }
      growing = true;
      open = false;
    } else {
      open = folded == "in" || folded == "at" || folded == "for" || folded == "to" || folded == "near" ||
             folded == "from" || folded == "of" || (growing && (folded == "and" || folded == "or"));
      growing = false;
    }
  }
  return places;
}

SchemaFiller::SchemaFiller(const json::value& schema, const FillSource& source, base::Random& random)
    : root_(schema),
      source_(source),
      random_(random),
      places_(places_in(source.question)),
      numbers_(numbers_in(source.question)) {}

json::value SchemaFiller::fill() { return value(root_, {}, true, 0).value_or(json::value(json::object{})); }

const json::value* SchemaFiller::resolve(const json::value& schema) const {
  const json::value* at = &schema;
  for (int hops = 0; hops < 8; ++hops) {
    const json::object* object = at->if_object();
    const std::string_view ref = object == nullptr ? std::string_view() : text_of(*object, "$ref");
    if (!ref.starts_with("#/")) return at;
    boost::system::error_code error;
    const json::value* target = root_.find_pointer(ref.substr(1), error);
    if (error || target == nullptr) return at;
    at = target;
  }
  return at;
}

std::optional<json::value> SchemaFiller::value(const json::value& any, std::string_view name, bool required,
                                               size_t depth) {
  const json::object* schema = resolve(any)->if_object();
  if (schema == nullptr || depth > kFillDepthMax || ++items_ > kFillItemsMax * 10) return json::value(json::object{});
  if (const json::value* fixed = schema->if_contains("const")) return *fixed;
  if (const json::value* options = schema->if_contains("enum"); options != nullptr && options->is_array()) {
    return choice(options->get_array(), required);
  }
  for (const std::string_view key : {"anyOf", "oneOf", "allOf"}) {
    const json::value* options = schema->if_contains(key);
    if (options == nullptr || !options->is_array()) continue;
    for (const json::value& option : options->get_array()) {
      const json::object* inner = resolve(option)->if_object();
      if (inner != nullptr && type_of(*inner) != "null") return value(option, name, required, depth + 1);
    }
  }
  const std::string type = type_of(*schema);
  if (type == "object") return object(*schema, depth);
  if (type == "array") return required || !is_argument() ? std::optional(list(*schema, name, depth)) : std::nullopt;
  if (type == "integer" || type == "number") return number(*schema, name, required, type == "integer");
  if (type == "boolean") {
    const auto words = all_words(name);
    const std::string question = lower(source_.question);
    const bool named = std::any_of(words.begin(), words.end(), [&](const std::string& word) {
      return word.size() > 3 && question.find(word) != std::string::npos;
    });
    if (product_ != nullptr && has_word(name, {"stock", "avail"})) return product_->in_stock;
    if (!named && !required && is_argument()) return std::nullopt;
    return named || !is_argument();
  }
  if (type == "null") return json::value(nullptr);
  return text(*schema, name, required);
}

std::optional<json::value> SchemaFiller::choice(const json::array& options, bool required) {
  const std::string said = lower(source_.question) + " " + lower(source_.answer);
  for (const json::value& option : options) {
    if (!option.is_string()) continue;
    std::string word = lower(option.get_string());
    std::replace(word.begin(), word.end(), '_', ' ');
    if (word.size() > 1 && said.find(word) != std::string::npos) return option;
  }
  if (options.empty() || (!required && is_argument())) return std::nullopt;
  return is_argument() ? options.front() : options[random_.below(options.size())];
}

std::optional<std::string> SchemaFiller::product_text(std::string_view name) const {
  if (product_ == nullptr) return std::nullopt;
  const std::string folded = lower(name);
  if (has_word(folded, {"currency"})) return product_->currency;
  if (folded == "id" || folded.ends_with("_id") || folded.ends_with("id") || has_word(folded, {"sku", "code"}))
    return product_->id;
  if (has_word(folded, {"name", "title", "product"})) return product_->name;
  if (has_word(folded, {"price"}) && product_->price) return price_text(*product_->price, product_->currency);
  if (has_word(folded, {"desc", "detail", "reason", "why", "note"})) {
    return product_->details.empty() ? product_->name : product_->details;
  }
  return std::nullopt;
}

std::optional<std::string> SchemaFiller::known_text(std::string_view name, std::string_view format) const {
  const auto tokens = tokens_of(source_.question);
  const auto first = [&tokens](auto fits) -> std::optional<std::string> {
    const auto found = std::find_if(tokens.begin(), tokens.end(), fits);
    return found == tokens.end() ? std::nullopt : std::optional<std::string>(*found);
  };
  if (has_word(name, {"mail"}) || format == "email") {
    return first([](std::string_view t) { return t.find('@') != t.npos && t.find('.') != t.npos; });
  }
  if (has_word(name, {"url", "link", "uri"}) || format == "uri")
    return first([](std::string_view t) { return t.find("://") != t.npos; });
  if (has_word(name, {"date", "day", "when", "time"}) || format.starts_with("date")) {
    const auto date =
        first([](std::string_view t) { return t.size() == 10 && t[4] == '-' && t[7] == '-' && is_digit(t[0]); });
    if (date || !format.empty()) return date;
    return first([](std::string_view t) {
      const std::string word = lower(t);
      return word == "today" || word == "tomorrow" || word == "tonight" || word == "yesterday" || word.ends_with("day");
    });
  }
  if (has_word(name, {"city", "location", "place", "country", "town", "destination", "address", "region"})) {
    if (places_.empty()) return std::nullopt;
    return places_[std::min(source_.place, places_.size() - 1)];
  }
  const std::string folded = lower(name);
  if (folded == "id" || folded.ends_with("id") || has_word(folded, {"order", "sku", "number", "code", "reference"})) {
    return first([](std::string_view t) { return std::any_of(t.begin(), t.end(), is_digit); });
  }
  return std::nullopt;
}

std::optional<json::value> SchemaFiller::text(const json::object& schema, std::string_view name, bool required) {
  const std::string format = lower(text_of(schema, "format"));
  std::optional<std::string> found = product_text(name);
  if (!found) found = known_text(name, format);
  const bool asks =
      has_word(name, {"query", "question", "search", "text", "term", "keyword", "prompt", "input", "message", "topic"});
  if (!found && is_argument()) {
    const std::string quoted = quoted_in(source_.question);
    if (!quoted.empty()) found = quoted;
    if (!found && asks) found = std::string(source_.question.substr(0, 1000));
    if (!found && !required) return std::nullopt;
    if (!found) found = joined(topic_words(source_.question), 6);
  } else if (!found && format == "date") {
    found = "2026-01-01";
  } else if (!found && format == "date-time") {
    found = "2026-01-01T00:00:00Z";
  } else if (!found && format == "uuid") {
    found = "00000000-0000-4000-8000-000000000000";
  } else if (!found && format == "email") {
    found = "someone@example.com";
  } else if (!found && format == "uri") {
    found = "https://example.com/";
  } else if (!found && asks && !has_word(name, {"text", "message"})) {
    found = std::string(source_.question);
  } else if (!found && has_word(name, {"title", "name", "label", "category"})) {
    if (!source_.products.empty()) found = source_.products.front().name;
    if (!found) found = joined(topic_words(source_.question), 3);
  } else if (!found) {
    found = std::string(source_.answer);
  }
  const auto least = static_cast<size_t>(std::clamp(bound(schema, "minLength").value_or(0), 0.0, 10'000.0));
  const auto most = static_cast<size_t>(std::clamp(bound(schema, "maxLength").value_or(100'000), 0.0, 100'000.0));
  while (found->size() < least) *found += found->empty() ? "-" : "." + *found;
  if (found->size() > most) found->resize(most);
  return json::value(*found);
}

std::optional<json::value> SchemaFiller::number(const json::object& schema, std::string_view name, bool required,
                                                bool integer) {
  std::optional<double> found;
  const bool product_count = has_word(name, {"count", "total", "results"}) && !source_.products.empty();
  if (product_ != nullptr && product_->price && has_word(name, {"price", "cost", "amount"})) {
    found = *product_->price;
  } else if (!is_argument() && product_count) {
    found = static_cast<double>(source_.products.size());
  } else if (numbers_used_ < numbers_.size()) {
    found = numbers_[numbers_used_++];
  }
  if (!found && !required && is_argument()) return std::nullopt;
  const double least = bound(schema, "minimum").value_or(bound(schema, "exclusiveMinimum").value_or(-1e15) + 0);
  const double most = bound(schema, "maximum").value_or(bound(schema, "exclusiveMaximum").value_or(1e15) - 0);
  if (!found) {
    const bool bounded = least > -1e15 && most < 1e15;
    // A grade or a share: well above the middle, different from answer to answer.
    found = bounded                                   ? least + (most - least) * (0.6 + 0.3 * random_.uniform())
            : has_word(name, {"score", "confidence"}) ? 0.8
                                                      : 1;
  }
  double value = std::clamp(*found, least, std::max(least, most));
  if (schema.contains("exclusiveMinimum") && value <= least) value = least + 1;
  if (schema.contains("exclusiveMaximum") && value >= most) value = std::max(least, most - 1);
  if (!integer) return json::value(std::round(value * 1000) / 1000);
  return json::value(static_cast<int64_t>(std::llround(std::clamp(value, -9e15, 9e15))));
}

json::value SchemaFiller::list(const json::object& schema, std::string_view name, size_t depth) {
  json::array items;
  const json::value* of = schema.if_contains("items");
  const auto least = static_cast<size_t>(std::clamp(bound(schema, "minItems").value_or(0), 0.0, double{kFillItemsMax}));
  const auto most =
      static_cast<size_t>(std::clamp(bound(schema, "maxItems").value_or(kFillItemsMax), 0.0, double{kFillItemsMax}));
  if (of == nullptr) return items;
  const json::object* inner = resolve(*of)->if_object();
  const bool objects = inner != nullptr && type_of(*inner) == "object";
  const bool about_products = objects || has_word(name, {"product", "id", "item", "recommend", "name"});
  size_t wanted = std::max<size_t>(least, 1);
  if (about_products && product_ == nullptr && !source_.products.empty())
    wanted = std::max(least, source_.products.size());
  for (size_t i = 0; i < std::min(wanted, most); ++i) {
    const SeenProduct* before = product_;
    if (about_products && before == nullptr && i < source_.products.size()) product_ = &source_.products[i];
    // "product_ids": one entry is a product_id.
    const std::string_view singular = name.ends_with('s') ? name.substr(0, name.size() - 1) : name;
    if (auto item = value(*of, singular, true, depth + 1)) items.push_back(*std::move(item));
    product_ = before;
  }
  return items;
}

json::value SchemaFiller::object(const json::object& schema, size_t depth) {
  json::object out;
  const json::value* properties = schema.if_contains("properties");
  if (properties == nullptr || !properties->is_object()) return out;
  const json::value* required = schema.if_contains("required");
  for (const auto& [key, member] : properties->get_object()) {
    const auto is_key = [name = std::string_view(key)](const json::value& one) {
      return one.is_string() && one.get_string() == name;
    };
    const bool must = required != nullptr && required->is_array() &&
                      std::any_of(required->get_array().begin(), required->get_array().end(), is_key);
    // One product asked for by name: its fields belong together.
    const SeenProduct* before = product_;
    if (product_ == nullptr && !source_.products.empty() && !is_argument() &&
        has_word(key, {"product", "recommend", "item"})) {
      const json::object* inner = resolve(member)->if_object();
      if (inner != nullptr && type_of(*inner) != "array") product_ = &source_.products.front();
    }
    if (auto filled = value(member, key, must, depth + 1)) out[key] = *std::move(filled);
    product_ = before;
  }
  return out;
}

}  // namespace godseye::simulator
