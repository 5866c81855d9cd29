#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/base/result.h>
#include <godseye/signal/span.h>

// What language model calls cost. The table ships as data (`datadog/prices.json`, format in docs/formats/prices.md):
// USD per million tokens, per provider and model, with start dates, tiers by the size of the request, cached reads,
// cache writes of both lifetimes and reasoning. `PriceTable` is a table that was loaded; `PriceBook` is the shipped one
// with what was laid over it (a file, the API).
//
// A token is charged once: `input_tokens` are all input tokens, cached ones included, and `output_tokens` all output
// tokens, reasoning included; each class is charged at its own price and the rest at the plain one. A class without a
// price of its own costs the plain price. A model that no row matches has no price: the cost stays kNoScore and `price`
// says "unknown"; it is never zero.
//
// Threads: a PriceTable is immutable. PriceBook: every function from any thread.
namespace godseye::pipeline {

inline constexpr size_t kPriceFileBytesMax = 4u << 20;
inline constexpr size_t kPriceModelsMax = 10'000;

// USD per million tokens; kNoScore: not listed (the plain price holds; without a plain price the class is unknown).
struct PriceRates {
  double input = signal::kNoScore;
  double cached_input = signal::kNoScore;
  double cache_write = signal::kNoScore;     // the shorter life
  double cache_write_1h = signal::kNoScore;  // the longer one
  double output = signal::kNoScore;
  double reasoning_output = signal::kNoScore;
};

// Token counts of one call. kNoTokens: not reported.
struct TokenUsage {
  int64_t input = signal::kNoTokens;
  int64_t output = signal::kNoTokens;
  int64_t total = signal::kNoTokens;
  int64_t cache_read = signal::kNoTokens;
  int64_t cache_write = signal::kNoTokens;
  int64_t cache_write_1h = signal::kNoTokens;
  int64_t reasoning = signal::kNoTokens;

  // The same with `input` and `output` as totals. Clients that report classes beside instead of inside the totals are
  // recognised: more cached than input tokens, more reasoning than output tokens, or a total that only adds up so.
  TokenUsage normalized() const;
  bool any() const { return input > 0 || output > 0; }
};

struct Cost {
  double input_usd = 0;
  double output_usd = 0;
  double total_usd() const { return input_usd + output_usd; }
  std::string row;  // "openai/gpt-4o", "google/gemini-2.5-pro >200000 from 2025-06-17"
};

class PriceTable {
 public:
  // kInvalidArgument names what is wrong and where: "prices.json: models[3].prices[0].input: expected a number ≥ 0".
  static base::Result<std::shared_ptr<const PriceTable>> parse(std::string_view json);

  // Model and provider as clients report them: case, `models/` and region prefixes, date and version suffixes do not
  // matter; an unknown provider leaves the choice to the model's name. `time_s`: of the request. kNotFound: no row, or
  // none that prices what was used.
  base::Result<Cost> cost(std::string_view provider, std::string_view model, const TokenUsage& usage,
                          int64_t time_s) const;

  // This table with the rows of `over` in front: a model that is in both costs what `over` says.
  std::shared_ptr<const PriceTable> with(const PriceTable& over) const;
  size_t models() const;
  const std::string& as_of() const;  // "2026-11-21": when the list was taken
  std::string json() const;          // as parse() takes it

  struct Impl;
  explicit PriceTable(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

// The table of the moment.
class PriceBook {
 public:
  // The list that ships inside the program.
  static base::Result<std::unique_ptr<PriceBook>> shipped();
  explicit PriceBook(std::shared_ptr<const PriceTable> base);

  std::shared_ptr<const PriceTable> now() const;
  // Lays `json` over the shipped list. Spans that arrive later are priced by it; stored ones keep their cost.
  base::Status set_file(std::string_view json);      // --prices
  base::Status set_override(std::string_view json);  // the API; above the file. "" or {"models":[]}: none
  std::string override_json() const;

 private:
  void rebuild() GE_REQUIRES(mutex_);

  mutable base::Mutex mutex_;
  const std::shared_ptr<const PriceTable> base_;
  std::shared_ptr<const PriceTable> file_ GE_GUARDED_BY(mutex_);
  std::shared_ptr<const PriceTable> override_ GE_GUARDED_BY(mutex_);
  std::shared_ptr<const PriceTable> now_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::pipeline
