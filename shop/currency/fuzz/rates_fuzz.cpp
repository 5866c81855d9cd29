// Whatever the text: a table or an error, and conversions within a table end in money that is good.
#include "rates.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vcommerce;
  const auto table = currency::RateTable::parse({reinterpret_cast<const char*>(data), size}, "EUR");
  if (!table) return 0;
  for (const auto& [code, rate] : table->rates()) {
    for (const int64_t units : {int64_t{0}, int64_t{1}, int64_t{-7}, runtime::kUnitsMax}) {
      const auto there = table->convert({code, units, 0}, "EUR");
      if (there && !runtime::checked(*there)) std::abort();
      const auto back = table->convert({"EUR", units, 0}, code);
      if (back && !runtime::checked(*back)) std::abort();
    }
  }
  return 0;
}
