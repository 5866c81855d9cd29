#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/pipeline/prices.h>

// The inside of PriceTable.
namespace godseye::pipeline {

// One price of one model.
struct PriceEntry {
  PriceRates rates;
  std::string from;          // "2026-01-01"; empty: always
  int64_t from_s = 0;        // its midnight UTC, Unix time
  std::string hours;         // "00:30-16:30" UTC, may wrap midnight; empty: all day
  int32_t hours_begin = -1;  // minutes of the day
  int32_t hours_end = -1;
  int64_t above_tokens = -1;  // requests with more input tokens cost `above`; -1: no tier
  PriceRates above;
};

struct PricedModel {
  std::string provider;
  std::string model;
  std::vector<std::string> match;
  std::vector<PriceEntry> prices;  // the last one that holds is the price
};

struct PricedProvider {
  std::string id;
  std::vector<std::string> aliases;
};

struct PriceTable::Impl {
  std::string as_of;
  std::vector<PricedProvider> providers;
  std::vector<PricedModel> models;

  // Built by index().
  std::unordered_map<std::string, std::string> provider_of;  // alias and id → id
  // "provider\nname" and "\nname" (any provider; the first listed) → model
  std::unordered_map<std::string, size_t> by_name;

  void index();
  std::string provider(std::string_view name) const;  // empty: unknown
  // Remembers what it found (nothing, too): a service asks for few models, many times.
  const PricedModel* find(std::string_view provider, std::string_view model) const GE_EXCLUDES(mutex);

  static constexpr size_t kRememberedMax = 1024;          // names; then it begins anew
  static constexpr size_t kRememberedNameBytesMax = 256;  // longer ones are looked up each time
  mutable base::Mutex mutex;
  mutable std::unordered_map<std::string, const PricedModel*> remembered GE_GUARDED_BY(mutex);

 private:
  const PricedModel* look_up(std::string_view provider, std::string_view model) const;
  const PricedModel* find_exact(const std::string& provider, std::string_view model) const;
};

// Days since the epoch of a "YYYY-MM-DD"; nothing when it is none.
std::optional<int64_t> parse_day(std::string_view text);

}  // namespace godseye::pipeline
