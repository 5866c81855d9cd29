#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <godseye/pipeline/prices.h>

// Any bytes are a table or an error; a table that was read writes itself in a form that reads the same; a cost is
// finite and never negative, whatever the model and the counts. The first line of the input names provider, model and
// tokens, the rest is the table.
namespace {

using namespace godseye::pipeline;

void check_costs(const PriceTable& table, std::string_view line) {
  const size_t space = line.find(' ');
  const std::string_view provider = line.substr(0, space);
  const std::string_view model = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
  int64_t seed = 1;
  for (const char c : line) seed = (seed * 31 + c) % 1'000'000;
  const TokenUsage usage{.input = seed * 3 - 50,
                         .output = seed - 7,
                         .total = seed * 4,
                         .cache_read = seed % 977 - 1,
                         .cache_write = seed % 13'007 - 1,
                         .cache_write_1h = seed % 501 - 1,
                         .reasoning = seed % 2'003 - 1};
  for (const int64_t time_s : {int64_t{0}, int64_t{1'795'000'000}, seed * 1'000'000, -seed}) {
    const auto cost = table.cost(provider, model, usage, time_s);
    if (cost && !(std::isfinite(cost->total_usd()) && cost->input_usd >= 0 && cost->output_usd >= 0)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(input.find('\n'), input.size());
  const std::string_view rest = input.substr(std::min(line + 1, input.size()));
  static const auto shipped = [] { return (*PriceBook::shipped())->now(); }();
  check_costs(*shipped, input.substr(0, line));
  const auto table = PriceTable::parse(rest);
  if (!table) {
    if (table.error().message().empty()) std::abort();
    return 0;
  }
  check_costs(**table, input.substr(0, line));
  const auto again = PriceTable::parse((*table)->json());
  if (!again || (*again)->json() != (*table)->json()) std::abort();
  return 0;
}
