#include "guard_quality_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>

#include <simdjson.h>

namespace godseye::app {

namespace {

base::Error wrong(std::string what) { return base::Error(base::ErrorCode::kInvalidArgument, std::move(what)); }

simdjson::dom::parser& parser() {
  thread_local simdjson::dom::parser one;
  return one;
}

base::Result<simdjson::dom::object> parse_object(std::string_view line, simdjson::padded_string& padded) {
  padded = simdjson::padded_string(line);
  simdjson::dom::element element;
  if (const auto error = parser().parse(padded).get(element))
    return wrong(std::string("not JSON: ") + simdjson::error_message(error));
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return wrong("not a JSON object");
  return object;
}

// Absent and null leave `out` alone; anything but a text is wrong.
base::Status take_text(simdjson::dom::object object, const char* name, std::string& out) {
  simdjson::dom::element element;
  if (object[name].get(element) != simdjson::SUCCESS || element.is_null()) return base::ok();
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return wrong(std::string("\"") + name + "\" is not a string");
  out = text;
  return base::ok();
}

// Texts one after the other when there are several.
base::Status take_context(simdjson::dom::object object, std::string& out) {
  simdjson::dom::array parts;
  if (object["context"].get(parts) != simdjson::SUCCESS) return take_text(object, "context", out);
  for (const simdjson::dom::element part : parts) {
    std::string_view text;
    if (part.get(text) != simdjson::SUCCESS) return wrong("\"context\" is a list, but not of strings");
    out += (out.empty() ? "" : "\n");
    out += text;
  }
  return base::ok();
}

uint32_t small_count(simdjson::dom::object object, const char* name) {
  uint64_t value = 0;
  if (object[name].get(value) != simdjson::SUCCESS) return 0;
  return static_cast<uint32_t>(std::min<uint64_t>(value, UINT32_MAX));
}

void take_engagement(simdjson::dom::object object, QualityRow& row) {
  simdjson::dom::object found;
  if (object["engagement"].get(found) != simdjson::SUCCESS) return;
  row.has_engagement = true;
  row.engagement.shown = small_count(found, "shown");
  row.engagement.clicked = small_count(found, "clicked");
  bool converted = false;
  if (found["converted"].get(converted) == simdjson::SUCCESS) row.engagement.converted = converted;
  int64_t rating = 0;
  if (found["rating"].get(rating) == simdjson::SUCCESS) row.engagement.rating = rating > 0 ? 1 : rating < 0 ? -1 : 0;
}

// A number, or a text that is one.
base::Result<std::optional<double>> take_number(simdjson::dom::object object, const char* name) {
  simdjson::dom::element element;
  if (object[name].get(element) != simdjson::SUCCESS || element.is_null()) return std::optional<double>();
  double value = 0;
  if (element.get(value) == simdjson::SUCCESS && std::isfinite(value)) return std::optional<double>(value);
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && std::isfinite(value))
      return std::optional<double>(value);
  }
  return wrong(std::string("\"") + name + "\" is not a number");
}

}  // namespace

base::Result<QualityRow> parse_quality_row(std::string_view line) {
  simdjson::padded_string padded;
  base::Result<simdjson::dom::object> object = parse_object(line, padded);
  if (!object) return std::move(object).error();
  QualityRow row;
  std::string_view answer;
  if ((*object)["answer"].get(answer) != simdjson::SUCCESS) return wrong("\"answer\" is missing or not a string");
  row.answer = answer;
  if (base::Status taken = take_context(*object, row.context); !taken) return std::move(taken).error();
  for (const auto& [name, out] : {std::pair("question", &row.question), std::pair("finish_reason", &row.finish_reason),
                                  std::pair("model", &row.model), std::pair("service", &row.service)}) {
    if (base::Status taken = take_text(*object, name, *out); !taken) return std::move(taken).error();
  }
  take_engagement(*object, row);
  return row;
}

base::Result<guard::Product> parse_product_row(std::string_view line) {
  simdjson::padded_string padded;
  base::Result<simdjson::dom::object> object = parse_object(line, padded);
  if (!object) return std::move(object).error();
  guard::Product product;
  for (const auto& [name, out] : {std::pair("id", &product.id), std::pair("name", &product.name),
                                  std::pair("brand", &product.brand), std::pair("currency", &product.currency)}) {
    if (base::Status taken = take_text(*object, name, *out); !taken) return std::move(taken).error();
  }
  if (product.id.empty()) return wrong("\"id\" is missing");
  base::Result<std::optional<double>> price = take_number(*object, "price");
  if (!price) return std::move(price).error();
  product.price = *price;
  base::Result<std::optional<double>> stock = take_number(*object, "stock");
  if (!stock) return std::move(stock).error();
  if (*stock) product.stock = static_cast<int64_t>(std::clamp(std::floor(**stock), -1e15, 1e15));
  simdjson::dom::object attributes;
  if ((*object)["attributes"].get(attributes) == simdjson::SUCCESS) {
    for (const auto [key, value] : attributes) {
      std::string_view text;
      product.attributes.emplace_back(
          std::string(key), value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value));
    }
  }
  return product;
}

base::Result<std::vector<guard::Product>> read_catalogue_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return base::Error(base::ErrorCode::kIo, "cannot read " + path);
  std::vector<guard::Product> rows;
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    if (line.empty()) continue;
    base::Result<guard::Product> product = parse_product_row(line);
    if (!product) return std::move(product).error().within(path + ':' + std::to_string(number));
    rows.push_back(*std::move(product));
  }
  return rows;
}

}  // namespace godseye::app
