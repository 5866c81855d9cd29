#include "price_table.h"

#include "model_names.h"

#include <chrono>
#include <cmath>

namespace godseye::pipeline {

using base::Error;
using base::ErrorCode;
using base::Result;
using signal::kNoScore;
using signal::kNoTokens;

namespace {

constexpr double kPerMillion = 1e-6;

int64_t at_least_zero(int64_t tokens) { return tokens < 0 ? 0 : tokens; }

// The rate of a class: its own, else the plain one.
double rate_or(double own, double plain) { return own >= 0 ? own : plain; }

PriceRates rates_for(const PriceEntry& entry, int64_t input_tokens) {
  if (entry.above_tokens < 0 || input_tokens <= entry.above_tokens) return entry.rates;
  const PriceRates& low = entry.rates;
  const PriceRates& high = entry.above;
  return {.input = rate_or(high.input, low.input),
          .cached_input = rate_or(high.cached_input, low.cached_input),
          .cache_write = rate_or(high.cache_write, low.cache_write),
          .cache_write_1h = rate_or(high.cache_write_1h, low.cache_write_1h),
          .output = rate_or(high.output, low.output),
          .reasoning_output = rate_or(high.reasoning_output, low.reasoning_output)};
}

bool holds(const PriceEntry& entry, int64_t time_s) {
  if (!entry.from.empty() && time_s < entry.from_s) return false;
  if (entry.hours.empty()) return true;
  const int64_t minute = ((time_s % 86400) + 86400) % 86400 / 60;
  if (entry.hours_begin <= entry.hours_end) return minute >= entry.hours_begin && minute < entry.hours_end;
  return minute >= entry.hours_begin || minute < entry.hours_end;
}

// A time before the first start date has the first price: spans cannot be older than the model.
const PriceEntry& entry_at(const PricedModel& model, int64_t time_s) {
  for (size_t i = model.prices.size(); i-- > 0;) {
    if (holds(model.prices[i], time_s)) return model.prices[i];
  }
  return model.prices.front();
}

}  // namespace

TokenUsage TokenUsage::normalized() const {
  TokenUsage out = *this;
  const int64_t cached = at_least_zero(cache_read) + at_least_zero(cache_write);
  if (input >= 0 && cached > input) out.input = input + cached;  // classes beside the total, as Anthropic counts
  if (reasoning > 0 && output >= 0) {
    const bool beside = reasoning > output || (total > 0 && input >= 0 && total == out.input + output + reasoning);
    if (beside) out.output = output + reasoning;
  }
  if (cache_write_1h > 0 && at_least_zero(cache_write) < cache_write_1h) out.cache_write = cache_write_1h;
  if (out.input < 0 && cached > 0) out.input = cached;
  return out;
}

std::optional<int64_t> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int fields[3] = {0, 0, 0};
  for (size_t i = 0, field = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7) {
      ++field;
    } else if (text[i] < '0' || text[i] > '9') {
      return std::nullopt;
    } else {
      fields[field] = fields[field] * 10 + (text[i] - '0');
    }
  }
  const std::chrono::year_month_day day{std::chrono::year(fields[0]),
                                        std::chrono::month(static_cast<unsigned>(fields[1])),
                                        std::chrono::day(static_cast<unsigned>(fields[2]))};
  if (!day.ok()) return std::nullopt;
  return std::chrono::sys_days(day).time_since_epoch().count();
}

void PriceTable::Impl::index() {
  provider_of.clear();
  by_name.clear();
  for (const PricedProvider& provider : providers) {
    provider_of.try_emplace(provider.id, provider.id);
    for (const std::string& alias : provider.aliases) provider_of.try_emplace(alias, provider.id);
  }
  const auto name = [&](std::string_view provider, std::string_view model, size_t at) {
    std::string key(provider);
    by_name.try_emplace(key.append("\n").append(model), at);
    by_name.try_emplace("\n" + std::string(model), at);
  };
  // Ids first, then what else a row lists, then ids without their versions: the more exact wins.
  for (size_t i = 0; i < models.size(); ++i) name(models[i].provider, models[i].model, i);
  for (size_t i = 0; i < models.size(); ++i) {
    provider_of.try_emplace(models[i].provider, models[i].provider);
    for (const std::string& match : models[i].match) {
      if (match.find('*') == std::string::npos) name(models[i].provider, match, i);
    }
  }
  for (size_t i = 0; i < models.size(); ++i) {
    for (std::string_view id = models[i].model, shorter; (shorter = without_version(id)) != id; id = shorter) {
      name(models[i].provider, shorter, i);
    }
  }
}

std::string PriceTable::Impl::provider(std::string_view name) const {
  const auto found = provider_of.find(lower_name(name));
  return found == provider_of.end() ? std::string() : found->second;
}

// By name, without its versions one after the other, then by pattern (the longest).
const PricedModel* PriceTable::Impl::find_exact(const std::string& provider, std::string_view model) const {
  for (const std::string& spelling : region_spellings(model)) {
    for (std::string_view id = spelling;;) {
      std::string key = provider + "\n";
      if (const auto found = by_name.find(key.append(id)); found != by_name.end()) return &models[found->second];
      const std::string_view shorter = without_version(id);
      if (shorter == id) break;
      id = shorter;
    }
  }
  const PricedModel* best = nullptr;
  size_t best_size = 0;
  for (const PricedModel& row : models) {
    if (!provider.empty() && row.provider != provider) continue;
    for (const std::string& pattern : row.match) {
      if (pattern.find('*') == std::string::npos || pattern.size() <= best_size) continue;
      if (!matches_pattern(model, pattern)) continue;
      best = &row;
      best_size = pattern.size();
    }
  }
  return best;
}

const PricedModel* PriceTable::Impl::find(std::string_view provider_name, std::string_view model_name) const {
  if (provider_name.size() + model_name.size() > kRememberedNameBytesMax) return look_up(provider_name, model_name);
  std::string key = std::to_string(provider_name.size()) + ' ';
  key.append(provider_name).append(model_name);
  base::MutexLock lock(mutex);
  if (const auto known = remembered.find(key); known != remembered.end()) return known->second;
  if (remembered.size() >= kRememberedMax) remembered.clear();
  return remembered[std::move(key)] = look_up(provider_name, model_name);
}

const PricedModel* PriceTable::Impl::look_up(std::string_view provider_name, std::string_view model_name) const {
  const std::string lower = lower_name(model_name);
  const std::string_view model = without_path(lower);
  if (model.empty()) return nullptr;
  const std::string given = provider(provider_name);
  if (!given.empty()) {
    if (const PricedModel* row = find_exact(given, model)) return row;
  }
  // "openai/gpt-4o": a router's spelling says the provider itself.
  if (const size_t slash = model.find('/'); slash != std::string_view::npos && slash > 0) {
    const std::string_view rest = model.substr(slash + 1);
    const std::string routed = provider(model.substr(0, slash));
    if (const PricedModel* row = find_exact(routed, rest)) return row;
  }
  // A client of one provider is often pointed at another one that speaks its protocol.
  return find_exact({}, model);
}

Result<Cost> PriceTable::cost(std::string_view provider, std::string_view model, const TokenUsage& reported,
                              int64_t time_s) const {
  const PricedModel* row = impl_->find(provider, model);
  if (row == nullptr) {
    return Error(ErrorCode::kNotFound,
                 "no price for model \"" + std::string(model) + "\" of provider \"" + std::string(provider) + "\"");
  }
  const TokenUsage usage = reported.normalized();
  const PriceEntry& entry = entry_at(*row, time_s);
  const int64_t input = at_least_zero(usage.input);
  const int64_t output = at_least_zero(usage.output);
  const PriceRates rates = rates_for(entry, input);
  const double output_rate = rates.output;
  // Embeddings list no output price and have no output.
  if ((input > 0 && rates.input < 0) || (output > 0 && output_rate < 0)) {
    return Error(ErrorCode::kNotFound, row->provider + "/" + row->model + " has no price for what was used");
  }
  const int64_t read = at_least_zero(usage.cache_read);
  const int64_t write_1h = at_least_zero(usage.cache_write_1h);
  const int64_t write = at_least_zero(usage.cache_write) - write_1h;
  const int64_t plain = input - read - write - write_1h;
  const int64_t reasoning = std::min(at_least_zero(usage.reasoning), output);
  const double write_rate = rate_or(rates.cache_write, rates.input);
  Cost cost;
  if (input > 0) {
    cost.input_usd = (static_cast<double>(plain) * rates.input +
                      static_cast<double>(read) * rate_or(rates.cached_input, rates.input) +
                      static_cast<double>(write) * write_rate +
                      static_cast<double>(write_1h) * rate_or(rates.cache_write_1h, write_rate)) *
                     kPerMillion;
  }
  if (output > 0) {
    cost.output_usd = (static_cast<double>(output - reasoning) * output_rate +
                       static_cast<double>(reasoning) * rate_or(rates.reasoning_output, output_rate)) *
                      kPerMillion;
  }
  cost.row = row->provider + "/" + row->model;
  if (entry.above_tokens >= 0 && input > entry.above_tokens) cost.row += " >" + std::to_string(entry.above_tokens);
  if (!entry.from.empty()) cost.row += " from " + entry.from;
  if (!entry.hours.empty()) cost.row += " at " + entry.hours;
  return cost;
}

std::shared_ptr<const PriceTable> PriceTable::with(const PriceTable& over) const {
  auto merged = std::make_shared<Impl>();
  merged->as_of = over.impl_->models.empty() ? impl_->as_of : over.impl_->as_of;
  if (merged->as_of.empty()) merged->as_of = impl_->as_of;
  for (const Impl* table : {over.impl_.get(), impl_.get()}) {
    merged->providers.insert(merged->providers.end(), table->providers.begin(), table->providers.end());
    merged->models.insert(merged->models.end(), table->models.begin(), table->models.end());
  }
  merged->index();
  return std::make_shared<const PriceTable>(std::move(merged));
}

size_t PriceTable::models() const { return impl_->models.size(); }
const std::string& PriceTable::as_of() const { return impl_->as_of; }

}  // namespace godseye::pipeline
