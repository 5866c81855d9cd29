#include "model_names.h"
#include "price_table.h"

#include <cmath>

#include <boost/json.hpp>

// The table's file, docs/formats/prices.md.
namespace godseye::pipeline {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

constexpr size_t kNameBytesMax = 256;
constexpr double kRateMax = 1e6;  // USD per million tokens: a dollar a token is a slip of the pen

Error wrong(const std::string& where, const std::string& what) {
  return {ErrorCode::kInvalidArgument, (where.empty() ? "prices" : "prices: " + where) + ": " + what};
}

// One object of the file, with the words it may hold: a misspelt price must not be silently without effect.
class Reader {
 public:
  Reader(const json::object& object, std::string where) : object_(object), where_(std::move(where)) {}

  Status only(std::initializer_list<std::string_view> known) const {
    for (const auto& field : object_) {
      bool found = false;
      std::string all;
      for (const std::string_view name : known) {
        found = found || name == std::string_view(field.key());
        all += (all.empty() ? "" : ", ") + std::string(name);
      }
      if (!found) return wrong(path(field.key()), "unknown field; known are " + all);
    }
    return base::ok();
  }
  Status rate(std::string_view key, double& into) const {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr || value->is_null()) return base::ok();
    double number = -1;
    if (value->is_number()) number = value->to_number<double>();
    if (!(number >= 0) || number > kRateMax) return wrong(path(key), "expected a number from 0 to 1000000");
    into = number;
    return base::ok();
  }
  Status text(std::string_view key, bool needed, std::string& into) const {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr) return needed ? Status(wrong(path(key), "is missing")) : base::ok();
    if (!value->is_string() || value->as_string().empty() || value->as_string().size() > kNameBytesMax) {
      return wrong(path(key), "expected a text of 1 to 256 bytes");
    }
    into.assign(value->as_string().data(), value->as_string().size());
    return base::ok();
  }
  Status texts(std::string_view key, std::vector<std::string>& into) const {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr) return base::ok();
    if (!value->is_array()) return wrong(path(key), "expected an array of texts");
    for (const json::value& item : value->as_array()) {
      if (!item.is_string() || item.as_string().empty() || item.as_string().size() > kNameBytesMax) {
        return wrong(path(key), "expected texts of 1 to 256 bytes");
      }
      into.push_back(lower_name(std::string_view(item.as_string().data(), item.as_string().size())));
    }
    return base::ok();
  }
  const json::value* get(std::string_view key) const { return object_.if_contains(key); }
  std::string path(std::string_view key) const {
    return where_.empty() ? std::string(key) : where_ + "." + std::string(key);
  }

 private:
  const json::object& object_;
  const std::string where_;
};

Status read_rates(const Reader& reader, PriceRates& rates) {
  const std::pair<std::string_view, double PriceRates::*> kFields[] = {
      {"input", &PriceRates::input},
      {"cached_input", &PriceRates::cached_input},
      {"cache_write", &PriceRates::cache_write},
      {"cache_write_1h", &PriceRates::cache_write_1h},
      {"output", &PriceRates::output},
      {"reasoning_output", &PriceRates::reasoning_output}};
  for (const auto& [key, member] : kFields) {
    if (Status read = reader.rate(key, rates.*member); !read) return read;
  }
  return base::ok();
}

// "HH:MM" → minutes; -1 when it is none.
int32_t minutes_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return -1;
  int32_t digits[4] = {};
  for (const size_t i : {0, 1, 3, 4}) {
    if (text[i] < '0' || text[i] > '9') return -1;
    digits[i < 2 ? i : i - 1] = text[i] - '0';
  }
  const int32_t hours = digits[0] * 10 + digits[1];
  const int32_t minutes = digits[2] * 10 + digits[3];
  return hours < 24 && minutes < 60 ? hours * 60 + minutes : -1;
}

Status read_above(const json::value& value, const std::string& where, PriceEntry& entry) {
  if (!value.is_object()) return wrong(where, "expected an object");
  const Reader reader(value.as_object(), where);
  if (Status known = reader.only(
          {"input_tokens", "input", "cached_input", "cache_write", "cache_write_1h", "output", "reasoning_output"});
      !known) {
    return known;
  }
  const json::value* tokens = reader.get("input_tokens");
  if (tokens == nullptr || !tokens->is_int64() || tokens->as_int64() < 0) {
    return wrong(reader.path("input_tokens"), "expected a whole number ≥ 0");
  }
  entry.above_tokens = tokens->as_int64();
  return read_rates(reader, entry.above);
}

Result<PriceEntry> read_entry(const json::value& value, const std::string& where) {
  if (!value.is_object()) return wrong(where, "expected an object");
  const Reader reader(value.as_object(), where);
  PriceEntry entry;
  if (Status known = reader.only({"from", "hours", "input", "cached_input", "cache_write", "cache_write_1h", "output",
                                  "reasoning_output", "above"});
      !known) {
    return std::move(known).error();
  }
  if (Status read = reader.text("from", false, entry.from); !read) return std::move(read).error();
  if (!entry.from.empty()) {
    const std::optional<int64_t> day = parse_day(entry.from);
    if (!day) return wrong(reader.path("from"), "expected a day such as 2026-11-21");
    entry.from_s = *day * 86400;
  }
  if (Status read = reader.text("hours", false, entry.hours); !read) return std::move(read).error();
  if (!entry.hours.empty()) {
    const std::string_view text = entry.hours;
    entry.hours_begin = text.size() == 11 && text[5] == '-' ? minutes_of(text.substr(0, 5)) : -1;
    entry.hours_end = entry.hours_begin < 0 ? -1 : minutes_of(text.substr(6));
    if (entry.hours_end < 0) return wrong(reader.path("hours"), "expected hours of the day in UTC such as 00:30-16:30");
  }
  if (Status read = read_rates(reader, entry.rates); !read) return std::move(read).error();
  if (entry.rates.input < 0 && entry.rates.output < 0) return wrong(where, "needs input, output or both");
  if (const json::value* above = reader.get("above")) {
    if (Status read = read_above(*above, reader.path("above"), entry); !read) return std::move(read).error();
  }
  return entry;
}

Result<PricedModel> read_model(const json::value& value, const std::string& where) {
  if (!value.is_object()) return wrong(where, "expected an object");
  const Reader reader(value.as_object(), where);
  PricedModel model;
  for (Status read :
       {reader.only({"provider", "model", "match", "prices"}), reader.text("provider", true, model.provider),
        reader.text("model", true, model.model), reader.texts("match", model.match)}) {
    if (!read) return std::move(read).error();
  }
  model.provider = lower_name(model.provider);
  model.model = lower_name(model.model);
  for (const std::string& pattern : model.match) {
    const size_t star = pattern.find('*', 1);
    if (pattern == "*" || (star != std::string::npos && star + 1 != pattern.size())) {
      return wrong(reader.path("match"),
                   "\"" + pattern + "\": * may stand at the beginning and the end, beside a name");
    }
  }
  const json::value* prices = reader.get("prices");
  if (prices == nullptr || !prices->is_array() || prices->as_array().empty()) {
    return wrong(reader.path("prices"), "expected an array with at least one price");
  }
  for (size_t i = 0; i < prices->as_array().size(); ++i) {
    Result<PriceEntry> entry = read_entry(prices->as_array()[i], reader.path("prices[" + std::to_string(i) + "]"));
    if (!entry) return std::move(entry).error();
    model.prices.push_back(*std::move(entry));
  }
  return model;
}

Status read_providers(const json::value& value, std::vector<PricedProvider>& into) {
  if (!value.is_array()) return wrong("providers", "expected an array");
  for (size_t i = 0; i < value.as_array().size(); ++i) {
    const std::string where = "providers[" + std::to_string(i) + "]";
    const json::value& item = value.as_array()[i];
    if (!item.is_object()) return wrong(where, "expected an object");
    const Reader reader(item.as_object(), where);
    PricedProvider provider;
    for (Status read : {reader.only({"id", "aliases"}), reader.text("id", true, provider.id),
                        reader.texts("aliases", provider.aliases)}) {
      if (!read) return read;
    }
    provider.id = lower_name(provider.id);
    into.push_back(std::move(provider));
  }
  return base::ok();
}

json::object json_of(const PriceRates& rates) {
  json::object out;
  const auto put = [&](std::string_view key, double value) {
    if (value >= 0) out[key] = value;
  };
  put("input", rates.input);
  put("cached_input", rates.cached_input);
  put("cache_write", rates.cache_write);
  put("cache_write_1h", rates.cache_write_1h);
  put("output", rates.output);
  put("reasoning_output", rates.reasoning_output);
  return out;
}

json::object json_of(const PriceEntry& entry) {
  json::object out;
  if (!entry.from.empty()) out["from"] = entry.from;
  if (!entry.hours.empty()) out["hours"] = entry.hours;
  for (auto& field : json_of(entry.rates)) out[field.key()] = field.value();
  if (entry.above_tokens >= 0) {
    json::object above = json_of(entry.above);
    above["input_tokens"] = entry.above_tokens;
    out["above"] = std::move(above);
  }
  return out;
}

}  // namespace

Result<std::shared_ptr<const PriceTable>> PriceTable::parse(std::string_view text) {
  if (text.size() > kPriceFileBytesMax) return Error(ErrorCode::kTooLarge, "prices: more than 4 MiB");
  boost::system::error_code failure;
  json::parse_options options;
  options.max_depth = 16;
  const json::value document = json::parse(text, failure, {}, options);
  if (failure) return wrong("", "not JSON: " + failure.message());
  if (!document.is_object()) return wrong("", "expected an object with models");
  const Reader reader(document.as_object(), "");
  auto impl = std::make_shared<Impl>();
  for (Status read : {reader.only({"format", "as_of", "currency", "unit", "providers", "models"}),
                      reader.text("as_of", false, impl->as_of)}) {
    if (!read) return std::move(read).error();
  }
  if (const json::value* format = reader.get("format"); format != nullptr && *format != 1) {
    return wrong("format", "only 1 is known");
  }
  if (const json::value* currency = reader.get("currency"); currency != nullptr && *currency != "USD") {
    return wrong("currency", "only USD is known");
  }
  if (const json::value* providers = reader.get("providers")) {
    if (Status read = read_providers(*providers, impl->providers); !read) return std::move(read).error();
  }
  const json::value* models = reader.get("models");
  if (models == nullptr || !models->is_array()) return wrong("models", "expected an array");
  if (models->as_array().size() > kPriceModelsMax) return wrong("models", "more than 10000");
  for (size_t i = 0; i < models->as_array().size(); ++i) {
    Result<PricedModel> model = read_model(models->as_array()[i], "models[" + std::to_string(i) + "]");
    if (!model) return std::move(model).error();
    impl->models.push_back(*std::move(model));
  }
  impl->index();
  return std::make_shared<const PriceTable>(std::move(impl));
}

std::string PriceTable::json() const {
  json::array providers;
  for (const PricedProvider& provider : impl_->providers) {
    json::array aliases(provider.aliases.begin(), provider.aliases.end());
    providers.push_back(json::object{{"id", provider.id}, {"aliases", std::move(aliases)}});
  }
  json::array models;
  for (const PricedModel& model : impl_->models) {
    json::array prices;
    for (const PriceEntry& entry : model.prices) prices.push_back(json_of(entry));
    json::object out{{"provider", model.provider}, {"model", model.model}};
    if (!model.match.empty()) out["match"] = json::array(model.match.begin(), model.match.end());
    out["prices"] = std::move(prices);
    models.push_back(std::move(out));
  }
  json::object document{{"format", 1}};
  if (!impl_->as_of.empty()) document["as_of"] = impl_->as_of;
  document["currency"] = "USD";
  document["unit"] = "1M tokens";
  document["providers"] = std::move(providers);
  document["models"] = std::move(models);
  return json::serialize(document);
}

}  // namespace godseye::pipeline
